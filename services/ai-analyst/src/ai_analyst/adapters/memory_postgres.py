"""The analyst's memory in Postgres: what was said, judged and became of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from typing_extensions import override

from ai_analyst.adapters.migrating import migrate
from ai_analyst.adapters.tables import CONVERSATIONS, MESSAGES, OUTCOMES, VERDICTS
from ai_analyst.core.periods import EVER, Period
from ai_analyst.core.recalling import shared, terms, title_of, told_message, told_verdict
from ai_analyst.core.verdicts import Judged, Verdict
from ai_analyst.ports import Memory, Recollection
from common import telemetry
from common.database.border import postgres_border
from common.domain import (
    ChatEnd,
    ChatMessage,
    Conversation,
    ConversationReply,
    Direction,
    Outcome,
    Stance,
)
from common.errors import DatabaseUnavailableError

_ENDED: Final = sa.text(
    "SELECT EXISTS (SELECT 1 FROM analyst.outcomes WHERE venue = :venue AND symbol = :symbol "
    "AND scan_id = :scan_id AND final)"
)
_JUDGED: Final = sa.text(
    "SELECT v.*, o.step, o.net_r FROM analyst.verdicts v "
    "LEFT JOIN analyst.outcomes o ON o.final "
    "AND (o.venue, o.symbol, o.scan_id) = (v.venue, v.symbol, v.scan_id)"
)
_VERDICTS_BY_WORDS: Final = """
SELECT v.*, o.step, o.net_r FROM analyst.verdicts v
LEFT JOIN LATERAL (
  SELECT step, net_r FROM analyst.outcomes
  WHERE venue = v.venue AND symbol = v.symbol AND scan_id = v.scan_id AND final
    AND occurred_at <= :before LIMIT 1) o ON true
{join}
WHERE v.venue = :venue AND v.asked_at < :before AND NOT v.mirrored AND v.attempt = 0
  AND v.asked_at >= :since AND v.asked_at < :until
  AND (v.symbol = ANY(:symbols) OR v.words @@ to_tsquery('simple', :terms){meant})
ORDER BY (v.symbol = ANY(:symbols)) DESC, {order} v.asked_at DESC LIMIT :limit
"""
_MESSAGES_BY_WORDS: Final = """
SELECT m.text, m.at FROM analyst.messages m {join}
WHERE m.conversation <> :conversation AND m.role = 'user' AND m.at < :before
  AND m.at >= :since AND m.at < :until
  AND (m.words @@ to_tsquery('simple', :terms){meant})
ORDER BY {order} m.at DESC LIMIT :limit
"""


class PostgresMemory(Memory):
    """Conversations, verdicts and outcomes in the schema `analyst`."""

    def __init__(self, engine: AsyncEngine, *, embedding_model: str = "") -> None:
        self._engine = engine
        self._embedding_model = embedding_model
        self._vectors = False

    @property
    def by_meaning(self) -> bool:
        """Whether meaning is searched, or words only."""
        return self._vectors

    @override
    async def prepare(self) -> None:
        self._vectors = await migrate(self._engine, meaning=bool(self._embedding_model))

    @override
    async def problem(self) -> str | None:
        try:
            with postgres_border():
                async with self._engine.connect() as connection:
                    await connection.execute(sa.text("SELECT 1 FROM analyst.versions"))
        except DatabaseUnavailableError as error:
            return str(error)
        return None

    @override
    async def conversations(self) -> tuple[Conversation, ...]:
        count = sa.func.count(MESSAGES.c.id).label("said")
        query = (
            sa.select(CONVERSATIONS.c.name, CONVERSATIONS.c.title, CONVERSATIONS.c.updated_at, count
            )
            .outerjoin(MESSAGES, MESSAGES.c.conversation == CONVERSATIONS.c.name)
            .group_by(CONVERSATIONS.c.name)
            .order_by(CONVERSATIONS.c.updated_at.desc(), CONVERSATIONS.c.name)
        )  # fmt: skip
        rows = await self._read(query)
        return tuple(
            Conversation(
                name=row.name, title=row.title, updated_at=row.updated_at, messages=row.said
            )
            for row in rows
        )

    @override
    async def conversation(self, name: str) -> ConversationReply | None:
        found = await self._read(sa.select(CONVERSATIONS).where(CONVERSATIONS.c.name == name))
        if not found:
            return None
        said = await self._read(
            sa.select(MESSAGES.c.role, MESSAGES.c.text, MESSAGES.c.at, MESSAGES.c.result)
            .where(MESSAGES.c.conversation == name)
            .order_by(MESSAGES.c.id)
        )
        return ConversationReply(
            name=name,
            title=found[0].title,
            summary=found[0].summary,
            messages=tuple(
                ChatMessage(role=one.role, text=one.text, at=one.at, end=_end(one.result))
                for one in said
            ),
        )

    @override
    async def say(
        self,
        name: str,
        role: str,
        text: str,
        *,
        at: datetime,
        end: ChatEnd | None = None,
        vector: Sequence[float] = (),
    ) -> str:
        with telemetry.work(telemetry.POSTGRES_WRITE), postgres_border():
            async with self._engine.begin() as connection:
                begun = insert(CONVERSATIONS).values(name=name, title=title_of(text), updated_at=at)
                title: str = await connection.scalar(
                    begun.on_conflict_do_update(
                        index_elements=["name"], set_={"updated_at": begun.excluded.updated_at}
                    ).returning(CONVERSATIONS.c.title)
                ) or ""  # fmt: skip
                number = await connection.scalar(
                    sa.insert(MESSAGES)
                    .values(
                        conversation=name,
                        role=role,
                        text=text,
                        at=at,
                        result=end.model_dump(mode="json") if end else None,
                    )
                    .returning(MESSAGES.c.id)
                )
                await self._mean(connection, "message", number, vector)
        return title

    @override
    async def rename(self, name: str, title: str) -> bool:
        return await self._write(
            sa.update(CONVERSATIONS).where(CONVERSATIONS.c.name == name).values(title=title)
        )

    @override
    async def forget(self, name: str) -> bool:
        with telemetry.work(telemetry.POSTGRES_WRITE), postgres_border():
            async with self._engine.begin() as connection:
                if self._vectors:
                    await connection.execute(
                        sa.text(
                            "DELETE FROM analyst.meanings WHERE kind = 'message' AND id IN "
                            "(SELECT id FROM analyst.messages WHERE conversation = :name)"
                        ),
                        {"name": name},
                    )
                gone = await connection.execute(
                    sa.delete(CONVERSATIONS).where(CONVERSATIONS.c.name == name)
                )
        return gone.rowcount > 0

    @override
    async def summarise(self, name: str, summary: str, *, messages: int) -> None:
        await self._write(
            sa.update(CONVERSATIONS)
            .where(CONVERSATIONS.c.name == name, CONVERSATIONS.c.summarised <= messages)
            .values(summary=summary, summarised=messages)
        )

    @override
    async def unsummarised(self, name: str) -> int:
        said = sa.select(sa.func.count()).where(MESSAGES.c.conversation == name).scalar_subquery()
        rows = await self._read(
            sa.select(said - CONVERSATIONS.c.summarised).where(CONVERSATIONS.c.name == name)
        )
        return int(rows[0][0]) if rows else 0

    @override
    async def keep_verdict(self, verdict: Verdict, *, vector: Sequence[float] = ()) -> bool:
        plan = {"venue": verdict.venue, "symbol": verdict.symbol, "scan_id": verdict.scan_id}
        with telemetry.work(telemetry.POSTGRES_WRITE), postgres_border():
            async with self._engine.begin() as connection:
                if await connection.scalar(_ENDED, plan):
                    return False
                number = await connection.scalar(
                    insert(VERDICTS)
                    .values(
                        **plan,
                        direction=verdict.direction,
                        stance=verdict.stance,
                        lean=verdict.lean,
                        reasons=list(verdict.reasons),
                        struck=list(verdict.struck),
                        model=verdict.model,
                        prompt_version=verdict.prompt_version,
                        facts=dict(verdict.facts),
                        asked_at=verdict.asked_at,
                        attempt=verdict.attempt,
                        mirrored=verdict.mirrored,
                    )
                    .on_conflict_do_nothing()
                    .returning(VERDICTS.c.id)
                )
                await self._mean(connection, "verdict", number, vector)
        return number is not None

    @override
    async def verdicts(self, venue: str, symbol: str) -> tuple[Verdict, ...]:
        rows = await self._read(
            sa.select(VERDICTS)
            .where(VERDICTS.c.venue == venue, VERDICTS.c.symbol == symbol)
            .order_by(VERDICTS.c.asked_at.desc(), VERDICTS.c.attempt)
        )
        return tuple(_verdict(row) for row in rows)

    @override
    async def judged(self) -> tuple[Judged, ...]:
        rows = await self._read(_JUDGED)
        return tuple(
            Judged(_verdict(row), ended=row.step is not None, net_r=row.net_r) for row in rows
        )

    @override
    async def keep_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        rows = [
            {
                "venue": one.venue, "symbol": one.symbol, "scan_id": one.scan_id, "step": one.step,
                "final": one.step.final, "occurred_at": one.occurred_at, "net_r": one.net_r,
            }
            for one in outcomes
        ]  # fmt: skip
        await self._write(insert(OUTCOMES).values(rows).on_conflict_do_nothing())

    @override
    async def recall(
        self,
        text: str,
        *,
        venue: str,
        symbols: Sequence[str],
        before: datetime,
        limit: int,
        conversation: str = "",
        vector: Sequence[float] = (),
        period: Period = EVER,
    ) -> tuple[Recollection, ...]:
        by_meaning = self._vectors and bool(vector)
        told = {
            "venue": venue, "symbols": list(symbols), "before": before, "limit": limit,
            "conversation": conversation, "terms": terms(text),
            "vector": _literal(vector), "model": self._embedding_model,
            "since": period.since, "until": period.until,
        }  # fmt: skip
        judged = await self._read(
            sa.text(_query(_VERDICTS_BY_WORDS, "v", "verdict", by_meaning)), told
        )
        recollections = [
            Recollection(told_verdict(_verdict(row), ended=row.step, net_r=row.net_r), row.asked_at)
            for row in judged
        ]
        talked: list[Recollection] = []
        if conversation:
            said = await self._read(
                sa.text(_query(_MESSAGES_BY_WORDS, "m", "message", by_meaning)), told
            )
            talked = [Recollection(told_message(row.text, row.at), row.at) for row in said]
        return shared(recollections, talked, limit)

    @override
    async def close(self) -> None:
        await self._engine.dispose()

    async def _mean(
        self, connection: AsyncConnection, kind: str, number: int | None, vector: Sequence[float]
    ) -> None:
        if self._vectors and vector and number is not None:
            await connection.execute(
                sa.text(
                    "INSERT INTO analyst.meanings VALUES (:kind, :id, :model, (:vector)::vector) "
                    "ON CONFLICT DO NOTHING"
                ),
                {"kind": kind, "id": number, "model": self._embedding_model,
                 "vector": _literal(vector)},
            )  # fmt: skip

    async def _read(
        self, query: sa.Executable, values: dict[str, Any] | None = None
    ) -> Sequence[sa.Row[Any]]:
        with telemetry.work(telemetry.POSTGRES_READ), postgres_border():
            async with self._engine.connect() as connection:
                return (await connection.execute(query, values or {})).all()

    async def _write(self, query: sa.Executable) -> bool:
        with telemetry.work(telemetry.POSTGRES_WRITE), postgres_border():
            async with self._engine.begin() as connection:
                return bool((await connection.execute(query)).rowcount)


def _query(text: str, table: str, kind: str, by_meaning: bool) -> str:
    if not by_meaning:
        return text.format(join="", meant="", order="")
    join = (
        f"LEFT JOIN analyst.meanings g ON g.kind = '{kind}' AND g.id = {table}.id "
        "AND g.model = :model AND vector_dims(g.meaning) = vector_dims((:vector)::vector)"
    )
    return text.format(
        join=join, meant=" OR g.id IS NOT NULL",
        order="g.meaning <=> (:vector)::vector NULLS LAST,",
    )  # fmt: skip


def _literal(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"


def _end(result: Any) -> ChatEnd | None:  # noqa: ANN401 - JSON from the database
    return None if result is None else ChatEnd.model_validate_json(json.dumps(result))


def _verdict(row: sa.Row[Any]) -> Verdict:
    return Verdict(
        venue=row.venue,
        symbol=row.symbol,
        scan_id=row.scan_id,
        direction=Direction(row.direction),
        stance=Stance(row.stance),
        lean=Direction(row.lean) if row.lean else None,
        reasons=tuple(row.reasons),
        struck=tuple(row.struck),
        model=row.model,
        prompt_version=row.prompt_version,
        facts=row.facts,
        asked_at=row.asked_at,
        attempt=row.attempt,
        mirrored=row.mirrored,
    )
