"""The settings every service shares: where the bus is, whose clock rules, what is logged."""

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from common.settings import Section


class BusSettings(Section):
    """The `[bus]` table."""

    section: ClassVar[str] = "bus"

    url: str = "nats://127.0.0.1:4222"
    """One address, or several separated by commas."""
    user: str = ""
    password: SecretStr = SecretStr("")
    """From the environment; empty when the broker asks for none."""
    storage: Literal["file", "memory"] = "file"
    replicas: int = Field(default=1, ge=1, le=5)
    max_storage_bytes: int = Field(default=0, ge=0)
    """What all streams together may reserve; 0 is as much as they want and the broker allows."""
    ack_wait_seconds: float = Field(default=0, ge=0)
    """How long a dead replica's messages wait for another; 0 leaves it to each consumer."""
    give_up_seconds: float = Field(default=0, ge=0)
    """Exit when the broker has not answered for so long at start; 0 keeps trying."""


class TelemetrySettings(Section):
    """The `[telemetry]` table; traces are sent where OTEL_EXPORTER_OTLP_ENDPOINT says."""

    section: ClassVar[str] = "telemetry"

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    trace_url: str = Field(default="", pattern=r"^$|^https?://.*\{trace_id\}")
    """Where a trace is shown, with `{trace_id}`; empty: traces are not linked."""


class ClockSettings(Section):
    """The `[clock]` table."""

    section: ClassVar[str] = "clock"

    url: str = ""
    """A simulated venue's clock; empty is the machine's clock."""


class HealthSettings(Section):
    """The `[health]` table: /health (alive), /ready and /metrics over HTTP."""

    section: ClassVar[str] = "health"

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    """0 is no server."""
