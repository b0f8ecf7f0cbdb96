"""Somebody who wishes to change has two places until the new one begins: the old one, and one marked as the transfer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LIVE = "state IN ('proposed', 'offered', 'confirmed', 'active')"


def upgrade() -> None:
    """Add the mark; one live place per need beside at most one marked."""
    op.drop_index("uq_placement_live_need", table_name="placement")
    with op.batch_alter_table("placement") as batch:
        batch.add_column(sa.Column("is_transfer", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("placement") as batch:
        batch.alter_column("is_transfer", server_default=None)
    _make_index("uq_placement_live_need", f"{LIVE} AND NOT is_transfer")
    _make_index("uq_placement_live_transfer", f"{LIVE} AND is_transfer")


def downgrade() -> None:
    """Take the mark away: places that were only about to be changed to are withdrawn, what they took is counted anew."""
    op.drop_index("uq_placement_live_transfer", table_name="placement")
    op.drop_index("uq_placement_live_need", table_name="placement")
    op.execute(f"UPDATE placement SET state = 'withdrawn' WHERE {LIVE} AND is_transfer")  # noqa: S608 - a constant
    with op.batch_alter_table("placement") as batch:
        batch.drop_column("is_transfer")
    _make_index("uq_placement_live_need", LIVE)


def _make_index(name: str, where: str) -> None:
    op.create_index(
        name,
        "placement",
        ["need_id"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
