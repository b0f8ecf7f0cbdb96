"""Refuses to cut a capacity below what is taken: the fault names the date and who is in the way."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Slot, SlotCapacity
from app.models.enums import CapacityKind
from app.slots.queries import list_in_the_way
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Tabs, list_live
from app.workbook.stores.record import Record
from app.workbook.stores.templates import list_changed, list_slots_with
from app.workbook.words import write_word


def check_capacities(tabs: Tabs, record: Record, findings: Findings, today: date) -> None:
    """Note every cut of a weekly slot or of a single date below what is taken."""
    for key in ("templates", "slot_days"):
        if key not in tabs or not tabs[key].lines:
            continue
        tab, stored = tabs[key], record.stored(key)
        for line in list_live(tab):
            before = stored.get(tab.sheet.identify(line.values))
            if before is None:
                continue
            for kind, old, new in list_changed(before.values, before.values | line.values):
                if new >= old:
                    continue
                slot_ids = [before.id]
                if key == "templates":
                    slot_ids = list_slots_with(record.session, before.id, kind, old, today)
                data = _find_overtaken(record.session, slot_ids, kind, new)
                if data:
                    findings.add(tab, line, Problem("capacity_below_taken", f"capacity_{kind.value}", data))


def _find_overtaken(
    session: Session, slot_ids: list[int], kind: CapacityKind, capacity: int
) -> dict[str, Any] | None:
    row = session.execute(
        select(Slot.id, Slot.occurs_on, SlotCapacity.taken)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .where(Slot.id.in_(slot_ids), SlotCapacity.kind == kind, SlotCapacity.taken > capacity)
        .order_by(SlotCapacity.taken.desc(), Slot.occurs_on)
        .limit(1)
    ).first()
    if row is None:
        return None
    codes = [code for group in vars(list_in_the_way(session, row.id)).values() for code in group]
    return {
        "kind": write_word(kind),
        "capacity": capacity,
        "date": row.occurs_on,
        "taken": row.taken,
        "bookings": "、".join(str(code) for code in codes[:5]),
    }
