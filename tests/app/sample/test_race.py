"""A race's needs may all have all of its slots, only capacity refuses, and its token opens."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.areas.queries import list_descendant_ids
from app.auth_tokens import hash_token
from app.bookings.checks import Wish, check_wish
from app.bookings.commands import book
from app.db import Database, WriteSession
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.models import Login, Need, Slot, SlotCapacity, StaffArea, StaffUser
from app.sample.race import Race, Size, make_race
from tests.app.sample.conftest import NOW
from tests.factories.people import TODAY

SMALL = Size(slots=3, places=2, needs=12)


def find_adviser(session: WriteSession, race: Race) -> Actor:
    login = session.scalars(select(Login).where(Login.token_hash == hash_token(race.token))).one()
    user = session.get_one(StaffUser, login.user_id)
    areas = session.scalars(select(StaffArea.area_id).where(StaffArea.user_id == user.id)).all()
    return Actor(user.id, user.name, user.role, frozenset(list_descendant_ids(session, areas)))


def test_only_capacity_refuses(session: WriteSession) -> None:
    race = make_race(session, SMALL, TODAY)
    adviser = find_adviser(session, race)
    for need_id, slot_id in product(race.needs, race.slots):
        check_wish(session, adviser, Wish(need_id, slot_id), NOW)
    booked = 0
    for number, need_id in enumerate(race.needs):
        wish = Wish(need_id, race.slots[number % 3])
        try:
            book(session, adviser, check_wish(session, adviser, wish, NOW), NOW)
            booked += 1
        except SlotFull:
            pass
    assert booked == 6
    taken = session.scalars(select(SlotCapacity.taken).where(SlotCapacity.slot_id.in_(race.slots))).all()
    assert taken == [2, 2, 2]
    assert recount(session) == []
    with pytest.raises(SlotFull):
        check_wish(session, adviser, Wish(race.needs[-1], race.slots[0]), NOW)


def test_every_race_is_a_new_one(session: WriteSession) -> None:
    first, second = (make_race(session, SMALL, TODAY) for _ in range(2))
    assert not set(first.slots) & set(second.slots)
    assert not set(first.needs) & set(second.needs)
    adviser = find_adviser(session, second)
    check_wish(session, adviser, Wish(second.needs[0], second.slots[0]), NOW)


def test_race_has_the_wanted_size(database: Database) -> None:
    race = database.write(lambda session: make_race(session, Size(needs=300), TODAY))
    assert len(race.slots) == 25
    assert len(race.needs) == 300
    with database.reading() as session:
        capacities = session.execute(
            select(SlotCapacity.capacity, SlotCapacity.taken)
            .join(Slot, Slot.id == SlotCapacity.slot_id)
            .where(Slot.id.in_(race.slots))
        ).all()
        assert set(capacities) == {(20, 0)}
        assert len(set(session.scalars(select(Need.person_id).where(Need.id.in_(race.needs))))) == 300
