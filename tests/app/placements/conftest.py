"""A day-care class with its week, dated slots and somebody who may have a place in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count

import pytest
from sqlalchemy import select

from app.actor import Actor, system_actor
from app.calendars.reference import load_reference
from app.db import WriteSession
from app.ledger.commands import occupy
from app.models import CareClass, Need, Placement, Service, Slot, SlotCapacity
from app.models.enums import CapacityKind, Part, PlacementState, WishPart
from app.slots.commands import extend_horizon
from tests.factories import areas, needs, people, placements, providers

TODAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""Monday 10:00 in Shanghai; eight weeks of slots end on 27 December."""


@dataclass
class Place:
    """One class with two places on Monday, Wednesday and Friday mornings."""

    session: WriteSession
    service: Service
    care_class: CareClass
    actor: Actor = field(default_factory=system_actor)
    number: count[int] = field(default_factory=count)

    def make_need(self, **columns: object) -> Need:
        household = people.make_household(
            self.session, areas.make_compound(self.session, code=f"K{next(self.number)}-{id(self)}")
        )
        person = people.make_elder(self.session, household, grade=3)
        return needs.make_need(
            self.session,
            person,
            patterns=(((0, 2, 4), WishPart.morning),),
            **({"starts_on": TODAY, "entered_on": TODAY} | columns),
        )

    def make_placed(self, state: PlacementState, need: Need | None = None, **columns: object) -> Placement:
        templates = sorted(self.care_class_templates(), key=lambda row: row.weekday)
        row = placements.make_placement(
            self.session,
            need or self.make_need(),
            self.care_class,
            templates,
            state=state,
            **({"starts_on": date(2026, 11, 9)} | columns),
        )
        occupy(self.session, [row.id])
        return row

    def care_class_templates(self) -> list:
        from app.models import SlotTemplate

        return list(
            self.session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == self.care_class.id))
        )

    def taken(self) -> dict[date, int]:
        rows = self.session.execute(
            select(Slot.occurs_on, SlotCapacity.taken)
            .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
            .where(Slot.class_id == self.care_class.id, SlotCapacity.kind == CapacityKind.places)
        )
        return {on: taken for on, taken in rows}  # noqa: C416


@pytest.fixture
def place(session: WriteSession) -> Place:
    load_reference(session)
    service = providers.make_service(session, held_back_places=0)
    care_class = providers.make_class(session, service)
    providers.make_week(session, care_class, (0, 2, 4), [Part.morning], {CapacityKind.places: 2})
    extend_horizon(session, TODAY)
    return Place(session, service, care_class)


@pytest.fixture
def make_second_class(session: WriteSession) -> Callable[[Service], CareClass]:
    def make(service: Service) -> CareClass:
        care_class = providers.make_class(session, service)
        providers.make_week(session, care_class, (0, 2, 4), [Part.morning], {CapacityKind.places: 2})
        extend_horizon(session, TODAY)
        return care_class

    return make
