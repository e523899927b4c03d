from datetime import UTC, datetime, timedelta

import polars as pl

from common.domain import Timeframe
from fetcher.core.parsing import NO_CANDLES
from fetcher.core.sending import Sent, new_since
from tests.unit.fetcher.frames import candles

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
NEXT = CLOSE + timedelta(hours=2)
H1 = Timeframe.H1


def sent(frame: pl.DataFrame, as_of: datetime = CLOSE, new: datetime | None = None) -> Sent:
    return Sent(as_of=as_of, scan_id="", new_since={H1: new}, frames={H1: frame}, barometer=None)


def ago(hours: int) -> datetime:
    return CLOSE - timedelta(hours=hours)


def test_the_first_time_every_row_is_new() -> None:
    assert new_since(None, {H1: candles(H1, CLOSE, 3, 2, 1)}, CLOSE) == {H1: ago(3)}


def test_afterwards_only_what_was_not_sent_is_new() -> None:
    before = sent(candles(H1, CLOSE, 3, 2, 1))
    now = candles(H1, NEXT, 4, 3, 2, 1)

    assert new_since(before, {H1: now}, NEXT) == {H1: ago(0)}


def test_nothing_new_is_null() -> None:
    before = sent(candles(H1, CLOSE, 3, 2, 1))

    assert new_since(before, {H1: candles(H1, CLOSE, 2, 1)}, NEXT) == {H1: None}


def test_a_healed_gap_is_new_from_its_first_candle_on() -> None:
    before = sent(candles(H1, CLOSE, 5, 4, 1))

    assert new_since(before, {H1: candles(H1, CLOSE, 5, 4, 3, 2, 1)}, NEXT) == {H1: ago(3)}


def test_the_same_close_again_is_told_in_the_same_words() -> None:
    frame = candles(H1, CLOSE, 3, 2, 1)
    before = sent(frame, new=ago(2))

    assert new_since(before, {H1: frame}, CLOSE) == {H1: ago(2)}


def test_an_empty_window_has_nothing_new() -> None:
    assert new_since(None, {H1: NO_CANDLES}, CLOSE) == {H1: None}
