"""What is answered: the facts themselves, in an envelope that says whether they were simulated."""

from typing import Generic, TypeVar

from common.domain import (
    AnalystNote,
    Delisting,
    Derivatives,
    Model,
    Outcome,
    Rejection,
    ScanCompleted,
    ScanId,
    ScanKind,
    ScanStarted,
    Signal,
    Source,
    Symbol,
    Timeframe,
    TradePlan,
    UniverseSnapshot,
    Utc,
    Venue,
)

Item = TypeVar("Item")


class Answer(Model):
    """Anything that is answered."""

    simulated: bool | None
    """True when anything in it comes from a simulated venue: nothing was ever traded.

    Null when nothing is recorded from which it could be known.
    """


class Page(Answer, Generic[Item]):
    """Some items, and where the next ones begin."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
    """Pass it as `cursor` with the same filters; null on the last page."""


class ScanView(Model):
    """A scan: how it began and, once every contract is accounted for, how it ended."""

    scan_id: ScanId
    venue: Venue
    simulated: bool
    kind: ScanKind
    as_of: Utc
    started: ScanStarted | None
    completed: ScanCompleted | None


class ScanDetail(Answer):
    """One scan."""

    scan: ScanView


class ScanRequested(Answer):
    """The scan that answers a request."""

    scan_id: ScanId
    reused: bool
    """True when the scan existed before the request."""


class Candle(Model):
    """One closed candle."""

    open_time: Utc
    open: float
    high: float
    low: float
    close: float
    volume: float
    source: Source


class Candles(Model):
    """Closed candles of one timeframe, oldest first."""

    timeframe: Timeframe
    items: tuple[Candle, ...]


class SymbolDetail(Answer):
    """The newest of everything that is known about one contract."""

    venue: Venue
    symbol: Symbol
    signal: Signal | None
    decision: TradePlan | Rejection | None
    trace_id: str | None
    """The trace of that decision's way through the services, as Jaeger spells it."""
    derivatives: Derivatives | None
    delisting: Delisting | None
    """The venue has announced the contract's end."""
    open_plan: TradePlan | None
    """The newest plan that has not ended."""
    note: AnalystNote | None
    """The newest analyst's note."""
    outcomes: tuple[Outcome, ...]
    """Newest first."""
    candles: Candles | None = None


class UniverseDay(Answer):
    """What a venue listed on one UTC day, what of it was scanned, and why the rest was not."""

    universe: UniverseSnapshot


class Health(Answer):
    """The process is alive."""

    alive: bool = True


class Readiness(Answer):
    """Whether questions can be answered now."""

    ready: bool
    detail: str = ""
    """Why not, in one sentence."""
