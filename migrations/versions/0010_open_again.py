"""A closure can be taken back: the record tells what a closure shut and cancelled from what the office did itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LIVE_BOOKING = "state IN ('booked', 'attended', 'no_show')"
CHECKS = {
    "slot": ("ck_slot_a_closure_shuts", "NOT by_closure OR state = 'closed'"),
    "booking": ("ck_booking_a_closure_cancels", "NOT by_closure OR state = 'cancelled'"),
}


def upgrade() -> None:
    """Add the marks, and set them where what is in the record tells."""
    op.add_column("closure", sa.Column("taken_back_at", UtcDateTime, nullable=True))
    op.drop_index("uq_booking_live_person_slot", table_name="booking")
    for table, (name, rule) in CHECKS.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("by_closure", sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(table) as batch:
            batch.alter_column("by_closure", server_default=None)
            batch.create_check_constraint(op.f(name), rule)
    _make_index()
    # A slot shut within a closure's days was shut by it as far as anybody can tell.
    op.execute(
        "UPDATE slot SET by_closure = true WHERE state = 'closed' AND EXISTS ("
        "SELECT 1 FROM care_class JOIN service ON service.id = care_class.service_id "
        "JOIN closure ON closure.site_id = service.site_id "
        "WHERE care_class.id = slot.class_id AND (closure.service_id IS NULL OR closure.service_id = service.id) "
        "AND slot.occurs_on BETWEEN closure.starts_on AND closure.ends_on)"
    )
    # Only a closure says so to a person: the notice's key names the booking as it was left.
    op.execute(
        "UPDATE booking SET by_closure = true WHERE state = 'cancelled' AND EXISTS ("
        "SELECT 1 FROM notice WHERE notice.key = 'booking_cancelled:' || booking.code || ':' || booking.version)"
    )


def downgrade() -> None:
    """Take the marks away; a closure taken back goes, for without the mark it would shut again."""
    op.execute("DELETE FROM closure WHERE taken_back_at IS NOT NULL")
    op.drop_index("uq_booking_live_person_slot", table_name="booking")
    for table, (name, _) in CHECKS.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(name), type_="check")
            batch.drop_column("by_closure")
    _make_index()
    op.drop_column("closure", "taken_back_at")


def _make_index() -> None:
    op.create_index(
        "uq_booking_live_person_slot",
        "booking",
        ["person_id", "slot_id"],
        unique=True,
        sqlite_where=sa.text(LIVE_BOOKING),
        postgresql_where=sa.text(LIVE_BOOKING),
    )
