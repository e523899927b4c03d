"""What each venue listed on each day, announced ends, and more of what surrounds a price."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MORE = ("basis_bps", "open_interest", "long_short_ratio")


def upgrade() -> None:
    op.create_table(
        "universe_snapshots",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="the UTC day"),
        sa.Column("as_of", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column(
            "included", ARRAY(sa.Text()), nullable=False, comment="contracts that are scanned"
        ),
        sa.Column("listed", sa.Integer(), nullable=False, comment="how many contracts there are"),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "day", name="universe_snapshots_pkey"),
    )
    op.create_table(
        "delistings",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("ends_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("observed_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("fact", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "ends_at", name="delistings_pkey"),
    )
    for name in _MORE:
        op.add_column("derivatives", sa.Column(name, sa.DOUBLE_PRECISION(), nullable=True))
    op.add_column("derivatives", sa.Column("quadrant_4h", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in (*_MORE, "quadrant_4h"):
        op.drop_column("derivatives", name)
    op.drop_table("delistings")
    op.drop_table("universe_snapshots")
