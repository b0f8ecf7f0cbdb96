"""Whom a notice is for and what carried it; the order of a carer's half-day; guests who eat in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen `notice`, add `visit_stop` and `walk_in`."""
    with op.batch_alter_table("notice") as batch:
        batch.add_column(sa.Column("made_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("user_id", BigId, nullable=True))
        batch.add_column(sa.Column("channel", sa.String(length=20), nullable=False, server_default=""))
        batch.add_column(sa.Column("fault", sa.String(length=60), nullable=False, server_default=""))
        batch.create_foreign_key(op.f("fk_notice_user_id_staff_user"), "staff_user", ["user_id"], ["id"])
        batch.create_index(op.f("ix_notice_user_id"), ["user_id"], unique=False)
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("channel", server_default=None)
        batch.alter_column("fault", server_default=None)
    op.create_table(
        "visit_stop",
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_visit_stop_position_from_one")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_visit_stop_need_id_need")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_visit_stop_slot_id_slot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_id", "need_id", name=op.f("pk_visit_stop")),
    )
    op.create_index(op.f("ix_visit_stop_need_id"), "visit_stop", ["need_id"], unique=False)
    op.create_table(
        "walk_in",
        sa.Column("id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("ticked_at", UtcDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("from_spare", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_walk_in_slot_id_slot")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_walk_in_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_in")),
    )
    op.create_index(op.f("ix_walk_in_slot_id"), "walk_in", ["slot_id"], unique=False)


def downgrade() -> None:
    """Take it all back."""
    op.drop_table("walk_in")
    op.drop_table("visit_stop")
    with op.batch_alter_table("notice") as batch:
        batch.drop_index(op.f("ix_notice_user_id"))
        batch.drop_constraint(op.f("fk_notice_user_id_staff_user"), type_="foreignkey")
        for column in ("fault", "channel", "user_id", "made_at"):
            batch.drop_column(column)
