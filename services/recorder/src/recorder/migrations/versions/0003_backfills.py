"""Which archive files the candles hold already, so that a backfill goes on where it stopped."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="a timeframe, or metrics"),
        sa.Column("period", sa.Text(), nullable=False, comment="a month or a day, UTC"),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=True, comment="null: there is no such file"),
        sa.Column("kept", sa.Integer(), nullable=False, comment="rows"),
        sa.Column("mended", sa.Integer(), nullable=False, comment="of them, read from the venue"),
        sa.Column("missing", sa.Integer(), nullable=False, comment="the venue has none either"),
        sa.Column("faults", JSONB(), nullable=False, comment="refused rows by kind"),
        sa.Column(
            "recorded_at",
            TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="wall time",
        ),
        sa.PrimaryKeyConstraint("venue", "symbol", "content", "period", name="backfills_pkey"),
    )


def downgrade() -> None:
    op.drop_table("backfills")
