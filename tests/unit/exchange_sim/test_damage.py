from datetime import UTC, datetime

import numpy as np
import pytest

from exchange_sim.core.bars import Bars
from exchange_sim.core.damage import damage
from exchange_sim.core.fault import CANDLE_KINDS, Fault
from exchange_sim.core.timeframes import HOUR, TIMEFRAMES
from exchange_sim.handlers.view import MarketView
from tests.unit.exchange_sim.market import CLOSED_HOUR, NOW, small_market

FRAME = TIMEFRAMES["1h"]


def whole() -> Bars:
    return MarketView(small_market()).candles("SOLUSDT", FRAME, now=NOW, limit=11)


def spoiled(kind: str, **more: object) -> Bars:
    return damage(whole(), Fault.model_validate({"kind": kind, **more}), FRAME, now=NOW)


def hours(bars: Bars) -> list[int]:
    return [(time - CLOSED_HOUR) // HOUR for time in bars.open_time.tolist()]


def test_a_gap_a_duplicate_and_a_late_candle_are_rows_too_few_or_too_many() -> None:
    assert hours(spoiled("missing", rows=2)) == [-10, -9, -8, -7, -4, -3, -2, -1, 0]
    assert hours(spoiled("duplicated")) == [-10, -9, -8, -7, -6, -5, -5, -4, -3, -2, -1, 0]
    assert hours(spoiled("late")) == [-10, -9, -8, -7, -6, -5, -4, -3, -2, 0]
    assert hours(spoiled("unordered")) == [-10, -9, -8, -7, -5, -6, -4, -3, -2, -1, 0]


def test_a_shifted_candle_is_off_the_grid() -> None:
    off = spoiled("shifted").open_time % HOUR

    assert np.count_nonzero(off) == 1


def test_a_changed_past_is_a_possible_candle_that_is_another_one() -> None:
    at = datetime.fromtimestamp((CLOSED_HOUR - 3 * HOUR) / 1000, UTC)
    before, after = whole(), spoiled("changed_past", at=at)

    changed = np.flatnonzero(before.close != after.close)
    assert hours(after)[int(changed[0])] == -3
    assert len(changed) == 1
    assert (after.high >= after.close).all()


def test_an_inconsistent_candle_has_its_high_below_its_low() -> None:
    bars = spoiled("inconsistent")

    assert np.count_nonzero(bars.high < bars.low) == 1


def test_a_wick_stands_out_and_silence_has_no_volume() -> None:
    assert np.count_nonzero(spoiled("wick").high > whole().high * 1.3) == 1
    assert np.count_nonzero(spoiled("zero_volume", rows=4).volume == 0) == 4


@pytest.mark.parametrize("kind", sorted(CANDLE_KINDS))
def test_the_forming_candle_is_left_as_it_is(kind: str) -> None:
    bars = spoiled(kind, rows=50)

    assert [int(column[-1]) for column in bars.columns()] == [
        int(column[-1]) for column in whole().columns()
    ]


@pytest.mark.parametrize("kind", sorted(CANDLE_KINDS))
def test_every_damage_shows(kind: str) -> None:
    before, after = whole(), spoiled(kind)

    assert [column.tolist() for column in after.columns()] != [
        column.tolist() for column in before.columns()
    ]
