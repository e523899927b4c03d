"""What every fact is: frozen, strict, finite, in UTC, and named by a deterministic key."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _in_utc(value: datetime) -> datetime:
    if value.utcoffset() != timedelta(0):
        raise ValueError(f"time must be in UTC, was {value.isoformat()}")
    return value.astimezone(UTC)


Utc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware time in UTC."""

Price = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
"""A price as the venue quotes it: exact, positive."""

Venue = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""A venue's name, lower case: `binance`, `bybit`."""


class KnownVenue(StrEnum):
    """The venues there are readers for."""

    BINANCE = "binance"
    BYBIT = "bybit"


Symbol = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""The venue's own symbol id: `BTCUSDT`, `1000PEPEUSDT`; a subject token."""

ScanId = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[0-9]{8}T[0-9]{6}Z\.[a-z]+\.[0-9]+$")]
"""`{venue}.{close time}.{kind}.{n}`, see `common.domain.scans.scan_id`."""

Unit = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""

Signed = Annotated[float, Field(ge=-1, le=1)]
"""A strength between −1 (short) and +1 (long)."""

Points = Annotated[float, Field(ge=-100, le=100)]
"""A score between −100 and +100."""

Percent = Annotated[float, Field(ge=0, le=100)]
"""A level between 0 and 100."""


class Model(BaseModel):
    """A value inside a fact: frozen, strict, no unknown keys, no NaN, no infinity."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Fact(Model):
    """Something that happened, told once: immutable, and the same key whenever it is told again.

    `durable` facts live on a stream; the others are told to whoever listens at that moment.
    """

    version: ClassVar[int] = 1
    durable: ClassVar[bool] = True

    @property
    def key(self) -> str:
        """The fact's identity: publishing it twice stores it once."""
        raise NotImplementedError

    @classmethod
    def name(cls) -> str:
        """Return the fact's name and version as the `Fact` header carries it: `Signal/1`."""
        return f"{cls.__name__}/{cls.version}"


class MarketFact(Fact):
    """A fact about one contract on one venue."""

    venue: Venue
    symbol: Symbol
    simulated: bool
    """True when the venue is a simulation: nothing in this fact was ever traded."""


class ScanFact(MarketFact):
    """A fact about one contract in one scan."""

    scan_id: ScanId
    as_of: Utc
    """Close time of the newest candle: nothing in this fact was knowable later than that."""
