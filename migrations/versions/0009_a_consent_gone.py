"""A task for an adviser may be that somebody's consent to matching is gone."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = ("three_no_shows",)
NEW = (*OLD, "consent_gone")


def upgrade() -> None:
    """Let the kind in."""
    _allow(NEW)


def downgrade() -> None:
    """Take its tasks away, then the kind: the consent itself tells what they told."""
    op.execute("DELETE FROM task WHERE kind = 'consent_gone'")
    _allow(OLD)


def _allow(kinds: tuple[str, ...]) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("task") as batch:
        batch.drop_constraint(op.f("ck_task_task_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_task_task_kind"), f"kind IN ({words})")
