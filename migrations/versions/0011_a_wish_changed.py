"""A proposal knows which version of the need it was decided for; that a wish was changed since then is a reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD = (
    "placed",
    "less_preferred",
    "full",
    "group",
    "outweighed",
    "too_far",
    "no_way_down",
    "too_young",
    "too_old",
    "care_grade_too_low",
    "care_grade_too_high",
    "care_grade_missing",
    "care_grade_expired",
    "needs_cognition_flag",
    "not_for_cognition",
    "outside_area",
    "consent_missing",
    "guardian_consent_missing",
    "not_on_these_days",
    "smaller_pattern",
    "closed",
    "calendar_not_published",
    "beyond_horizon",
    "quota_used_up",
    "not_wished",
    "no_option",
    "double_booked",
    "not_step_free",
    "carer_not_suited",
    "no_pickup_adult",
    "waits_for_round",
    "escort_missing",
    "inside_notice",
)
NEW = (*OLD, "need_changed")


def upgrade() -> None:
    """Let the version and the reason in; of what was decided before, the version is not known."""
    with op.batch_alter_table("proposal") as batch:
        batch.add_column(sa.Column("need_version", sa.Integer(), nullable=True))
    _allow(NEW)


def downgrade() -> None:
    """Call what was displaced by a changed wish by the next nearest reason, then take both away."""
    op.execute("UPDATE proposal SET reason = 'not_wished' WHERE reason = 'need_changed'")
    _allow(OLD)
    with op.batch_alter_table("proposal") as batch:
        batch.drop_column("need_version")


def _allow(reasons: tuple[str, ...]) -> None:
    words = ", ".join(f"'{reason}'" for reason in reasons)
    with op.batch_alter_table("proposal") as batch:
        batch.drop_constraint(op.f("ck_proposal_reason"), type_="check")
        batch.create_check_constraint(op.f("ck_proposal_reason"), f"reason IN ({words})")
