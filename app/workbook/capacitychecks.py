"""Refuses to cut a capacity below what is taken: the fault names the date and who is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Slot, SlotCapacity
from app.models.enums import CapacityKind
from app.slots.queries import list_in_the_way
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Tabs, list_live
from app.workbook.sheet import Row
from app.workbook.stores.record import Record
from app.workbook.stores.table import Stored
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
            after = before.values | line.values
            if key == "templates":
                findings.extend(tab, line, _check_template(record.session, before, after, today))
            for kind, old, new in list_changed(before.values, after):
                if new >= old:
                    continue
                slot_ids = [before.id]
                if key == "templates":
                    slot_ids = list_slots_with(record.session, before.id, kind, old, today)
                data = _find_overtaken(record.session, slot_ids, kind, new)
                if data:
                    findings.add(tab, line, Problem("capacity_below_taken", f"capacity_{kind.value}", data))


def _check_template(session: Session, before: Stored, after: Row, today: date) -> Iterator[Problem]:
    """A weekly slot keeps its class, weekday and part, and does not end before what is taken in it."""
    for key in ("care_class", "weekday", "part"):
        if before.values[key] != after[key]:
            yield Problem("cell_fixed", key)
    last = after.get("valid_to")
    if last is None or last == before.values.get("valid_to"):
        return
    row = session.execute(
        select(Slot.occurs_on, SlotCapacity.taken)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .where(Slot.template_id == before.id, Slot.occurs_on > max(last, today), SlotCapacity.taken > 0)
        .order_by(Slot.occurs_on)
        .limit(1)
    ).first()
    if row is not None:
        yield Problem("ends_before_taken", "valid_to", {"date": row.occurs_on, "taken": row.taken})


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
