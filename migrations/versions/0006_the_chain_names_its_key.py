"""The audit chain can change its key, and keeps reasons apart from what is chained, so that they can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the head's key (empty: the one that the chain began with) and the rows' sealed reason."""
    with op.batch_alter_table("audit_head") as batch:
        batch.add_column(sa.Column("key_id", sa.String(length=8), nullable=False, server_default=""))
    with op.batch_alter_table("audit_row") as batch:
        batch.add_column(sa.Column("reason_box", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("row_key", sa.String(length=16), nullable=False, server_default=""))


def downgrade() -> None:
    """Take both away: the reasons are lost, and a chain that has changed its key can be read by its last key only."""
    with op.batch_alter_table("audit_row") as batch:
        batch.drop_column("row_key")
        batch.drop_column("reason_box")
    with op.batch_alter_table("audit_head") as batch:
        batch.drop_column("key_id")
