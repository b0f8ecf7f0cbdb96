"""A canteen with lunch on every day: four meals, three seats, two drops; people who have it brought or fetch it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.actor import Actor, system_actor
from app.calendars.reference import load_reference
from app.db import WriteSession
from app.ledger.commands import occupy
from app.meals.queries import Sitting, list_sittings
from app.models import CareClass, Placement, PlacementUse, Service, Slot, SlotCapacity, SlotTemplate
from app.models.enums import CalendarClass, CapacityKind, Part, PlacementState, ServiceKind, WishPart
from app.slots.commands import extend_horizon
from tests.factories import areas, needs, people, placements, providers

K = CapacityKind
TODAY = date(2026, 11, 2)
ON = date(2026, 11, 9)
"""A Monday; its cut-off is Friday the 6th at three."""
EARLY = datetime(2026, 11, 6, 6, 59, tzinfo=UTC)
LATE = datetime(2026, 11, 6, 7, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 9, 4, 0, tzinfo=UTC)
CAPACITIES = {K.meals: 4, K.seats: 3, K.drops: 2}


@dataclass
class Canteen:
    """What a test of meals works with."""

    session: WriteSession
    service: Service
    care_class: CareClass
    cells: list[SlotTemplate]
    actor: Actor = field(default_factory=system_actor)

    def order(
        self,
        *,
        brought: bool = False,
        compound: Any = None,
        state: PlacementState = PlacementState.active,
        diet: str | None = None,
        days: range = range(7),
    ) -> Placement:
        """Make a standing order for these weekdays."""
        household = people.make_household(self.session, compound or areas.make_compound(self.session))
        person = people.make_elder(self.session, household)
        if diet:
            people.make_evidence(self.session, person, "diet", diet)
        need = needs.make_need(self.session, person, ServiceKind.canteen, [(days, WishPart.lunch)])
        cells = [self.cells[day] for day in days]
        kinds = (K.meals, K.drops) if brought else (K.meals,)
        uses = [PlacementUse(template_id=row.id, kind=kind, amount=1) for row in cells for kind in kinds]
        row = placements.make_placement(
            self.session, need, self.care_class, cells, state=state, starts_on=TODAY, uses=uses
        )
        occupy(self.session, [row.id])
        return row

    def slot(self, on: date = ON) -> Slot:
        return self.session.scalars(
            select(Slot).where(Slot.class_id == self.care_class.id, Slot.occurs_on == on)
        ).one()

    def taken(self, kind: CapacityKind, on: date = ON) -> int:
        self.session.expire_all()
        return self.session.get_one(SlotCapacity, (self.slot(on).id, kind)).taken

    def count(self, on: date = ON, now: datetime = LATE) -> Sitting:
        (sitting,) = list_sittings(self.session, [self.service], on, now)
        return sitting


def make_canteen(session: WriteSession) -> Canteen:
    """Make the canteen with dated slots for eight weeks from five weeks before the day."""
    load_reference(session)
    service = providers.make_service(
        session, ServiceKind.canteen, calendar_class=CalendarClass.every_day, held_back_places=0
    )
    care_class = providers.make_class(session, service)
    cells = providers.make_week(session, care_class, range(7), [Part.lunch], CAPACITIES)
    extend_horizon(session, TODAY - timedelta(weeks=5), weeks=13)
    return Canteen(session, service, care_class, cells)


@pytest.fixture
def canteen(session: WriteSession) -> Canteen:
    return make_canteen(session)
