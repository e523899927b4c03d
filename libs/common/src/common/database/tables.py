"""The tables of history: one row per fact, keyed as the fact is, with the whole fact beside it.

Scalars that are filtered or ordered by are columns; everything else, prices as exact strings
included, stays in `fact`. The recorder's migrations create what is written here.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB, TIMESTAMP

METADATA: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

_TIME: Final = TIMESTAMP(timezone=True)
_DOUBLE: Final[sa.types.TypeEngine[float]] = DOUBLE_PRECISION()

CANDLES: Final = sa.Table(
    "candles",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("timeframe", sa.Text, primary_key=True),
    sa.Column("open_time", _TIME, primary_key=True),
    sa.Column("open", _DOUBLE, nullable=False),
    sa.Column("high", _DOUBLE, nullable=False),
    sa.Column("low", _DOUBLE, nullable=False),
    sa.Column("close", _DOUBLE, nullable=False),
    sa.Column("volume", _DOUBLE, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column(
        "as_of", _TIME, nullable=False, comment="as_of of the fact that told it: the newest wins"
    ),
    sa.Index("candles_open_time_brin", "open_time", postgresql_using="brin"),
)

BACKFILLS: Final = sa.Table(
    "backfills",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, primary_key=True, comment="a timeframe, or metrics"),
    sa.Column("period", sa.Text, primary_key=True, comment="a month or a day, UTC"),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("checksum", sa.Text, comment="null: there is no such file"),
    sa.Column("kept", sa.Integer, nullable=False, comment="rows"),
    sa.Column("mended", sa.Integer, nullable=False, comment="of them, read from the venue"),
    sa.Column("missing", sa.Integer, nullable=False, comment="the venue has none either"),
    sa.Column("faults", JSONB, nullable=False, comment="refused rows by kind"),
    sa.Column(
        "recorded_at", _TIME, nullable=False, server_default=sa.text("now()"), comment="wall time"
    ),
)

DERIVATIVES: Final = sa.Table(
    "derivatives",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("observed_at", _TIME, primary_key=True),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("mark_price", _DOUBLE),
    sa.Column("funding_rate_8h", _DOUBLE),
    sa.Column("open_interest_usd", _DOUBLE),
    sa.Column("fact", JSONB, nullable=False),
    sa.Column("basis_bps", _DOUBLE),
    sa.Column("open_interest", _DOUBLE),
    sa.Column("quadrant_4h", sa.Text),
    sa.Column("long_short_ratio", _DOUBLE),
    sa.Index("derivatives_observed_at_brin", "observed_at", postgresql_using="brin"),
)

UNIVERSE_SNAPSHOTS: Final = sa.Table(
    "universe_snapshots",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True, comment="the UTC day"),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("included", ARRAY(sa.Text), nullable=False, comment="contracts that are scanned"),
    sa.Column("listed", sa.Integer, nullable=False, comment="how many contracts there are"),
    sa.Column("fact", JSONB, nullable=False),
)

DELISTINGS: Final = sa.Table(
    "delistings",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("ends_at", _TIME, primary_key=True),
    sa.Column("observed_at", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("fact", JSONB, nullable=False),
)

SIGNALS: Final = sa.Table(
    "signals",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column(
        "scan_close",
        _TIME,
        primary_key=True,
        comment="the close time inside scan_id: a hypertable's key holds its time",
    ),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("direction", sa.Text),
    sa.Column("score", _DOUBLE),
    sa.Column("trend_score", _DOUBLE),
    sa.Column("confidence", _DOUBLE),
    sa.Column("candidate", sa.Boolean, nullable=False),
    sa.Column("regime", sa.Text),
    sa.Column("coverage", _DOUBLE, nullable=False),
    sa.Column("quality", _DOUBLE, nullable=False),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("signals_newest_idx", sa.text("as_of DESC"), sa.text("scan_id DESC"), "symbol"),
    sa.Index("signals_scan_idx", "scan_id", "symbol"),
    sa.Index("signals_symbol_idx", "venue", "symbol", sa.text("as_of DESC")),
)

DECISIONS: Final = sa.Table(
    "decisions",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="plan, blocked, no_setup or no_data"),
    sa.Column("direction", sa.Text),
    sa.Column("score", _DOUBLE),
    sa.Column("trend_score", _DOUBLE),
    sa.Column("confidence", _DOUBLE),
    sa.Column("regime", sa.Text),
    sa.Column("rank", _DOUBLE),
    sa.Column("net_rr", _DOUBLE),
    sa.Column("expires_at", _TIME),
    sa.Column("refused", ARRAY(sa.Text), nullable=False, comment="names of the gates that refused"),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("decisions_scan_idx", "scan_id", "kind", sa.text("rank DESC")),
    sa.Index("decisions_newest_idx", sa.text("as_of DESC"), "kind"),
    sa.Index("decisions_symbol_idx", "venue", "symbol", sa.text("as_of DESC")),
)

OUTCOMES: Final = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("final", sa.Boolean, nullable=False, comment="the plan's life ends with this step"),
    sa.Column("gross_r", _DOUBLE),
    sa.Column("net_r", _DOUBLE),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("outcomes_newest_idx", sa.text("occurred_at DESC"), sa.text("scan_id DESC")),
    sa.Index("outcomes_symbol_idx", "venue", "symbol", sa.text("occurred_at DESC")),
)

ANALYST_NOTES: Final = sa.Table(
    "analyst_notes",
    METADATA,
    sa.Column("venue", sa.Text, primary_key=True),
    sa.Column("symbol", sa.Text, primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("stance", sa.Text, nullable=False),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("analyst_notes_scan_idx", "scan_id"),
)

SCANS: Final = sa.Table(
    "scans",
    METADATA,
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("as_of", _TIME, nullable=False),
    sa.Column(
        "number",
        sa.BigInteger,
        nullable=False,
        comment="of scans of one close the highest is newest",
    ),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("started", JSONB),
    sa.Column("completed", JSONB),
    sa.Index("scans_newest_idx", sa.text("as_of DESC"), sa.text("number DESC")),
    sa.Index("scans_venue_idx", "venue", sa.text("as_of DESC"), sa.text("number DESC")),
)

RESOURCES: Final = sa.Table(
    "resources",
    METADATA,
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("instance", sa.Text, primary_key=True),
    sa.Column("at", _TIME, primary_key=True),
    sa.Column("scan_id", sa.Text),
    sa.Column("cpu_seconds", _DOUBLE, nullable=False),
    sa.Column("core_equivalents", _DOUBLE, nullable=False),
    sa.Column("rss_peak_bytes", sa.BigInteger, nullable=False),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("resources_at_brin", "at", postgresql_using="brin"),
)

DEAD_LETTERS: Final = sa.Table(
    "dead_letters",
    METADATA,
    sa.Column(
        "digest", sa.Text, primary_key=True, comment="SHA-256 of the fact's key, which has no bound"
    ),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("stream_sequence", sa.BigInteger, nullable=False),
    sa.Column("venue", sa.Text),
    sa.Column("symbol", sa.Text),
    sa.Column("scan_id", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column(
        "recorded_at", _TIME, nullable=False, server_default=sa.text("now()"), comment="wall time"
    ),
    sa.Column("fact", JSONB, nullable=False),
    sa.Index("dead_letters_recorded_at_idx", sa.text("recorded_at DESC")),
)
