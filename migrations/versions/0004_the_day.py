"""The day: attendance and its ticks, staffing, alarms with their steps, tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "staffing",
        sa.Column("id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "morning",
                "afternoon",
                "lunch",
                "dinner",
                "wave_1630",
                "wave_1700",
                "wave_1800",
                "sitting",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("volunteers", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "staff >= 0 AND volunteers >= 0", name=op.f("ck_staffing_nobody_is_less_than_none")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_staffing_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staffing")),
        sa.UniqueConstraint(
            "service_id", "part", "on_date", name=op.f("uq_staffing_service_id_part_on_date")
        ),
    )
    op.create_index(
        "uq_staffing_usual",
        "staffing",
        ["service_id", "part"],
        unique=True,
        sqlite_where=sa.text("on_date IS NULL"),
        postgresql_where=sa.text("on_date IS NULL"),
    )
    op.create_table(
        "task",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("three_no_shows", name="task_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["staff_user.id"], name=op.f("fk_task_done_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_user.id"], name=op.f("fk_task_owner_id_staff_user")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    op.create_index("ix_task_done_at", "task", ["done_at"], unique=False)
    op.create_index("ix_task_person_id", "task", ["person_id"], unique=False)
    op.create_table(
        "alarm",
        sa.Column("id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "gate",
                "missing",
                "unclaimed",
                "unanswered",
                "roll",
                name="alarm_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "call",
                "contact",
                "committee",
                "manager",
                "closed",
                name="alarm_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "arrived",
                "excused",
                "with_family",
                "emergency",
                "no_show",
                "false_alarm",
                name="alarm_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note_box", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "(kind = 'roll') = (person_id IS NULL)", name=op.f("ck_alarm_a_roll_is_of_nobody")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_alarm_closed_has_an_instant")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_alarm_closed_has_an_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["staff_user.id"], name=op.f("fk_alarm_closed_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_user.id"], name=op.f("fk_alarm_owner_id_staff_user")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_alarm_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_alarm_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("slot_id", "person_id", "kind", name=op.f("uq_alarm_slot_id_person_id_kind")),
    )
    op.create_index("ix_alarm_person_id", "alarm", ["person_id"], unique=False)
    op.create_index("ix_alarm_state", "alarm", ["state"], unique=False)
    op.create_index(
        "uq_alarm_whole_roll",
        "alarm",
        ["slot_id", "kind"],
        unique=True,
        sqlite_where=sa.text("person_id IS NULL"),
        postgresql_where=sa.text("person_id IS NULL"),
    )
    op.create_table(
        "attendance",
        sa.Column("id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "mark",
            sa.Enum(
                "cleared",
                "collected",
                "present",
                "absent",
                "handed_over",
                name="roll_mark",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("tick_id", sa.String(length=36), nullable=False),
        sa.Column("handed_to_id", BigId, nullable=True),
        sa.CheckConstraint(
            "(mark = 'handed_over') = (handed_to_id IS NOT NULL)",
            name=op.f("ck_attendance_handed_over_to_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["handed_to_id"],
            ["pickup_authorisation.id"],
            name=op.f("fk_attendance_handed_to_id_pickup_authorisation"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_attendance_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("slot_id", "person_id", name=op.f("uq_attendance_slot_id_person_id")),
    )
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"], unique=False)
    op.create_table(
        "roll_tick",
        sa.Column("id", BigId, nullable=False),
        sa.Column("tick_id", sa.String(length=36), nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "mark",
            sa.Enum(
                "cleared",
                "collected",
                "present",
                "absent",
                "handed_over",
                name="roll_mark",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by_id", BigId, nullable=True),
        sa.Column("handed_to_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["handed_to_id"],
            ["pickup_authorisation.id"],
            name=op.f("fk_roll_tick_handed_to_id_pickup_authorisation"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["staff_user.id"], name=op.f("fk_roll_tick_noted_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roll_tick_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_roll_tick_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_tick")),
        sa.UniqueConstraint("tick_id", name=op.f("uq_roll_tick_tick_id")),
    )
    op.create_index("ix_roll_tick_slot_person", "roll_tick", ["slot_id", "person_id"], unique=False)
    op.create_table(
        "alarm_step",
        sa.Column("id", BigId, nullable=False),
        sa.Column("alarm_id", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "call",
                "contact",
                "committee",
                "manager",
                "closed",
                name="alarm_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by_id", BigId, nullable=True),
        sa.Column("note_box", sa.LargeBinary(), nullable=True),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_step_alarm_id_alarm"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["staff_user.id"], name=op.f("fk_alarm_step_noted_by_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_step")),
    )
    op.create_index("ix_alarm_step_alarm_id", "alarm_step", ["alarm_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_alarm_step_alarm_id", table_name="alarm_step")
    op.drop_table("alarm_step")
    op.drop_index("ix_roll_tick_slot_person", table_name="roll_tick")
    op.drop_table("roll_tick")
    op.drop_index("ix_attendance_person_id", table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(
        "uq_alarm_whole_roll",
        table_name="alarm",
        sqlite_where=sa.text("person_id IS NULL"),
        postgresql_where=sa.text("person_id IS NULL"),
    )
    op.drop_index("ix_alarm_state", table_name="alarm")
    op.drop_index("ix_alarm_person_id", table_name="alarm")
    op.drop_table("alarm")
    op.drop_index("ix_task_person_id", table_name="task")
    op.drop_index("ix_task_done_at", table_name="task")
    op.drop_table("task")
    op.drop_index(
        "uq_staffing_usual",
        table_name="staffing",
        sqlite_where=sa.text("on_date IS NULL"),
        postgresql_where=sa.text("on_date IS NULL"),
    )
    op.drop_table("staffing")
