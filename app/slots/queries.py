"""Reads slots, templates and how far the dated slots reach."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import CareClass, Service, Slot, SlotTemplate
from app.models.enums import CalendarClass


@dataclass(frozen=True)
class TemplateRow:
    """A cell of a week with what decides on which dates it runs."""

    id: int
    class_id: int
    service_id: int
    site_id: int
    calendar_class: CalendarClass
    weekday: int
    starts_at_local: time
    ends_at_local: time
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Return whether the cell is part of the week on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def list_template_rows(session: Session) -> list[TemplateRow]:
    """Return the templates of active services, by id."""
    rows = session.execute(
        select(
            SlotTemplate.id,
            SlotTemplate.class_id,
            Service.id.label("service_id"),
            Service.site_id,
            Service.calendar_class,
            SlotTemplate.weekday,
            SlotTemplate.starts_at_local,
            SlotTemplate.ends_at_local,
            SlotTemplate.valid_from,
            SlotTemplate.valid_to,
        )
        .join(CareClass, CareClass.id == SlotTemplate.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.is_active)
        .order_by(SlotTemplate.id)
    )
    return [TemplateRow(**row) for row in rows.mappings()]


def find_slots_made(session: Session, first: date, last: date) -> dict[date, set[int]]:
    """Return which templates have a slot already, by date."""
    made: dict[date, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Slot.occurs_on, Slot.template_id).where(Slot.occurs_on >= first, Slot.occurs_on <= last)
    )
    for on, template_id in rows:
        made[on].add(template_id)
    return made


def find_last_slot_on(session: Session) -> date | None:
    """Return the last date for which any dated slot exists."""
    return session.scalar(select(func.max(Slot.occurs_on)))
