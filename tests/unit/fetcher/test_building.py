from datetime import UTC, datetime, timedelta

import pytest

from common.domain import Timeframe
from fetcher.core.building import build, compares_at
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from tests.unit.fetcher.frames import candles

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
H4 = Timeframe.H4


def span(bars: int) -> Span:
    end = milliseconds(CLOSE)
    return Span(end - bars * H4.milliseconds, end)


def test_four_hours_make_a_candle() -> None:
    hours = candles(Timeframe.H1, CLOSE, *range(1, 9)).with_row_index()
    hours = hours.with_columns(
        open=hours["index"] + 100.0,
        high=hours["index"] + 103.0,
        low=hours["index"] + 98.0,
        close=hours["index"] + 101.0,
        volume=hours["index"] * 0.1 + 0.1,
    ).drop("index")

    built = build(hours, H4, span(2))

    assert built.drop("open_time").rows() == [
        (100.0, 106.0, 98.0, 104.0, 1.0),
        (104.0, 110.0, 102.0, 108.0, 2.6),  # added as floats it would be 2.5999999999999996
    ]
    assert built["open_time"].to_list() == list(range(span(2).start, span(2).end, H4.milliseconds))


@pytest.mark.parametrize(("missing", "built"), [(1, 1), (4, 1), (5, 0), (8, 0)])
def test_nothing_is_built_from_the_first_missing_hour_on(missing: int, built: int) -> None:
    hours = candles(Timeframe.H1, CLOSE, *(set(range(1, 9)) - {missing}))

    assert build(hours, H4, span(2)).height == built


def test_nothing_is_built_of_nothing() -> None:
    assert build(candles(Timeframe.H1, CLOSE), Timeframe.D1, span(0)).is_empty()


def test_each_contract_is_compared_at_one_close_a_day_and_none_at_midnight() -> None:
    midnight = CLOSE.replace(hour=0)
    closes = [midnight + timedelta(hours=4 * number) for number in range(6)]
    at = {
        symbol: [close.hour for close in closes if compares_at(symbol, close)]
        for symbol in (f"A{number}USDT" for number in range(500))
    }

    assert {len(hours) for hours in at.values()} == {1}
    counts = {close.hour: sum(hours == [close.hour] for hours in at.values()) for close in closes}
    assert counts[0] == 0
    assert max(counts.values()) < 140
