"""A service may limit a person's meals a month: one more kind of rule."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = (
    "min_age_years",
    "max_age_years",
    "min_age_months",
    "max_age_months",
    "min_care_grade",
    "max_care_grade",
    "needs_cognition",
    "excludes_cognition",
    "lives_in_area",
    "weekly_hours_quota",
)
NEW = "monthly_meals_quota"


def upgrade() -> None:
    """Let `service_rule.kind` hold the new word."""
    _allow((*KINDS, NEW))


def downgrade() -> None:
    """Take the word away, and the rules that use it."""
    op.execute(f"DELETE FROM service_rule WHERE kind = '{NEW}'")  # noqa: S608 - a constant of this file
    _allow(KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("service_rule") as batch:
        batch.drop_constraint(op.f("ck_service_rule_rule_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_service_rule_rule_kind"), f"kind IN ({words})")
