"""Makes dated slots from the weekly templates, eight weeks ahead; what is taken in them is the ledger's affair."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar
from app.clock import SHANGHAI
from app.db import WriteSession
from app.ledger.commands import add_capacities, lock_templates
from app.models import Slot
from app.models.enums import SlotState
from app.slots.queries import TemplateRow, find_slots_made, list_template_rows

HORIZON_WEEKS = 8
"""Default reach of dated slots (lifecycle.md); a booking beyond it is refused."""


def extend_horizon(session: WriteSession, today: date, *, weeks: int = HORIZON_WEEKS) -> int:
    """Make every dated slot that is missing from `today` on and return how many that was.

    Days on which the service does not run, closures and years that are not published are left out; `taken`
    starts at what placements in force use. Running it again makes nothing twice, so a retry needs no care.
    """
    # Exclusive before anything is read: see `ledger.lock_templates`.
    lock_templates(session)
    calendar = load_calendar(session)
    last = today + timedelta(days=7 * weeks - 1)
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


def _list_dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _runs(calendar: Calendar, template: TemplateRow, on: date) -> bool:
    return (
        template.is_valid(on)
        and calendar.find_weekday(template.calendar_class, on) == template.weekday
        and calendar.find_closure(template.site_id, template.service_id, on) is None
    )


def _to_row(template: TemplateRow, on: date) -> dict[str, Any]:
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
