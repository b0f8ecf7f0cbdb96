"""A day-care class with two morning places, one held back, and people with needs for a date inside the notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.actor import Actor, system_actor
from app.bookings.checks import Wish, check_wish
from app.bookings.commands import book
from app.calendars.reference import load_reference
from app.db import WriteSession
from app.models import Booking, CareClass, Need, Person, Service, Slot, SlotCapacity, SlotTemplate
from app.models.enums import CapacityKind, Part, ServiceKind, WishPart
from app.slots.commands import extend_horizon
from tests.factories import areas, needs, people, providers

TODAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SOON = date(2026, 11, 4)
"""Wednesday, inside the notice period of three working days."""
LATER = date(2026, 11, 18)
"""A Wednesday that the night plans."""


@dataclass
class Desk:
    """What a test of bookings works with."""

    session: WriteSession
    service: Service
    care_class: CareClass
    actor: Actor = field(default_factory=system_actor)

    def make_person(self, grade: int | None = 3) -> Person:
        household = people.make_household(self.session, areas.make_compound(self.session))
        return people.make_elder(self.session, household, grade=grade)

    def make_need(
        self,
        on: date = SOON,
        part: WishPart = WishPart.morning,
        person: Person | None = None,
        **columns: object,
    ) -> Need:
        person = person or self.make_person()
        kind = columns.pop("kind", ServiceKind.day_care)
        return needs.make_dated_need(self.session, person, on, kind, part, entered_on=TODAY, **columns)

    def slot(self, on: date = SOON, part: Part = Part.morning, care_class: CareClass | None = None) -> Slot:
        return self.session.scalars(
            select(Slot)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .where(
                Slot.class_id == (care_class or self.care_class).id,
                Slot.occurs_on == on,
                SlotTemplate.part == part,
            )
        ).one()

    def book(self, need: Need, slot: Slot | None = None, now: datetime = NOW, **wish: object) -> Booking:
        wanted = Wish(need.id, (slot or self.slot()).id, **wish)
        allowed = check_wish(self.session, self.actor, wanted, now)
        return book(self.session, self.actor, allowed, now)

    def taken(self, slot: Slot | None = None, kind: CapacityKind = CapacityKind.places) -> int:
        self.session.expire_all()
        return self.session.get_one(SlotCapacity, ((slot or self.slot()).id, kind)).taken

    def add_class(self, service: Service | None = None, **columns: object) -> CareClass:
        care_class = providers.make_class(self.session, service or self.service)
        providers.make_week(self.session, care_class, (2,), [Part.morning], {CapacityKind.places: 2})
        extend_horizon(self.session, TODAY)
        return care_class


@pytest.fixture
def desk(session: WriteSession) -> Desk:
    load_reference(session)
    service = providers.make_service(session, held_back_places=0)
    care_class = providers.make_class(session, service)
    providers.make_week(
        session,
        care_class,
        (0, 1, 2, 3, 4),
        [Part.morning, Part.afternoon],
        {CapacityKind.places: 2, CapacityKind.carer_minutes: 100},
    )
    extend_horizon(session, TODAY)
    return Desk(session, service, care_class)
