"""Minutes are told one after the other; a hole is waited for, but not for ever."""

from datetime import timedelta

import pytest

from common.domain import Timeframe
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from fetcher.handlers.minutes import _without_hole
from tests.unit.fetcher.frames import candles, open_times
from tests.unit.fetcher.harness import CLOSE

M1 = Timeframe.M1


@pytest.mark.parametrize(
    ("told", "late", "kept"),
    [
        ((5, 4, 3, 2, 1), 0, [5, 4, 3, 2, 1]),
        ((5, 4, 2, 1), 0, [5, 4]),
        ((4, 3), 0, []),
        ((5, 4, 2, 1), 30, [5, 4, 2, 1]),
        ((), 0, []),
    ],
)
def test_minutes_end_at_a_hole_that_may_still_be_filled(
    told: tuple[int, ...], late: int, kept: list[int]
) -> None:
    end = milliseconds(CLOSE)
    span = Span(end - 5 * M1.milliseconds, end)

    whole = _without_hole(candles(M1, CLOSE, *told), span, CLOSE + timedelta(minutes=late))

    assert open_times(whole, M1, CLOSE) == kept
