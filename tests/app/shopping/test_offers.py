"""A partner's offer is answered with whom it serves and what is lacking even then; the record stays as it is."""

from __future__ import annotations

import pytest

from app.db import Database
from app.models.enums import CapacityKind
from app.shopping.errors import NothingCounts, NothingOffered, NotThere
from app.shopping.offers import Answer, answer_offer
from app.shopping.rules import Offer
from tests.app.planning.town import add_elder, add_need, list_live, make_town
from tests.factories.providers import make_class, make_week

WEDNESDAY = 0b100


def ask(database: Database, offer: Offer) -> Answer:
    return answer_offer(database, offer, lambda _step, _share: None)


def test_room_on_the_days_asked_for_serves_and_on_others_does_not(database: Database) -> None:
    with database.writing() as session:
        town = make_town(session, places=0)
        wednesday = [add_need(session, town, add_elder(session, town), days=(2,)).id for _ in range(3)]
        add_need(session, town, add_elder(session, town), days=(0, 2))
        code = town.care_class.code
    before = list_live(database)
    made = ask(database, Offer(code, WEDNESDAY, room=2, volunteers=0))
    assert made.adds == {CapacityKind.places: 2}
    assert (made.unmet, len(made.served), made.elsewhere, made.not_any_more) == (4, 2, [], 0)
    assert set(made.served) < set(wednesday)
    assert made.still_short == [(CapacityKind.places, 2)]
    assert made.is_proven
    assert list_live(database) == before
    both = ask(database, Offer(code, 0b101, room=4, volunteers=0))
    assert len(both.served) == 4
    assert ask(database, Offer(code, 0b1, room=9, volunteers=0)).served == []


def test_volunteers_help_where_hands_are_short_and_a_room_alone_does_not(database: Database) -> None:
    with database.writing() as session:
        town = make_town(session, places=0)
        hands = make_class(session, town.service)
        cells = {CapacityKind.places: 5, CapacityKind.carer_minutes: 0}
        make_week(session, hands, capacities=cells)
        for _ in range(2):
            add_need(session, town, add_elder(session, town), days=(2,))
        code = hands.code
    alone = ask(database, Offer(code, WEDNESDAY, room=5, volunteers=0))
    assert (alone.served, alone.still_short) == ([], [(CapacityKind.carer_minutes, 2)])
    helped = ask(database, Offer(code, WEDNESDAY, room=0, volunteers=1))
    assert helped.adds == {CapacityKind.carer_minutes: 180}
    assert (len(helped.served), helped.still_short) == (2, [])


def test_what_cannot_be_weighed_is_said(database: Database) -> None:
    with database.writing() as session:
        code = make_town(session, places=0).care_class.code
    for offer, fault in (
        (Offer(code, 0, 1, 0), NothingOffered),
        (Offer(code, WEDNESDAY, 0, 0), NothingOffered),
        (Offer("no such class", WEDNESDAY, 1, 0), NotThere),
        (Offer(code, 0b1000000, 1, 0), NotThere),
        (Offer(code, WEDNESDAY, 0, 3), NothingCounts),
    ):
        with pytest.raises(fault):
            ask(database, offer)
