"""What the dashboard can be told: where it listens, how often it looks, when it worries."""

from typing import ClassVar

from pydantic import Field

from common.settings import Section


class DashboardSettings(Section):
    """The `[dashboard]` table of the settings file."""

    section: ClassVar[str] = "dashboard"

    address: str = "127.0.0.1"
    port: int = Field(default=8501, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = ()
    """Names a browser may use for us; empty: loopback names on a loopback address, else any."""
    refresh_seconds: float = Field(default=2.0, ge=0.5)
    """How often an open page looks at the board again."""
    heartbeat_seconds: float = Field(default=15.0, gt=0)
    """A service silent for longer is named in a banner."""
    expected_services: tuple[str, ...] = ("fetcher", "indicators", "signals", "planner", "recorder")
    """Services missed even when they were never heard."""
    marks_seconds: float = Field(default=30.0, gt=0)
    """Mark prices older than this are called old."""
    scan_late_seconds: float = Field(default=120.0, gt=0)
    """Wall seconds after a due close, or after a scan's deadline, before a scan is called late."""
    shown_rows: int = Field(default=300, ge=10, le=2000)
    kept_contracts: int = Field(default=1500, ge=10)
    """Contracts in memory; those whose decision is oldest leave first."""
    kept_scans: int = Field(default=100, ge=1)
    kept_dead_letters: int = Field(default=100, ge=1)
    kept_charts: int = Field(default=32, ge=1)
    """Chart windows kept for those who look at the same contract again."""
    chart_rows: int = Field(default=240, ge=50, le=1000)
