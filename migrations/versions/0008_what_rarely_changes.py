"""A stamp that the database draws anew with every change of policies, calendar, services, weeks and maps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "area",
    "calendar_day",
    "calendar_year",
    "care_class",
    "closure",
    "compound",
    "policy",
    "school_term",
    "service",
    "service_rule",
    "site",
    "slot_template",
    "slot_template_capacity",
    "walking_graph",
)
ACTS = ("INSERT", "UPDATE", "DELETE")
DRAWN = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}


def upgrade() -> None:
    """Make the row, drawn once, and the triggers that draw it again, whoever changes a table and however."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        "reference_stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(36), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_stamp_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_stamp")),
    )
    drawn = DRAWN[dialect]
    op.execute(f"INSERT INTO reference_stamp (id, stamp) VALUES (1, {drawn})")  # noqa: S608 - constants
    draw = f"UPDATE reference_stamp SET stamp = {drawn} WHERE id = 1"  # noqa: S608 - constants
    if dialect == "sqlite":
        for table in TABLES:
            for act in ACTS:
                op.execute(
                    f"CREATE TRIGGER stamp_{table}_{act.lower()} AFTER {act} ON {table} BEGIN {draw}; END"
                )
        return
    op.execute(
        "CREATE FUNCTION draw_reference_stamp() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {draw}; RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER stamp_{table} AFTER {' OR '.join(ACTS)} OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION draw_reference_stamp()"
        )


def downgrade() -> None:
    """Take the triggers and the row away; nothing else knew of them."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ACTS:
                op.execute(f"DROP TRIGGER stamp_{table}_{act.lower()}")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER stamp_{table} ON {table}")
        op.execute("DROP FUNCTION draw_reference_stamp()")
    op.drop_table("reference_stamp")
