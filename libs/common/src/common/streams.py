"""The JetStream streams and buckets: what lives where, for how long, how full they may get."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from common.domain import (
    AnalystNote,
    Bar,
    CandleSet,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    IndicatorFrame,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
    WatchList,
)
from common.subjects import wildcard

DUPLICATE_WINDOW: Final = timedelta(minutes=10)
"""Longer than every consumer's ack wait times its deliveries."""

_GIB: Final = 1024**3
_MIB: Final = 1024**2


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One stream: a queue that refuses new messages when full, never one that drops old ones."""

    name: str
    facts: tuple[type[Fact], ...]
    max_age: timedelta
    max_bytes: int
    extra_subjects: tuple[str, ...] = ()
    """Subjects besides the facts': the broker's own advisories, a bucket's keys."""
    only_last: bool = False
    """Keeps one message a subject, the last: what NATS calls a key-value bucket."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subscriptions that make up the stream."""
        return tuple(wildcard(fact) for fact in self.facts) + self.extra_subjects


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Values that services share, each under its key and replaced by the next."""

    name: str
    max_age: timedelta
    max_bytes: int

    def subject(self, key: str) -> str:
        """Return where a key's values are told."""
        return f"$KV.{self.name}.{key}"

    @property
    def stream(self) -> Stream:
        """The stream that is the bucket."""
        return Stream(
            name=f"KV_{self.name}",
            facts=(),
            max_age=self.max_age,
            max_bytes=self.max_bytes,
            extra_subjects=(self.subject(">"),),
            only_last=True,
        )


# Longer than the longest ban a venue pronounces: three days.
BUDGETS: Final = Bucket(name="BUDGETS", max_age=timedelta(days=7), max_bytes=_MIB)
"""What each venue may still be asked by whoever shares an address."""

STREAMS: Final = (
    Stream(
        name="CANDLES",
        facts=(CandleSet,),
        max_age=timedelta(days=2),
        max_bytes=2 * _GIB,
    ),
    Stream(
        name="MARKET",
        facts=(Bar, Derivatives),
        max_age=timedelta(days=2),
        max_bytes=_GIB,
    ),
    Stream(
        name="FRAMES",
        facts=(IndicatorFrame,),
        max_age=timedelta(days=1),
        max_bytes=_GIB,
    ),
    Stream(
        name="SIGNALS",
        facts=(Signal,),
        max_age=timedelta(days=7),
        max_bytes=_GIB // 2,
    ),
    Stream(
        name="DECISIONS",
        facts=(TradePlan, Rejection),
        max_age=timedelta(days=30),
        max_bytes=_GIB,
    ),
    Stream(
        name="OUTCOMES",
        facts=(Outcome, WatchList, AnalystNote),
        max_age=timedelta(days=90),
        max_bytes=_GIB // 4,
    ),
    Stream(
        name="SCANS",
        facts=(ScanStarted, ScanCompleted, UniverseSnapshot, Delisting),
        max_age=timedelta(days=30),
        max_bytes=_GIB // 4,
    ),
    Stream(
        name="OPERATIONS",
        facts=(ResourceUsage, DeadLetter),
        max_age=timedelta(days=7),
        max_bytes=_GIB // 4,
    ),
    Stream(
        name="ADVISORIES",
        facts=(),
        max_age=timedelta(days=1),
        max_bytes=16 * _MIB,
        extra_subjects=("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",),
    ),
    BUDGETS.stream,
)


def stream_of(fact: type[Fact]) -> Stream:
    """Return the stream a durable fact lives on."""
    return next(stream for stream in STREAMS if fact in stream.facts)
