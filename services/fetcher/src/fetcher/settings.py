"""What a trader can tell the fetcher: the universe, the schedule, and how the venue is read."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from common.domain import SCANNED, Timeframe, Venue
from common.settings import Section
from fetcher.core.clusters import FEWEST_BARS, ClusterRule
from fetcher.core.derivatives import QuadrantRule
from fetcher.core.partition import Partition
from fetcher.core.schedule import Schedule
from fetcher.core.universe import UniverseRules

Seconds = Annotated[float, Field(ge=0, le=86_400)]
SomeSeconds = Annotated[float, Field(gt=0, le=86_400)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$", to_upper=True)]
"""A contract or a coin as venues write it; small letters are read as capitals."""
Address = Annotated[str, Field(pattern=r"^(https?://[^\s/]\S*)?$")]
"""Where a venue's API is; empty: its own."""


class UniverseSettings(Section):
    """Which contracts are scanned: section `[universe]`."""

    section: ClassVar[str] = "universe"

    settle: Name = "USDT"
    top: int = Field(default=200, ge=1, le=1000)
    min_quote_volume: float = Field(default=20e6, ge=0)
    min_age_days: int = Field(default=60, ge=0, le=36_500)
    max_spread_bps: float = Field(default=10.0, gt=0)
    stablecoins: tuple[Name, ...] = (
        "USDC",
        "FDUSD",
        "TUSD",
        "USDP",
        "DAI",
        "BUSD",
        "USDE",
        "PYUSD",
        "USD1",
        "USTC",
        "EUR",
        "EURI",
        "AEUR",
    )
    allow: tuple[Name, ...] = ()
    deny: tuple[Name, ...] = ()

    def rules(self) -> UniverseRules:
        """Return the rules as the core reads them."""
        return UniverseRules(
            settle=self.settle,
            top=self.top,
            min_quote_volume=self.min_quote_volume,
            min_age=timedelta(days=self.min_age_days),
            max_spread_bps=self.max_spread_bps,
            stablecoins=frozenset(self.stablecoins),
            allow=frozenset(self.allow),
            deny=frozenset(self.deny),
        )


class ScanSettings(Section):
    """When scans run and how long they may take: section `[scan]`."""

    section: ClassVar[str] = "scan"

    cron: str = "0 7,11,15,19,23,3 * * *"
    timezone: str = "Asia/Ho_Chi_Minh"
    trigger_timeframe: Timeframe = Timeframe.H4
    delay_seconds: Seconds = 5.0
    on_start: bool = True
    grace_seconds: Seconds = 2.0
    deadline_seconds: SomeSeconds = 900.0
    longest_wall_seconds: SomeSeconds = 1200.0
    in_flight_seconds: Seconds = 2.0
    retry_seconds: SomeSeconds = 10.0
    cluster_bars: int = Field(default=168, ge=FEWEST_BARS)
    cluster_correlation: float = Field(default=0.8, gt=0, le=1)

    @model_validator(mode="after")
    def _trigger_is_scanned(self) -> Self:
        if self.trigger_timeframe not in SCANNED:
            raise ValueError(
                f"trigger_timeframe must be {' or '.join(SCANNED)}, was {self.trigger_timeframe}"
            )
        return self

    @model_validator(mode="after")
    def _schedule_can_be_read(self) -> Self:
        self.schedule()
        return self

    def schedule(self) -> Schedule:
        """Return the schedule as the core reads it."""
        return Schedule(
            cron=self.cron,
            timezone=self.timezone,
            trigger=self.trigger_timeframe,
            delay=timedelta(seconds=self.delay_seconds),
        )

    def cluster_rule(self) -> ClusterRule:
        """Return what makes plans one bet as the core reads it."""
        return ClusterRule(bars=self.cluster_bars, correlation=self.cluster_correlation)


class DerivativesSettings(Section):
    """How often funding and open interest are read, and what their moves mean: `[derivatives]`."""

    section: ClassVar[str] = "derivatives"

    every_seconds: float = Field(default=300.0, ge=60, le=86_400)
    look_seconds: SomeSeconds = 60.0
    quadrant_price_percent: float = Field(default=0.5, ge=0)
    quadrant_interest_percent: float = Field(default=1.0, ge=0)

    def rule(self) -> QuadrantRule:
        """Return the quadrant's dead zone as the core reads it."""
        return QuadrantRule(
            price=self.quadrant_price_percent / 100,
            interest=self.quadrant_interest_percent / 100,
        )


class FetcherSettings(Section):
    """How the venue is read: section `[fetcher]`."""

    section: ClassVar[str] = "fetcher"

    venue: Venue = "binance"
    mode: Literal["live", "poll"] = "live"
    """`live` hears candles close over WebSocket; `poll` asks for them after each close."""
    base_url: Address = ""
    timeout_seconds: SomeSeconds = 10.0
    attempts: int = Field(default=4, ge=1)
    retry_wait_seconds: Seconds = 0.5
    concurrency: int = Field(default=12, ge=1, le=64)
    partition: str = "1/1"
    """Which share of the universe it hears and reads; the first fetcher does all else besides."""
    cover_seconds: SomeSeconds = 60.0
    """Wall time after which the first fetcher reads what the others have not sent."""
    weight_share: float = Field(default=0.75, gt=0, le=1)
    egress: str = Field(default="default", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    share_alone: float = Field(default=0.5, gt=0, le=1)
    cooling_seconds: SomeSeconds = 60.0
    forbidden_retry_minutes: float = Field(default=60.0, ge=1, le=1440)
    bars: dict[Timeframe, int] = Field(
        default={Timeframe.D1: 499, Timeframe.H4: 998, Timeframe.H1: 998}
    )
    overlap_bars: int = Field(default=3, ge=1)
    marks_every_seconds: SomeSeconds = 10.0
    minutes_every_seconds: SomeSeconds = 300.0
    """Venue time between two readings of the 1m candles that no stream has brought."""
    ready_seconds: SomeSeconds = 90.0
    """Venue time before a close at which everything but the candles is read."""
    silence_seconds: SomeSeconds = 90.0
    """A connection that brings nothing for so long is replaced."""
    stream_hours: float = Field(default=23.0, gt=0, le=24)
    """A connection older than this is replaced; venues end them after 24 hours."""

    @model_validator(mode="after")
    def _every_timeframe_has_bars(self) -> Self:
        if set(self.bars) != set(SCANNED) or min(self.bars.values()) < 1:
            raise ValueError(f"bars must name {', '.join(SCANNED)}, was {dict(self.bars)}")
        return self

    @model_validator(mode="after")
    def _partition_can_be_read(self) -> Self:
        self.share()
        return self

    def share(self) -> Partition:
        """Return the partition as the core reads it."""
        return Partition.parse(self.partition)


class FallbackSettings(Section):
    """Where candles come from while the venue does not tell them: section `[fallback]`."""

    section: ClassVar[str] = "fallback"

    other_venue: bool = True
    spot: bool = True
    patience_seconds: Seconds = 300.0
    other_venue_url: Address = ""
    spot_url: Address = ""
