"""Conversations as Postgres is asked for them, and as its rows are read."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ai_analyst.adapters.tables import CONVERSATIONS, MESSAGES
from common.domain import ChatEnd, ChatMessage, Conversation, ConversationReply

LISTED: Final = (
    sa.select(
        CONVERSATIONS.c.name,
        CONVERSATIONS.c.title,
        CONVERSATIONS.c.updated_at,
        sa.func.count(MESSAGES.c.id).label("said"),
    )
    .outerjoin(MESSAGES, MESSAGES.c.conversation == CONVERSATIONS.c.name)
    .group_by(CONVERSATIONS.c.name)
    .order_by(CONVERSATIONS.c.updated_at.desc(), CONVERSATIONS.c.name)
)
"""All conversations, newest first."""


def found(name: str) -> sa.Select[Any]:
    """Return the query for one conversation, without its messages."""
    return sa.select(CONVERSATIONS).where(CONVERSATIONS.c.name == name)


def said(name: str) -> sa.Select[Any]:
    """Return the query for a conversation's messages, in the order they were said."""
    query = sa.select(MESSAGES.c.role, MESSAGES.c.text, MESSAGES.c.at, MESSAGES.c.result)
    return query.where(MESSAGES.c.conversation == name).order_by(MESSAGES.c.id)


def begun(name: str, *, title: str, at: datetime) -> sa.Executable:
    """Return what begins a conversation or goes on with it, and returns its title."""
    new = insert(CONVERSATIONS).values(name=name, title=title, updated_at=at)
    return new.on_conflict_do_update(
        index_elements=["name"], set_={"updated_at": new.excluded.updated_at}
    ).returning(CONVERSATIONS.c.title)


def gone_on(name: str, *, at: datetime) -> sa.Executable:
    """Return what goes on with a conversation that is still there, and returns its title."""
    there = sa.update(CONVERSATIONS).where(CONVERSATIONS.c.name == name)
    return there.values(updated_at=at).returning(CONVERSATIONS.c.title)


def summarised(name: str, summary: str, *, messages: int) -> sa.Executable:
    """Return what keeps a summary, unless a longer one is there or the messages are not."""
    return (
        sa.update(CONVERSATIONS)
        .where(
            CONVERSATIONS.c.name == name,
            CONVERSATIONS.c.summarised <= messages,
            _count(name) >= messages,
        )
        .values(summary=summary, summarised=messages)
    )


def unsummarised(name: str) -> sa.Select[Any]:
    """Return the query for how many messages the summary does not cover."""
    return sa.select(_count(name) - CONVERSATIONS.c.summarised).where(CONVERSATIONS.c.name == name)


def conversation_of(row: sa.Row[Any]) -> Conversation:
    """Return a row of LISTED."""
    return Conversation(
        name=row.name, title=row.title, updated_at=row.updated_at, messages=row.said
    )


def reply_of(row: sa.Row[Any], messages: Sequence[sa.Row[Any]]) -> ConversationReply:
    """Return a conversation with its messages."""
    return ConversationReply(
        name=row.name,
        title=row.title,
        summary=row.summary,
        messages=tuple(
            ChatMessage(role=one.role, text=one.text, at=one.at, end=_end(one.result))
            for one in messages
        ),
    )


def _count(name: str) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(MESSAGES.c.conversation == name).scalar_subquery()


def _end(result: Any) -> ChatEnd | None:  # noqa: ANN401 - JSON from the database
    return None if result is None else ChatEnd.model_validate_json(json.dumps(result))
