"""The small world of R6: two classes with two places each on Wednesday and Friday mornings, and five people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from app.calendars.reference import load_reference
from app.db import WriteSession
from app.ledger.commands import occupy
from app.models import Need, Placement, SlotTemplate
from app.models.enums import CapacityKind, NeedState, Origin, Part, PlacementState, WishPart
from app.slots.commands import extend_horizon
from tests.concurrency.model import CAPACITY, HELD_BACK, HORIZON_DAYS, WEEKDAYS
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database

TODAY = date(2026, 11, 2)
DATES = (date(2026, 11, 6), date(2026, 11, 11), date(2026, 11, 11))
"""Two needs of everybody for one morning: whoever has one is elsewhere for the other."""


@dataclass
class World:
    """What every example starts from; ids are of the record."""

    connection: Connection
    service_id: int
    classes: list[int]
    people: dict[int, int]
    """Person by need."""
    dates: dict[int, date | None]
    """Date by need, None for weekly ones."""
    weekdays: dict[int, int]
    """Weekday by weekly need."""

    def propose(self, session: WriteSession, need_id: int, care_class: int, starts_on: date) -> int:
        """Write a proposal and take its capacity, as publishing does; return its id."""
        weekday = self.weekdays[need_id]
        template = session.scalars(
            select(SlotTemplate).where(
                SlotTemplate.class_id == self.classes[care_class], SlotTemplate.weekday == weekday
            )
        ).one()
        count = len(session.scalars(select(Placement.id)).all())
        row = placements.make_placement(
            session,
            session.get_one(Need, need_id),
            _Class(self.classes[care_class]),
            [template],
            state=PlacementState.proposed,
            starts_on=starts_on,
            origin=Origin.plan,
            code=f"P-{need_id}-{count}",
        )
        occupy(session, [row.id])
        return row.id


@dataclass(frozen=True)
class _Class:
    id: int


@contextmanager
def build(database: Database) -> Iterator[World]:
    """Give the world in a transaction that is rolled back at the end."""
    engine = database.engine.execution_options(writes=True)
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            with WriteSession(connection, join_transaction_mode="create_savepoint") as session:
                world = _make(connection, session)
                session.commit()
            yield world
        finally:
            transaction.rollback()


def _make(connection: Connection, session: WriteSession) -> World:
    load_reference(session)
    service = providers.make_service(session, held_back_places=HELD_BACK, notice_days=60)
    classes = [providers.make_class(session, service) for _ in range(2)]
    for care_class in classes:
        providers.make_week(session, care_class, WEEKDAYS, [Part.morning], {CapacityKind.places: CAPACITY})
    extend_horizon(session, TODAY, weeks=HORIZON_DAYS // 7)
    compound = areas.make_compound(session)
    world = World(connection, service.id, [each.id for each in classes], {}, {}, {})
    for number in range(5):
        person = people.make_elder(session, people.make_household(session, compound), grade=3)
        dated = [needs.make_dated_need(session, person, on) for on in DATES]
        weekday = WEEKDAYS[number % 2]
        weekly = needs.make_need(session, person, patterns=(((weekday,), WishPart.morning),), starts_on=TODAY)
        for need in (*dated, weekly):
            assert need.state is NeedState.open
            world.people[need.id] = person.id
            world.dates[need.id] = need.patterns[0].occurs_on
        world.weekdays[weekly.id] = weekday
    return world
