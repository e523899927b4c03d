"""The first tables of history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analyst_notes",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "scan_id", "model", name="analyst_notes_pkey"),
    )
    op.create_index("analyst_notes_scan_idx", "analyst_notes", ["scan_id"], unique=False)
    op.create_table(
        "candles",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("open_time", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("open", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("high", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("low", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("close", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("volume", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column(
            "as_of",
            TIMESTAMP(timezone=True),
            nullable=False,
            comment="as_of of the fact that told it: the newest wins",
        ),
        sa.PrimaryKeyConstraint("venue", "symbol", "timeframe", "open_time", name="candles_pkey"),
    )
    op.create_index(
        "candles_open_time_brin", "candles", ["open_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "dead_letters",
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of the fact's key, which has no bound",
        ),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("stream_sequence", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("symbol", sa.Text(), nullable=True),
        sa.Column("scan_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at",
            TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="wall time",
        ),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="dead_letters_pkey"),
    )
    op.create_index(
        "dead_letters_recorded_at_idx", "dead_letters", [sa.text("recorded_at DESC")], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="plan, blocked, no_setup or no_data"),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("score", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("trend_score", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("confidence", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("rank", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("net_rr", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "refused", ARRAY(sa.Text()), nullable=False, comment="names of the gates that refused"
        ),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "scan_id", name="decisions_pkey"),
    )
    op.create_index(
        "decisions_newest_idx", "decisions", [sa.text("as_of DESC"), "kind"], unique=False
    )
    op.create_index(
        "decisions_scan_idx", "decisions", ["scan_id", "kind", sa.text("rank DESC")], unique=False
    )
    op.create_index(
        "decisions_symbol_idx",
        "decisions",
        ["venue", "symbol", sa.text("as_of DESC")],
        unique=False,
    )
    op.create_table(
        "derivatives",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("observed_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("mark_price", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("funding_rate_8h", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("open_interest_usd", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "observed_at", name="derivatives_pkey"),
    )
    op.create_index(
        "derivatives_observed_at_brin",
        "derivatives",
        ["observed_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "outcomes",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column(
            "final", sa.Boolean(), nullable=False, comment="the plan's life ends with this step"
        ),
        sa.Column("gross_r", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("net_r", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "scan_id", "step", name="outcomes_pkey"),
    )
    op.create_index(
        "outcomes_newest_idx",
        "outcomes",
        [sa.text("occurred_at DESC"), sa.text("scan_id DESC")],
        unique=False,
    )
    op.create_index(
        "outcomes_symbol_idx",
        "outcomes",
        ["venue", "symbol", sa.text("occurred_at DESC")],
        unique=False,
    )
    op.create_table(
        "resources",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=True),
        sa.Column("cpu_seconds", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("core_equivalents", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("rss_peak_bytes", sa.BigInteger(), nullable=False),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("service", "instance", "at", name="resources_pkey"),
    )
    op.create_index("resources_at_brin", "resources", ["at"], unique=False, postgresql_using="brin")
    op.create_table(
        "scans",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="of scans of one close the highest is newest",
        ),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("started", JSONB(), nullable=True),
        sa.Column("completed", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("scan_id", name="scans_pkey"),
    )
    op.create_index(
        "scans_newest_idx", "scans", [sa.text("as_of DESC"), sa.text("number DESC")], unique=False
    )
    op.create_index(
        "scans_venue_idx",
        "scans",
        ["venue", sa.text("as_of DESC"), sa.text("number DESC")],
        unique=False,
    )
    op.create_table(
        "signals",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column(
            "scan_close",
            TIMESTAMP(timezone=True),
            nullable=False,
            comment="the close time inside scan_id: a hypertable's key holds its time",
        ),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("score", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("trend_score", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("confidence", sa.DOUBLE_PRECISION(), nullable=True),
        sa.Column("candidate", sa.Boolean(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("coverage", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("quality", sa.DOUBLE_PRECISION(), nullable=False),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "scan_id", "scan_close", name="signals_pkey"),
    )
    op.create_index(
        "signals_newest_idx",
        "signals",
        [sa.text("as_of DESC"), sa.text("scan_id DESC"), "symbol"],
        unique=False,
    )
    op.create_index("signals_scan_idx", "signals", ["scan_id", "symbol"], unique=False)
    op.create_index(
        "signals_symbol_idx", "signals", ["venue", "symbol", sa.text("as_of DESC")], unique=False
    )


def downgrade() -> None:
    for table in (
        "analyst_notes",
        "candles",
        "dead_letters",
        "decisions",
        "derivatives",
        "outcomes",
        "resources",
        "scans",
        "signals",
    ):
        op.drop_table(table)
