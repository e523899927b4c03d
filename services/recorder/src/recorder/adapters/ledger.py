"""What Postgres holds already, read before a backfill."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from common.database.border import postgres_border
from common.database.tables import BACKFILLS, UNIVERSE_SNAPSHOTS
from recorder.core.archives import VENUE


class PostgresLedger:
    """Reads the files that are done, and the contracts that are scanned."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def done(self, symbol: str, content: str) -> frozenset[str]:
        """Return the archive's periods of a timeframe or of metrics that need not be read again."""
        question = sa.select(BACKFILLS.c.period).where(
            BACKFILLS.c.venue == VENUE,
            BACKFILLS.c.symbol == symbol,
            BACKFILLS.c.content == content,
        )
        with postgres_border():
            async with self._engine.connect() as connection:
                return frozenset((await connection.scalars(question)).all())

    async def scanned(self) -> tuple[str, ...]:
        """Return the contracts in the newest snapshot of the universe; none without one."""
        question = (
            sa.select(UNIVERSE_SNAPSHOTS.c.included)
            .where(UNIVERSE_SNAPSHOTS.c.venue == VENUE)
            .order_by(UNIVERSE_SNAPSHOTS.c.day.desc())
            .limit(1)
        )
        with postgres_border():
            async with self._engine.connect() as connection:
                return tuple((await connection.scalars(question)).first() or ())
