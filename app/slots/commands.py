"""Makes dated slots from the weekly templates and sets what they offer; what is taken in them is the ledger's affair."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar
from app.clock import SHANGHAI
from app.db import WriteSession
from app.errors import NotFound, StaleVersion
from app.ledger.capacities import set_capacities, set_capacity
from app.ledger.commands import add_capacities, lock_templates
from app.models import Slot, SlotCapacity, SlotTemplate, SlotTemplateCapacity
from app.models.enums import CapacityKind, SlotState
from app.slots.errors import CapacityBelowTaken
from app.slots.queries import TemplateRow, find_slots_made, find_versions, list_in_the_way, list_template_rows

HORIZON_WEEKS = 8
"""Default reach of dated slots (lifecycle.md); a booking beyond it is refused."""


def find_horizon(today: date, weeks: int = HORIZON_WEEKS) -> date:
    """Return the last date that can be booked on a day."""
    return today + timedelta(days=7 * weeks - 1)


def extend_horizon(session: WriteSession, today: date, *, weeks: int = HORIZON_WEEKS) -> int:
    """Make every dated slot that is missing from `today` on and return how many that was.

    Days on which the service does not run, closures and years that are not published are left out; `taken`
    starts at what placements in force use. Running it again makes nothing twice, so a retry needs no care.
    """
    # Exclusive before anything is read: see `ledger.lock_templates`.
    lock_templates(session)
    calendar = load_calendar(session)
    last = find_horizon(today, weeks)
    made = find_slots_made(session, today, last)
    newest = _last_slot_id(session)
    rows = [
        _to_row(template, on)
        for template in list_template_rows(session)
        for on in _list_dates(today, last)
        if template.id not in made.get(on, ()) and _runs(calendar, template, on)
    ]
    if not rows:
        return 0
    session.execute(insert(Slot), rows)
    add_capacities(session, after_slot_id=newest)
    return len(rows)


def make_slots(session: WriteSession, wanted: Iterable[tuple[int, date]]) -> None:
    """Make the slots of (template id, date) that an import names, whatever the calendar says of the date.

    What the office writes down has happened or will; `taken` starts at what placements in force use. The caller
    has found that they are not there.
    """
    pairs = sorted(wanted)
    if not pairs:
        return
    lock_templates(session)
    newest = _last_slot_id(session)
    templates = {row.id: row for row in session.scalars(select(SlotTemplate))}
    session.execute(insert(Slot), [_to_row(templates[template_id], on) for template_id, on in pairs])
    add_capacities(session, after_slot_id=newest)


def change_capacity(
    session: WriteSession,
    actor: Actor,
    slot_id: int,
    kind: CapacityKind,
    capacity: int,
    reason: str,
    *,
    version: int | None = None,
) -> None:
    """Set what one dated slot offers; below what is taken raises `CapacityBelowTaken`, naming who is in the way.

    `version` is that of the slot the figure was made from (`StaleVersion`); without one the last figure wins.
    """
    _check_version(session, slot_id, kind, version)
    if not set_capacity(session, slot_id, kind, capacity, reason):
        _raise_below_taken(session, slot_id, kind, capacity)
    record(
        session,
        actor.label,
        "slot.capacity",
        f"slot:{slot_id}",
        {"kind": kind, "capacity": capacity, "reason": reason},
    )


def change_week(
    session: WriteSession,
    actor: Actor,
    template_id: int,
    kind: CapacityKind,
    capacity: int,
    from_on: date,
    *,
    seen: tuple[int, int] | None = None,
) -> None:
    """Set what a weekly cell offers, on its dated slots from a date on and for all later ones.

    `seen` is the dated slot (id, version) that the figure was made from (`StaleVersion`).
    """
    lock_templates(session)
    row = session.get(SlotTemplateCapacity, (template_id, kind))
    if row is None:
        raise NotFound
    if seen is not None:
        _check_version(session, seen[0], kind, seen[1])
    slot_ids = session.scalars(
        select(Slot.id).where(Slot.template_id == template_id, Slot.occurs_on >= from_on).order_by(Slot.id)
    ).all()
    for slot_id in set_capacities(session, slot_ids, kind, capacity, ""):
        _raise_below_taken(session, slot_id, kind, capacity)
    row.capacity = capacity
    session.flush()
    record(
        session,
        actor.label,
        "template.capacity",
        f"template:{template_id}",
        {"kind": kind, "capacity": capacity, "from_on": from_on},
    )


def _check_version(session: WriteSession, slot_id: int, kind: CapacityKind, version: int | None) -> None:
    """Lock one capacity and compare what the slot offers with what was seen. Raises `NotFound`, `StaleVersion`."""
    lock = (
        select(SlotCapacity.kind)
        .where(SlotCapacity.slot_id == slot_id, SlotCapacity.kind == kind)
        .with_for_update()
    )
    if session.scalar(lock) is None:
        raise NotFound
    if version is not None and find_versions(session, [slot_id])[slot_id] != version:
        raise StaleVersion


def _raise_below_taken(session: WriteSession, slot_id: int, kind: CapacityKind, capacity: int) -> NoReturn:
    taken = session.scalar(
        select(SlotCapacity.taken).where(SlotCapacity.slot_id == slot_id, SlotCapacity.kind == kind)
    )
    raise CapacityBelowTaken(
        slot_id=slot_id, kind=kind, capacity=capacity, taken=taken, **vars(list_in_the_way(session, slot_id))
    )


def _list_dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _runs(calendar: Calendar, template: TemplateRow, on: date) -> bool:
    return (
        template.is_valid(on)
        and calendar.find_weekday(template.calendar_class, on) == template.weekday
        and calendar.find_closure(template.site_id, template.service_id, on) is None
    )


def _to_row(template: TemplateRow | SlotTemplate, on: date) -> dict[str, Any]:
    return {
        "template_id": template.id,
        "class_id": template.class_id,
        "occurs_on": on,
        "starts_at": datetime.combine(on, template.starts_at_local, SHANGHAI),
        "ends_at": datetime.combine(on, template.ends_at_local, SHANGHAI),
        "state": SlotState.open,
    }


def _last_slot_id(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.max(Slot.id), literal(0)))) or 0
