"""Store of weekly slots: a changed capacity reaches the dated slots that had the old one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import SHANGHAI
from app.db import WriteSession
from app.ledger.capacities import set_capacities
from app.models import Slot, SlotCapacity
from app.models.enums import CapacityKind, SlotState
from app.workbook.sheet import Row
from app.workbook.stores.children import Capacities
from app.workbook.stores.codes import Codes
from app.workbook.stores.table import Stored, TableStore


class TemplateStore(TableStore):
    """Weekly slots; dated slots before `today` are history."""

    today: date = date.max

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:
        """Write the templates, then the dated slots from today on; one set apart by hand stays as it is."""
        super().update(session, changes, codes)
        assert isinstance(session, WriteSession)
        for stored, row in changes:
            self._follow(session, stored, row)
            for kind, before, after in list_changed(stored.values, row):
                slot_ids = list_slots_with(session, stored.id, kind, before, self.today)
                set_capacities(session, slot_ids, kind, after, "")

    def _follow(self, session: Session, stored: Stored, row: Row) -> None:
        """Give dated slots the new times, and close those that the weekly slot no longer reaches."""
        mine = select(Slot).where(Slot.template_id == stored.id, Slot.occurs_on >= self.today)
        times = ("starts_at_local", "ends_at_local")
        if any(stored.values[key] != row[key] for key in times):
            for slot in session.scalars(mine):
                slot.starts_at = datetime.combine(slot.occurs_on, row["starts_at_local"], SHANGHAI)
                slot.ends_at = datetime.combine(slot.occurs_on, row["ends_at_local"], SHANGHAI)
        last = row.get("valid_to")
        if last is not None and last != stored.values.get("valid_to"):
            for slot in session.scalars(mine.where(Slot.occurs_on > last)):
                slot.state, slot.by_closure = SlotState.closed, False
        session.flush()


def list_changed(before: Row, after: Row) -> list[tuple[CapacityKind, int, int]]:
    """Return the kinds whose capacity changes, with the old and the new one."""
    return [
        (kind, before[key], after[key])
        for kind, key in zip(Capacities.kinds, Capacities.keys, strict=True)
        if before.get(key) is not None and after.get(key) is not None and before[key] != after[key]
    ]


def list_slots_with(
    session: Session, template_id: int, kind: CapacityKind, capacity: int, first: date
) -> list[int]:
    """Return the dated slots of a template from a date on that offer just this much."""
    return list(
        session.scalars(
            select(Slot.id)
            .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
            .where(
                Slot.template_id == template_id,
                Slot.occurs_on >= first,
                SlotCapacity.kind == kind,
                SlotCapacity.capacity == capacity,
            )
            .order_by(Slot.id)
        )
    )
