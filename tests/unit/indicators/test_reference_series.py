"""Every reference series that belongs to one of our columns, to the tolerance of its manifest."""

from pathlib import Path

import numpy as np
import pytest

from indicators.core.compiled import Array
from indicators.core.geometry import geometry
from indicators.core.momentum import macd, rsi, stochastic_rsi
from indicators.core.patterns.scan import PATTERNS, scan_patterns
from indicators.core.smoothing import ema, rma, sma
from indicators.core.trend import directional_movement, supertrend
from indicators.core.volatility import average_true_range, bollinger, true_range
from indicators.core.volume import on_balance_volume
from tests.unit.indicators.reference import Reference, manifest

pytestmark = pytest.mark.real

_NOISE = 1e-9
"""Rounding of differences between prices: what a value that passes through 0 may be off by."""


def test_moving_averages_equal_tradingviews() -> None:
    series = Reference("tv_ma.csv")
    open_, high, low, close = series.quotes("open", "high", "low", "close")

    series.agrees(sma(close, 10)[0], "ta.sma(close, 10)")
    series.agrees(sma((high + low) / 2, 20)[0], "ta.sma(hl2, 20)")
    series.agrees(sma((high + low + close) / 3, 15)[0], "ta.sma(hlc3, 15)")
    series.agrees(ema(close, 20)[0], "ta.ema(close, 20)")
    series.agrees(ema((open_ + high + low + close) / 4, 10)[0], "ta.ema(ohlc4, 10)")
    series.agrees(rma((high + low + 2 * close) / 4, 5)[0], "ta.rma(hlcc4, 5)")
    series.agrees(rma(high, 15)[0], "ta.rma(high, 15)")


def test_macd_equals_tradingviews() -> None:
    series = Reference("tv_macd.csv")
    (close,) = series.quotes("close")
    line, signal, histogram = macd(close, 12, 26, 9)

    series.agrees(line, "ta.macd(close, 12, 26, 9).macd", smallest=_NOISE * 1e-3)
    series.agrees(signal, "ta.macd(close, 12, 26, 9).signal", smallest=_NOISE * 1e-3)
    series.agrees(histogram, "ta.macd(close, 12, 26, 9).hist", smallest=_NOISE * 1e-3)


def test_rsi_equals_tradingviews() -> None:
    series = Reference("tv_mfi_rsi_stoch.csv")
    (close,) = series.quotes("close")

    series.agrees(rsi(close, 14)[0], "ta.rsi(close, 14)")


def test_true_range_and_atr_equal_tradingviews() -> None:
    series = Reference("tv_tr.csv")
    high, low, close = series.quotes("high", "low", "close")
    ranges = true_range(high, low, close)[0]

    series.agrees(ranges, "ta.tr(true)")
    series.agrees(average_true_range(ranges, close, 14)[0], "ta.atr(14)")


def test_directional_movement_equals_tradingviews() -> None:
    series = Reference("tv_dmi.csv")
    high, low, close = series.quotes("high", "low", "close")
    adx, plus, minus = directional_movement(high, low, true_range(high, low, close)[0], 17, 14)

    series.agrees(plus, "ta.dmi(17, 14).dip")
    series.agrees(minus, "ta.dmi(17, 14).dim")
    series.agrees(adx, "ta.dmi(17, 14).adx")


def test_on_balance_volume_equals_tradingviews() -> None:
    series = Reference("tv_iii_nvi_obv.csv")
    close, volume = series.quotes("close", "volume")

    series.agrees(on_balance_volume(close, volume)[0], "ta.obv")


def test_bollinger_bands_equal_tradingviews() -> None:
    series = Reference("tv_bb.csv")
    (close,) = series.quotes("close")
    upper, middle, lower, _, _ = bollinger(close, 20, 2.0, 199, 60, 0)
    width = bollinger(close, 20, 2.1, 199, 60, 0)[3]

    series.agrees(middle, "ta.bb(close, 20, 2).base")
    series.agrees(upper, "ta.bb(close, 20, 2).upper")
    series.agrees(lower, "ta.bb(close, 20, 2).lower")
    series.agrees(100 * width, "ta.bbw(close, 20, 2.1)")


def test_supertrend_equals_tradingviews() -> None:
    series = Reference("tv_supertrend.csv")
    high, low, close = series.quotes("high", "low", "close")
    band, direction = supertrend(high, low, close, true_range(high, low, close)[0], 10, 3.0)

    # the export plots 0 on the chart's first bar, before there is an ATR
    rising = np.where(direction > 0, band, np.nan)
    falling = np.where(direction < 0, band, np.nan)
    series.agrees(rising, "ta.supertrend(3, 10).up", start=1)
    series.agrees(falling, "ta.supertrend(3, 10).down", start=1)


def test_ema_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_ema20.csv")
    open_, close = series.quotes("open", "close")

    series.agrees(ema(close, 20)[0], "ema")
    series.agrees(ema(open_, 20)[0], "ema_open")


def test_macd_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_macd.csv")
    (close,) = series.quotes("close")
    line, signal, histogram = macd(close, 12, 26, 9)

    series.agrees(ema(close, 12)[0], "ema12")
    series.agrees(ema(close, 26)[0], "ema26")
    series.agrees(line, "macd", smallest=_NOISE)
    series.agrees(signal, "signal", smallest=_NOISE)
    series.agrees(histogram, "hist", smallest=_NOISE)


def test_rsi_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_rsi14.csv")
    (close,) = series.quotes("close")

    series.agrees(rsi(close, 14)[0], "rsi")


def test_stochastic_rsi_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_stochrsi_14_14_3_3.csv")
    (close,) = series.quotes("close")
    strength = rsi(close, 14)[0]
    k, d = stochastic_rsi(strength, 14, 3, 3, 0)

    series.agrees(strength, "rsi")
    series.agrees(stochastic_rsi(strength, 14, 1, 1, 0)[0], "rawk", smallest=_NOISE)
    series.agrees(k, "k", smallest=_NOISE)
    series.agrees(d, "d", smallest=_NOISE)


def test_atr_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_atr14.csv")
    high, low, close = series.quotes("high", "low", "close")
    ranges = _without_first(true_range(high, low, close)[0])
    atr, percent = average_true_range(ranges, close, 14)

    series.agrees(ranges, "tr")
    series.agrees(atr, "atr")
    series.agrees(percent, "atrp")


def test_directional_movement_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_adx14.csv")
    high, low, close = series.quotes("high", "low", "close")
    adx, plus, minus = directional_movement(high, low, true_range(high, low, close)[0], 14, 14)

    series.agrees(plus, "pdi")
    series.agrees(minus, "mdi")
    series.agrees(adx, "adx")


def test_on_balance_volume_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_obv.csv")
    close, volume = series.quotes("close", "volume")

    # the spreadsheet writes 0 where TradingView and we have no value yet
    series.agrees(on_balance_volume(close, volume)[0], "obv", start=1)


def test_bollinger_bands_equal_the_spreadsheets() -> None:
    series = Reference("si_xlsx_bb20.csv")
    (close,) = series.quotes("close")
    upper, middle, lower, width, _ = bollinger(close, 20, 2.0, 199, 60, 0)

    series.agrees(middle, "sma")
    series.agrees(upper, "upper")
    series.agrees(lower, "lower")
    series.agrees(width, "width")
    series.agrees((upper - middle) / 2, "stdev")


def test_supertrend_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_supertrend_14_3.csv")
    high, low, close = series.quotes("high", "low", "close")
    ranges = _without_first(true_range(high, low, close)[0])
    band, direction = supertrend(high, low, close, ranges, 14, 3.0)

    # the spreadsheet's first direction is up, TradingView's and ours is down: equal once we flip
    agreed = int(np.argmax(direction > 0))
    assert agreed < 100
    series.agrees(band, "supertrend", start=agreed)
    series.agrees(np.where(direction > 0, band, np.nan), "lower", start=agreed)
    series.agrees(np.where(direction < 0, band, np.nan), "upper", start=agreed)


def test_supertrend_of_bitcoin_equals_the_spreadsheets() -> None:
    series = Reference("si_xlsx_supertrend_btc_10_3.csv")
    high, low, close = series.quotes("high", "low", "close")
    ranges = _without_first(true_range(high, low, close)[0])
    band, direction = supertrend(high, low, close, ranges, 10, 3.0)

    series.agrees(ranges, "tr")
    series.agrees(band, "supertrend")
    series.agrees(np.where(direction > 0, band, np.nan), "lower")
    series.agrees(np.where(direction < 0, band, np.nan), "upper")


def test_marubozu_is_found_where_the_spreadsheet_finds_it() -> None:
    series = Reference("si_xlsx_marubozu95.csv")
    open_, high, low, close = series.quotes("open", "high", "low", "close")
    ranges = true_range(high, low, close)[0]
    atr = average_true_range(ranges, close, 14)[0]
    found = scan_patterns(open_, high, low, close, atr, ema(close, 21)[0], 0)
    marubozu = found[[pattern.name for pattern in PATTERNS].index("marubozu")]
    expected = np.nan_to_num(series.expected("signal")) / 100

    np.testing.assert_array_equal(np.sign(marubozu[14:]), expected[14:])
    assert np.abs(expected[14:]).sum() == 6


def test_the_share_of_the_body_equals_the_spreadsheets() -> None:
    # our doji is a body of at most 5 % of the range, theirs a change of at most 0.1 % of the open:
    # what both measure is the same, where the line is drawn is not
    for file in ("si_xlsx_doji.csv", "si_xlsx_marubozu95.csv"):
        series = Reference(file)
        open_, high, low, close = series.quotes("open", "high", "low", "close")
        body, _, _, whole = geometry(open_, high, low, close, np.ones(close.size), 0)

        series.agrees(body / whole, "bodyPct")


def test_every_reference_series_is_used() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    unused = [
        entry["file"]
        for entry in manifest()
        if entry["kind"].startswith("expected") and f'"{entry["file"]}"' not in text
    ]

    assert not unused


def _without_first(ranges: Array) -> Array:
    """The spreadsheets know no true range on the first bar."""
    shortened = ranges.copy()
    shortened[0] = np.nan
    return shortened
