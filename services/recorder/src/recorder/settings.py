"""How the recorder batches, how often it tries, and how long history is kept."""

from typing import ClassVar

from pydantic import Field, SecretStr

from common.domain import Timeframe
from common.settings import Section
from recorder.core.archives import METRICS


class RecorderSettings(Section):
    """The `[recorder]` table."""

    section: ClassVar[str] = "recorder"

    batch: int = Field(default=256, ge=1, le=2000)
    """Facts in one transaction."""
    candle_batch: int = Field(default=32, ge=1, le=256)
    """CandleSets in one transaction: each is whole, about 200 kB."""
    connections: int = Field(default=4, ge=1, le=32)
    write_timeout_seconds: float = Field(default=60, gt=0, le=600)
    migrate_at_start: bool = True
    """False where `python -m recorder migrate` runs beforehand with a role of its own."""
    prune_every_hours: float = Field(default=24, gt=0)
    compress_after_days: int = Field(default=7, ge=1)
    """Only with TimescaleDB."""
    keep_minute_candles_days: int = Field(default=90, ge=0)
    """0 keeps for ever, here and below; a simulated market is always kept."""
    keep_candles_days: int = Field(default=0, ge=0)
    keep_derivatives_days: int = Field(default=365, ge=0)
    keep_signals_days: int = Field(default=365, ge=0)
    keep_resources_days: int = Field(default=30, ge=0)
    keep_dead_letters_days: int = Field(default=90, ge=0)

    def keep_days(self) -> dict[str, int]:
        """Return for how many days what a backfill may read is kept; 0 is for ever."""
        kept: dict[str, int] = dict.fromkeys(Timeframe, self.keep_candles_days)
        return {
            **kept,
            Timeframe.M1: self.keep_minute_candles_days,
            METRICS: self.keep_derivatives_days,
        }


class BackfillSettings(Section):
    """The `[backfill]` table: where history is read, and how gently."""

    section: ClassVar[str] = "backfill"

    archive_url: str = ""
    """Where Binance Vision's files are; empty: its own address."""
    venue_url: str = ""
    """Where Binance's futures API is, which mends what the files lack; empty: its own address."""
    concurrency: int = Field(default=4, ge=1, le=16)
    timeout_seconds: float = Field(default=60, gt=0)
    attempts: int = Field(default=4, ge=1)
    retry_wait_seconds: float = Field(default=0.5, ge=0)
    weight_share: float = Field(default=0.25, gt=0, le=1)


class RoleSettings(Section):
    """The `[roles]` table: the passwords of the roles that `recorder migrate` keeps up to date.

    A role with an empty password is neither made nor changed.
    """

    section: ClassVar[str] = "roles"

    recorder: SecretStr = SecretStr("")
    api: SecretStr = SecretStr("")
    analyst: SecretStr = SecretStr("")
    reader: SecretStr = SecretStr("")
    """For people and their tools: reads history, changes nothing."""

    def passwords(self) -> dict[str, str]:
        """Return the passwords that are set, by role."""
        every = {name: getattr(self, name).get_secret_value() for name in type(self).model_fields}
        return {role: password for role, password in every.items() if password}
