from exchange_sim.core.closings import MOST, closings
from exchange_sim.core.timeframes import HOUR, MINUTE, TIMEFRAMES
from tests.unit.exchange_sim.market import CLOSED_HOUR, at

FRAME = TIMEFRAMES["1h"]


def test_a_candle_closes_when_its_boundary_is_reached_and_only_once() -> None:
    assert closings(FRAME, CLOSED_HOUR - 1, CLOSED_HOUR) == [CLOSED_HOUR - HOUR]
    assert closings(FRAME, CLOSED_HOUR, CLOSED_HOUR + HOUR - 1) == []
    assert closings(FRAME, CLOSED_HOUR - HOUR, CLOSED_HOUR + HOUR) == [
        CLOSED_HOUR - HOUR,
        CLOSED_HOUR,
    ]


def test_a_long_jump_keeps_the_newest_closes() -> None:
    opened = closings(TIMEFRAMES["1m"], CLOSED_HOUR - 10 * HOUR, CLOSED_HOUR)

    assert len(opened) == MOST
    assert opened[-1] == CLOSED_HOUR - MINUTE


def test_weeks_close_on_monday_and_months_on_the_first() -> None:
    before, after = at("2026-02-28T12:00:00"), at("2026-03-02T12:00:00")

    assert closings(TIMEFRAMES["1w"], before, after) == [at("2026-02-23T00:00:00")]
    assert closings(TIMEFRAMES["1M"], before, after) == [at("2026-02-01T00:00:00")]
