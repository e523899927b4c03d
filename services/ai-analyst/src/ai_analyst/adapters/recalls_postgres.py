"""What matters of all that was judged and asked: by words, and by meaning where pgvector is."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from ai_analyst.core.verdicts import Verdict
from common.domain import Direction, Stance

_VERDICTS: Final = """
SELECT v.*, o.step, o.net_r, f.step IS NOT NULL AS filled FROM analyst.verdicts v
LEFT JOIN analyst.outcomes f ON f.step = 'filled' AND f.occurred_at <= :before
  AND (f.venue, f.symbol, f.scan_id) = (v.venue, v.symbol, v.scan_id)
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
_MESSAGES: Final = """
SELECT m.text, m.at, a.text AS answer FROM analyst.messages m
LEFT JOIN LATERAL (
  SELECT role, text FROM analyst.messages
  WHERE conversation = m.conversation AND id > m.id AND at < :before
  ORDER BY id LIMIT 1) a ON a.role = 'analyst'
{join}
WHERE m.conversation <> :conversation AND m.role = 'user' AND m.at < :before
  AND m.at >= :since AND m.at < :until
  AND NOT EXISTS (
    SELECT FROM analyst.messages
    WHERE text = m.text AND role = 'user' AND conversation <> :conversation
      AND id > m.id AND at < LEAST(:before, :until))
  AND (m.words @@ to_tsquery('simple', :terms){meant})
ORDER BY {order} m.at DESC LIMIT :limit
"""


def of_verdicts(*, by_meaning: bool) -> sa.TextClause:
    """Return the query for verdicts, with their ends as far as they were known `before`."""
    return _query(_VERDICTS, "v", "verdict", by_meaning)


def of_messages(*, by_meaning: bool) -> sa.TextClause:
    """Return the query for questions of other conversations, each once, with their answers."""
    return _query(_MESSAGES, "m", "message", by_meaning)


def verdict_of(row: sa.Row[Any]) -> Verdict:
    """Return a row of analyst.verdicts as what it was."""
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


async def keep_meaning(
    connection: AsyncConnection, kind: str, number: int, *, model: str, vector: Sequence[float]
) -> None:
    """Store what a verdict or a message means to an embedding model."""
    await connection.execute(
        sa.text(
            "INSERT INTO analyst.meanings VALUES (:kind, :id, :model, (:vector)::vector) "
            "ON CONFLICT DO NOTHING"
        ),
        {"kind": kind, "id": number, "model": model, "vector": literal(vector)},
    )


async def forget_meanings(connection: AsyncConnection, conversation: str) -> None:
    """Delete what a conversation's messages meant."""
    await connection.execute(
        sa.text(
            "DELETE FROM analyst.meanings WHERE kind = 'message' AND id IN "
            "(SELECT id FROM analyst.messages WHERE conversation = :name)"
        ),
        {"name": conversation},
    )


def literal(vector: Sequence[float]) -> str:
    """Write a vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"


def _query(text: str, table: str, kind: str, by_meaning: bool) -> sa.TextClause:
    if not by_meaning:
        return sa.text(text.format(join="", meant="", order=""))
    join = (
        f"LEFT JOIN analyst.meanings g ON g.kind = '{kind}' AND g.id = {table}.id "
        "AND g.model = :model AND vector_dims(g.meaning) = vector_dims((:vector)::vector)"
    )
    return sa.text(
        text.format(
            join=join, meant=" OR g.id IS NOT NULL",
            order="g.meaning <=> (:vector)::vector NULLS LAST,",
        )
    )  # fmt: skip
