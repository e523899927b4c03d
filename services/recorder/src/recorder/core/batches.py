"""A batch of facts as the database takes it: blocks of candles and rows for the other tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.domain import Bar, CandleSet, Fact
from recorder.core.candles import CandleBlock, blocks_of
from recorder.core.records import Record, newest, record_of


@dataclass(frozen=True)
class Batch:
    """What one transaction writes."""

    candles: tuple[CandleBlock, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def repeats_candles(self) -> bool:
        """Whether two blocks tell the same series, so that a candle may be in it twice."""
        return len({block.series for block in self.candles}) < len(self.candles)


def batch_of(facts: Sequence[Fact]) -> Batch:
    """Gather facts into what one transaction writes, each key once."""
    candles: list[CandleBlock] = []
    records: list[Record] = []
    for fact in facts:
        if isinstance(fact, CandleSet | Bar):
            candles += blocks_of(fact)
        else:
            records.append(record_of(fact))
    return Batch(tuple(candles), tuple(newest(records)))
