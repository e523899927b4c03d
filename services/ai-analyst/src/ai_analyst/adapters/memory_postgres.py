"""The analyst's memory in Postgres: what was said, judged and became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from typing_extensions import override

from ai_analyst.adapters import recalls_postgres as recalls
from ai_analyst.adapters import talks_postgres as talks
from ai_analyst.adapters.migrating import migrate
from ai_analyst.adapters.tables import CONVERSATIONS, MESSAGES, OUTCOMES, VERDICTS
from ai_analyst.core.periods import EVER, Period
from ai_analyst.core.recalling import shared, terms, title_of, told_message, told_verdict
from ai_analyst.core.verdicts import Judged, Verdict
from ai_analyst.ports import Memory, Recollection
from common import telemetry
from common.database.border import postgres_border
from common.domain import ChatEnd, Conversation, ConversationReply, Outcome
from common.errors import DatabaseUnavailableError

_ENDED: Final = sa.text(
    "SELECT EXISTS (SELECT 1 FROM analyst.outcomes WHERE venue = :venue AND symbol = :symbol "
    "AND scan_id = :scan_id AND final)"
)
_JUDGED: Final = sa.text(
    "SELECT v.*, f.step IS NOT NULL AS filled, o.step, o.net_r FROM analyst.verdicts v "
    "LEFT JOIN analyst.outcomes f ON f.step = 'filled' "
    "AND (f.venue, f.symbol, f.scan_id) = (v.venue, v.symbol, v.scan_id) "
    "LEFT JOIN analyst.outcomes o ON o.final "
    "AND (o.venue, o.symbol, o.scan_id) = (v.venue, v.symbol, v.scan_id)"
)


class PostgresMemory(Memory):
    """Conversations, verdicts and outcomes in the schema `analyst`."""

    def __init__(self, engine: AsyncEngine, *, embedding_model: str = "") -> None:
        self._engine = engine
        self._embedding_model = embedding_model
        self._vectors = False

    @property
    @override
    def by_meaning(self) -> bool:
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
        rows = await self._read(talks.LISTED)
        return tuple(map(talks.conversation_of, rows))

    @override
    async def conversation(self, name: str) -> ConversationReply | None:
        found = await self._read(talks.found(name))
        return talks.reply_of(found[0], await self._read(talks.said(name))) if found else None

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
                title: str | None = await connection.scalar(
                    talks.begun(name, title=title_of(text), at=at)
                    if role == "user"
                    else talks.gone_on(name, at=at)
                )
                if title is None:
                    return ""
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
                    await recalls.forget_meanings(connection, name)
                gone = await connection.execute(
                    sa.delete(CONVERSATIONS).where(CONVERSATIONS.c.name == name)
                )
        return gone.rowcount > 0

    @override
    async def summarise(self, name: str, summary: str, *, messages: int) -> None:
        await self._write(talks.summarised(name, summary, messages=messages))

    @override
    async def unsummarised(self, name: str) -> int:
        rows = await self._read(talks.unsummarised(name))
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
        return tuple(recalls.verdict_of(row) for row in rows)

    @override
    async def judged(self) -> tuple[Judged, ...]:
        rows = await self._read(_JUDGED)
        return tuple(
            Judged(
                recalls.verdict_of(row),
                filled=row.filled,
                ended=row.step is not None,
                net_r=row.net_r,
            )
            for row in rows
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
            "vector": recalls.literal(vector), "model": self._embedding_model,
            "since": period.since, "until": period.until,
        }  # fmt: skip
        judged = [
            Recollection(
                told_verdict(
                    recalls.verdict_of(row), ended=row.step, net_r=row.net_r, filled=row.filled
                ),
                row.asked_at,
            )
            for row in await self._read(recalls.of_verdicts(by_meaning=by_meaning), told)
        ]
        if not conversation:
            return shared(judged, (), limit)
        said = await self._read(recalls.of_messages(by_meaning=by_meaning), told)
        talked = [
            Recollection(told_message(row.text, row.at, answer=row.answer), row.at) for row in said
        ]
        return shared(judged, talked, limit)

    @override
    async def close(self) -> None:
        await self._engine.dispose()

    async def _mean(
        self, connection: AsyncConnection, kind: str, number: int | None, vector: Sequence[float]
    ) -> None:
        if self._vectors and vector and number is not None:
            await recalls.keep_meaning(
                connection, kind, number, model=self._embedding_model, vector=vector
            )

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
