"""What the one-command scanner may be told: ports, folder, and the simulated market's pace."""

from typing import ClassVar

from pydantic import Field

from common.settings import Section


class StandaloneSettings(Section):
    """Where the embedded servers listen and keep their data."""

    section: ClassVar[str] = "standalone"

    folder: str = ".scanner"
    """Everything is kept below this folder, one sub-folder a market."""
    nats_port: int = Field(default=4222, ge=1, le=65535)
    postgres_port: int = Field(default=15432, ge=1, le=65535)
    venue_port: int = Field(default=8700, ge=1, le=65535)
    api_port: int = Field(default=8000, ge=1, le=65535)
    dashboard_port: int = Field(default=8501, ge=1, le=65535)
    health_port: int = Field(default=9100, ge=1, le=65500)
    """The first service's health port; the others follow."""
    speed: float = Field(default=30.0, gt=0)
    """Venue seconds per wall second in the demo: at 30 a 4h candle closes every eight minutes."""
    symbols: int = Field(default=200, ge=2, le=1000)
    """Contracts in the synthetic market."""
    ready_within_seconds: float = Field(default=60.0, gt=0)
