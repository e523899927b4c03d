"""Hand-made indicator frames: a plain uptrend in which every value can be changed by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from common.domain import SCANNED, IndicatorFrame, Quality, Timeframe
from common.settings import SettingsSource
from indicators.core.catalogue import WARM_UP
from signals.core.rules import SignalRules
from signals.settings import SignalsSettings
from tests.support.facts import AS_OF, VENUE, derivatives, instrument, scan_of

CONFIG: Final = Path(__file__).parents[3] / "config" / "scanner.toml"
ROWS: Final = 64
ENOUGH_BARS: Final = {Timeframe.D1: 200, Timeframe.H4: 600, Timeframe.H1: 1000}

Value = float | None
Changes = Mapping[str, Value | Sequence[Value]]

UPTREND: Final[dict[str, float]] = {
    "open": 100.4,
    "high": 101.5,
    "low": 100.0,
    "close": 101.0,
    "volume": 1000.0,
    "ema_9": 101.0,
    "ema_21": 100.0,
    "ema_50": 98.0,
    "ema_200": 92.0,
    "macd": 1.5,
    "macd_histogram": 0.3,
    "rsi": 65.0,
    "stoch_rsi_k": 70.0,
    "stoch_rsi_d": 60.0,
    "obv": 5000.0,
    "obv_ema_21": 1000.0,
    "volume_sma_20": 1000.0,
    "relative_volume": 1.0,
    "supertrend_direction": 1.0,
    "adx": 30.0,
    "plus_di": 30.0,
    "minus_di": 10.0,
    "bollinger_width_percentile": 50.0,
    "atr_percentile": 50.0,
    "true_range": 1.5,
    "atr": 2.0,
    "ha_streak": 1.0,
    "last_swing_high": 103.0,
    "prior_swing_high": 102.0,
    "last_swing_low": 98.0,
    "prior_swing_low": 97.0,
    "body_atr": 0.3,
    "upper_wick_atr": 0.25,
    "lower_wick_atr": 0.2,
    "range_atr": 0.75,
}


def load_rules() -> SignalRules:
    return SettingsSource.load({"SCANNER_CONFIG": str(CONFIG)}).read(SignalsSettings).rules


def rows(timeframe: Timeframe, changes: Changes | None = None, height: int = ROWS) -> pl.DataFrame:
    """Rows that all say the same; a sequence replaces a column's last values."""
    step = timeframe.milliseconds
    end = int(timeframe.floor(AS_OF).timestamp() * 1000)
    columns: dict[str, list[Value]] = {
        name: [UPTREND.get(name, 0.0 if name.startswith("pattern_") else None)] * height
        for name in ("open", "high", "low", "close", "volume", *WARM_UP)
    }
    for name, change in (changes or {}).items():
        assert name in columns, name
        tail = list(change) if isinstance(change, Sequence) else [change] * height
        columns[name] = columns[name][: height - len(tail)] + tail
    times = [end - (height - row) * step for row in range(height)]
    return pl.DataFrame(
        {"open_time": times, **columns},
        schema={"open_time": pl.Int64, **dict.fromkeys(columns, pl.Float64)},
    )


def frame(
    *,
    d1: Changes | None = None,
    h4: Changes | None = None,
    h1: Changes | None = None,
    every: Changes | None = None,
    without: Sequence[Timeframe] = (),
    symbol: str = "SOLUSDT",
    **changes: Any,
) -> IndicatorFrame:
    """A frame of all timeframes, each with its own changes to the uptrend."""
    own = {Timeframe.D1: d1, Timeframe.H4: h4, Timeframe.H1: h1}
    fields: dict[str, Any] = {
        "venue": VENUE,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(),
        "as_of": AS_OF,
        "deadline": AS_OF.replace(minute=5),
        "instrument": instrument(symbol),
        "quality": Quality(score=1.0),
        "derivatives": derivatives(symbol),
        "bars": {one: ENOUGH_BARS[one] for one in SCANNED if one not in without},
        "frames": {
            one: rows(one, {**(every or {}), **(own[one] or {})})
            for one in SCANNED
            if one not in without
        },
    }
    return IndicatorFrame(**(fields | changes))


def downtrend() -> dict[str, float]:
    """The uptrend's values mirrored at 100."""
    mirrored = {
        name: 200.0 - UPTREND[name]
        for name in ("open", "close", "ema_9", "ema_21", "ema_50", "ema_200")
    }
    return mirrored | {
        "high": 200.0 - UPTREND["low"],
        "low": 200.0 - UPTREND["high"],
        "macd": -UPTREND["macd"],
        "macd_histogram": -UPTREND["macd_histogram"],
        "rsi": 100.0 - UPTREND["rsi"],
        "stoch_rsi_k": 100.0 - UPTREND["stoch_rsi_k"],
        "stoch_rsi_d": 100.0 - UPTREND["stoch_rsi_d"],
        "obv": -UPTREND["obv"],
        "obv_ema_21": -UPTREND["obv_ema_21"],
        "supertrend_direction": -1.0,
        "plus_di": UPTREND["minus_di"],
        "minus_di": UPTREND["plus_di"],
        "ha_streak": -UPTREND["ha_streak"],
        "last_swing_high": 200.0 - UPTREND["last_swing_low"],
        "prior_swing_high": 200.0 - UPTREND["prior_swing_low"],
        "last_swing_low": 200.0 - UPTREND["last_swing_high"],
        "prior_swing_low": 200.0 - UPTREND["prior_swing_high"],
        "upper_wick_atr": UPTREND["lower_wick_atr"],
        "lower_wick_atr": UPTREND["upper_wick_atr"],
    }
