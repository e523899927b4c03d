"""What may be asked for: every parameter bounded, unknown ones refused."""

from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from common.domain import (
    Direction,
    GateName,
    KnownVenue,
    OutcomeStep,
    RejectionKind,
    ScanId,
    Symbol,
    Timeframe,
)

MAX_PAGE: Final = 200
MAX_CANDLES: Final = 1_000
CURSOR_PATTERN: Final = r"^[A-Za-z0-9_-]+$"


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"time must lie in years 1 to 9999, was {value.isoformat()}") from error


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A time with its zone: `2026-01-05T08:00:00Z`."""

Contract = Annotated[Symbol, StringConstraints(to_upper=True)]
"""A contract as its venue writes it; small letters are read as capitals."""

BoundedScanId = Annotated[ScanId, Field(max_length=100)]


class Query(BaseModel):
    """Parameters of one question, as text; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PageQuery(Query):
    """Parameters of every list."""

    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    """Items on a page."""
    cursor: str | None = Field(default=None, max_length=1_024, pattern=CURSOR_PATTERN)
    """`next_cursor` of the page before, with the same filters; no meaning of its own."""
    venue: KnownVenue | None = None
    """Only this venue: `binance`."""

    @property
    def filters(self) -> str:
        """The filters alone as text: a cursor belongs to them."""
        return self.model_dump_json(exclude={"limit", "cursor"}, exclude_defaults=True)


class ScanQuery(PageQuery):
    """Which scans."""

    since: Instant | None = None
    """Only scans whose newest candle closed at or after this time."""


class SymbolQuery(PageQuery):
    """Which contracts, which scans, which times."""

    symbol: Contract | None = None
    """Only this contract, in capitals or small letters: `BTCUSDT`."""
    scan_id: BoundedScanId | None = None
    """Only this scan."""
    since: Instant | None = None
    """Only what looked at a close at or after this time."""


class SignalQuery(SymbolQuery):
    """Which signals."""

    direction: Direction | None = None
    """Only this direction."""
    min_confidence: float | None = Field(default=None, ge=0, le=100)
    """Only with at least this confidence: a conviction from 0 to 100."""
    candidate: bool | None = None
    """True: only those strong enough to be planned; false: only the others."""


class PlanQuery(SymbolQuery):
    """Which plans; without `scan_id`, `since` and `open`, of each venue's newest completed scan."""

    direction: Direction | None = None
    """Only this direction."""
    min_confidence: float | None = Field(default=None, ge=0, le=100)
    """Only with at least this confidence: a conviction from 0 to 100."""
    open: bool | None = None
    """True: only plans that have not ended yet, of whichever scan; false: only ended ones."""
    best_of_cluster: bool = True
    """Of a scan's plans that move together only the best-ranked one asked for; false shows all."""


class RejectionQuery(SymbolQuery):
    """Which rejections; without `scan_id` and `since`, of each venue's newest completed scan."""

    kind: RejectionKind | None = None
    """Only this kind: `blocked` had a strong enough score."""
    gate: GateName | None = None
    """Only those this gate refused: `overextension`."""
    direction: Direction | None = None
    """Only this direction."""


class OutcomeQuery(SymbolQuery):
    """Which outcomes."""

    step: OutcomeStep | None = None
    """Only this step: `tp1`, `stopped` …"""
    final: bool | None = None
    """True: only steps that ended a plan; false: only the others."""


class RecordQuery(Query):
    """Which plans are summed up."""

    venue: KnownVenue | None = None
    """Only this venue: `binance`."""
    symbol: Contract | None = None
    """Only this contract, in capitals or small letters: `BTCUSDT`."""
    direction: Direction | None = None
    """Only this direction."""
    since: Instant | None = None
    """Only plans proposed at or after this time."""
    until: Instant | None = None
    """Only plans proposed before this time."""

    @field_validator("until")
    @classmethod
    def _after_since(cls, until: datetime | None, others: ValidationInfo) -> datetime | None:
        since = others.data.get("since")
        if until is not None and since is not None and until <= since:
            raise ValueError(f"until must come after since, {since.isoformat()}")
        return until


class SymbolDetailQuery(Query):
    """What to add to a contract's newest facts."""

    candles: Timeframe | None = None
    """Add closed candles of this timeframe."""
    candle_limit: int = Field(default=200, ge=1, le=MAX_CANDLES)
    """How many of the newest candles."""
    outcome_limit: int = Field(default=20, ge=0, le=MAX_PAGE)
    """How many of the newest outcomes."""


class UniverseQuery(Query):
    """Which day's universe."""

    day: date | None = Field(default=None, alias="date")
    """The UTC day: `2026-01-05`; by default the newest that is recorded."""


class MarksQuery(Query):
    """Which mark prices."""

    venue: KnownVenue | None = None
    """Only this venue."""
    symbol: Contract | None = None
    """Only this contract."""


class EventQuery(Query):
    """Which events."""

    venue: KnownVenue | None = None
    """Only this venue."""
    symbol: Contract | None = None
    """Only this contract."""
    rejections: bool = True
    """False leaves rejections out."""
