"""What the simulated venue can be told."""

from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from common.settings import Section


class Settings(Section):
    """The `[exchange_sim]` section; optional keys are left out where they are not wanted."""

    section: ClassVar[str] = "exchange_sim"

    host: str = "127.0.0.1"
    """Where it listens: loopback, unless `inside_container` says that others cannot reach it."""
    inside_container: bool = False
    """Whether it runs in a container of its own network, so that it may listen on all of it."""
    port: int = Field(default=8900, ge=0, le=65_535)
    """Zero takes any free port."""
    market: Literal["synthetic", "files"] = "synthetic"
    """An invented market, or recorded candles."""
    folder: Path | None = None
    """Where Binance's `*-1h.parquet` files are, for a market of files."""
    bybit_folder: Path | None = None
    """The same for Bybit; by default the folder `bybit` beside `folder`."""
    spot_folder: Path | None = None
    """The same for Binance's spot market; by default the folder `binance-spot` beside `folder`."""
    seed: int = 7
    """The same seed shows the same market, always."""
    symbols: int = Field(default=300, ge=1, le=1_500)
    """How many scannable contracts a synthetic market lists."""
    start: AwareDatetime | None = None
    """Venue time at the start; by default about a minute of wall time before a four-hour close."""
    speed: float = Field(default=1.0, ge=0)
    """Venue seconds a wall second; zero stops the clock."""
    closes: int = Field(default=42, ge=1)
    """Four-hour closes that a market of files still has ahead when it starts by default."""
    weight_clock: Literal["venue", "wall"] = "venue"
    """Whose minutes the request weights follow; a stopped venue's minutes never end."""
    stream_seconds: float = Field(default=10.0, gt=0)
    """Wall seconds between two updates of a forming candle on a stream; closes come at once."""
    state: Path | None = None
    """Where the clock is kept, so that a restart goes on from the same time."""

    @model_validator(mode="after")
    def _loopback_or_container(self) -> Self:
        try:
            loopback = self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            loopback = False
        if not loopback and not self.inside_container:
            msg = (
                "a simulated venue listens on loopback only, unless inside_container is true, "
                f"was {self.host!r}"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _folder_for_files(self) -> Self:
        if self.market == "files" and self.folder is None:
            msg = 'folder must be given when market is "files", was none'
            raise ValueError(msg)
        return self
