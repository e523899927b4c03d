"""The analyst's own tables, in a schema of their own: conversations, verdicts, outcomes."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB, TIMESTAMP

SCHEMA: Final = "analyst"
METADATA: Final = sa.MetaData(schema=SCHEMA)

_TIME: Final = TIMESTAMP(timezone=True)

CONVERSATIONS: Final = sa.Table(
    "conversations",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False, server_default=""),
    sa.Column("summarised", sa.Integer, nullable=False, server_default="0"),
    sa.Column("updated_at", _TIME, nullable=False),
)

MESSAGES: Final = sa.Table(
    "messages",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "conversation",
        sa.Text,
        sa.ForeignKey(CONVERSATIONS.c.name, ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("result", JSONB),
)

VERDICTS: Final = sa.Table(
    "verdicts",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("symbol", sa.Text, nullable=False),
    sa.Column("scan_id", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("stance", sa.Text, nullable=False),
    sa.Column("lean", sa.Text),
    sa.Column("reasons", JSONB, nullable=False),
    sa.Column("struck", JSONB, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("prompt_version", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("stored_at", _TIME, nullable=False, server_default=sa.text("now()")),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("mirrored", sa.Boolean, nullable=False),
    sa.UniqueConstraint(
        "venue", "symbol", "scan_id", "model", "prompt_version", "attempt", "mirrored"
    ),
)

OUTCOMES: Final = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("final", sa.Boolean, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("net_r", DOUBLE_PRECISION),
)
