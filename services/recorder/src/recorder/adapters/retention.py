"""Lets go of old rows in slices; simulated markets are never touched, whatever their time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from common.database.tables import METADATA
from recorder.settings import RecorderSettings

_SLICE: Final = 20_000
_UNLIMITED: Final = sa.text(
    "SELECT set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)"
)
"""TimescaleDB refuses to open much of what it has compressed; a plain Postgres does not mind."""


@dataclass(frozen=True)
class Rule:
    """Which rows of a table are too old."""

    table: str
    time: str
    days: int
    condition: str

    @property
    def statement(self) -> str:
        """The delete of one slice, by key: a row's ctid is not unique in a hypertable."""
        key = ", ".join(METADATA.tables[self.table].primary_key.columns.keys())
        return (
            f"DELETE FROM {self.table} WHERE ({key}) IN ("  # noqa: S608 - names are ours
            f"SELECT {key} FROM {self.table} WHERE {self.condition} "
            f"AND {self.time} < now() - make_interval(days => :days) LIMIT {_SLICE})"
        )


def rules(settings: RecorderSettings) -> Iterator[Rule]:
    """Yield the rules in force: zero days keeps for ever."""
    real = "NOT simulated"
    for rule in (
        Rule(
            "candles",
            "open_time",
            settings.keep_minute_candles_days,
            f"timeframe = '1m' AND {real}",
        ),
        Rule("candles", "open_time", settings.keep_candles_days, f"timeframe <> '1m' AND {real}"),
        Rule("derivatives", "observed_at", settings.keep_derivatives_days, real),
        Rule("signals", "scan_close", settings.keep_signals_days, real),
        Rule("resources", "at", settings.keep_resources_days, "true"),
        Rule("dead_letters", "recorded_at", settings.keep_dead_letters_days, "true"),
    ):
        if rule.days:
            yield rule


async def prune(engine: AsyncEngine, settings: RecorderSettings) -> None:
    """Delete what the rules say, one short transaction a slice."""
    for rule in rules(settings):
        statement = sa.text(rule.statement)
        gone = _SLICE
        while gone == _SLICE:
            async with engine.begin() as connection:
                await connection.execute(_UNLIMITED)
                done = await connection.execute(statement, {"days": rule.days})
                gone = done.rowcount
