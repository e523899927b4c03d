"""How the services themselves are doing."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from typing_extensions import override

from common.domain.base import Fact, ScanId, Symbol, Utc, Venue

ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""A service's name, also its durable consumers'."""


class ServiceState(StrEnum):
    """What a service is doing."""

    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"
    """It runs, and something it needs does not answer."""
    DRAINING = "draining"


class Heartbeat(Fact):
    """A service is alive; told, not stored."""

    durable = False

    service: ServiceName
    instance: str
    state: ServiceState
    detail: str = ""
    at: Utc

    @property
    @override
    def key(self) -> str:
        return f"heartbeat.{self.service}.{self.instance}.{self.at:%Y%m%dT%H%M%S.%fZ}"


class ResourceUsage(Fact):
    """What one service instance used since its last report; wall time."""

    service: ServiceName
    instance: str
    at: Utc
    scan_id: ScanId | None = None
    """The scan that ended just before, when there was one."""
    window_seconds: float = Field(ge=0)
    cpu_seconds: float = Field(ge=0)
    core_equivalents: float = Field(ge=0)
    """CPU seconds per wall second: 1 is one core, busy all the time."""
    rss_peak_bytes: int = Field(ge=0)
    open_files: int | None = Field(default=None, ge=0)
    event_loop_lag_seconds: float | None = Field(default=None, ge=0)
    pending_messages: int | None = Field(default=None, ge=0)

    @property
    @override
    def key(self) -> str:
        return f"resources.{self.service}.{self.instance}.{self.at:%Y%m%dT%H%M%S.%fZ}"


class DeadLetter(Fact):
    """A message nobody could handle, kept so that nothing is lost."""

    service: ServiceName
    subject: str
    fact: str
    """What the message claimed to be, empty when it did not say."""
    reason: str
    deliveries: int = Field(ge=1)
    stream_sequence: int = Field(ge=0)
    venue: Venue | None = None
    symbol: Symbol | None = None
    scan_id: ScanId | None = None
    body_base64: str
    """The message as it came, cut after 256 KiB."""

    @property
    @override
    def key(self) -> str:
        return f"dead.{self.service}.{self.subject}.{self.stream_sequence}"
