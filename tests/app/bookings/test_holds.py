"""Holds: ten minutes of a place set aside, prolonged, used, given up, run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.bookings.checks import Wish, check_wish
from app.bookings.commands import book
from app.bookings.errors import BookingNotPossible, HoldExpired
from app.bookings.holds import expire_holds, find_wish, hold, release_hold
from app.bookings.sweep import expire_due
from app.consents.errors import GuardianConsentMissing
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.models import Consent, Hold, Need
from app.models.enums import HoldState
from app.placements.errors import NotEligible
from tests.app.bookings.conftest import NOW, TODAY, Desk
from tests.factories import areas, people

ELEVEN_MINUTES = timedelta(minutes=11)


def set_aside(desk: Desk, need: Need, now=NOW) -> Hold:
    allowed = check_wish(desk.session, desk.actor, Wish(need.id, desk.slot().id), now)
    return hold(desk.session, desk.actor, allowed, now)


def test_hold_sets_a_place_aside_for_ten_minutes(desk: Desk) -> None:
    row = set_aside(desk, desk.make_need())
    assert row.expires_at == NOW + timedelta(minutes=10)
    assert desk.taken() == 1
    assert recount(desk.session) == []


def test_second_hold_of_the_need_prolongs_the_first(desk: Desk) -> None:
    need = desk.make_need()
    first = set_aside(desk, need)
    again = set_aside(desk, need, NOW + timedelta(minutes=5))
    assert again.id == first.id
    assert again.expires_at == NOW + timedelta(minutes=15)
    assert desk.taken() == 1


def test_booking_uses_the_hold_up(desk: Desk) -> None:
    held, other = desk.make_need(), desk.make_need()
    row = set_aside(desk, held)
    desk.book(other)
    with pytest.raises(SlotFull):
        desk.book(desk.make_need())
    desk.book(held)
    assert desk.session.get_one(Hold, row.id).state is HoldState.used
    assert desk.taken() == 2
    assert recount(desk.session) == []


def test_hold_is_confirmed_by_its_id_while_it_lives(desk: Desk) -> None:
    row = set_aside(desk, desk.make_need())
    assert find_wish(desk.session, desk.actor, row.id, NOW) == Wish(row.need_id, row.slot_id)
    with pytest.raises(HoldExpired) as gone:
        find_wish(desk.session, desk.actor, row.id, NOW + ELEVEN_MINUTES)
    assert gone.value.status == 410


def test_hold_is_given_up_once(desk: Desk) -> None:
    row = set_aside(desk, desk.make_need())
    release_hold(desk.session, desk.actor, row.id)
    assert desk.taken() == 0
    with pytest.raises(BookingNotPossible):
        release_hold(desk.session, desk.actor, row.id)


def test_hold_runs_out(desk: Desk) -> None:
    row = set_aside(desk, desk.make_need())
    assert expire_holds(desk.session, NOW + timedelta(minutes=9)) == 0
    assert expire_holds(desk.session, NOW + ELEVEN_MINUTES) == 1
    assert expire_holds(desk.session, NOW + ELEVEN_MINUTES) == 0
    assert desk.session.get_one(Hold, row.id).state is HoldState.expired
    assert desk.taken() == 0


def test_full_slot_gives_up_holds_whose_time_is_over(desk: Desk) -> None:
    for _ in range(2):
        set_aside(desk, desk.make_need())
    with pytest.raises(SlotFull):
        desk.book(desk.make_need())
    desk.book(desk.make_need(), now=NOW + ELEVEN_MINUTES)
    assert desk.taken() == 1
    assert recount(desk.session) == []


def test_hold_whose_time_is_over_is_not_used(desk: Desk) -> None:
    need = desk.make_need()
    row = set_aside(desk, need)
    desk.book(need, now=NOW + ELEVEN_MINUTES)
    assert desk.session.get_one(Hold, row.id).state is HoldState.expired
    assert desk.taken() == 1
    assert recount(desk.session) == []


def test_sweep_ends_all_that_is_over(desk: Desk) -> None:
    set_aside(desk, desk.make_need())
    swept = expire_due(desk.session, NOW + ELEVEN_MINUTES)
    assert (swept.holds, swept.offers, swept.placements, swept.slots) == (1, 0, 0, 0)
    again = expire_due(desk.session, NOW + timedelta(days=1, minutes=11))
    assert (again.holds, again.slots) == (0, 2)  # the next day's two cells


@pytest.mark.parametrize("act", [hold, book])
def test_nothing_is_set_aside_for_a_child_whose_guardian_took_the_consent_back(
    desk: Desk, act: Callable[..., Any]
) -> None:
    child = people.make_child(
        desk.session, people.make_household(desk.session, areas.make_compound(desk.session))
    )
    need = desk.make_need(person=child)
    allowed = check_wish(desk.session, desk.actor, Wish(need.id, desk.slot().id), NOW)
    for consent in desk.session.scalars(select(Consent).where(Consent.person_id == child.id)):
        consent.withdrawn_on = TODAY
    desk.session.flush()
    with pytest.raises(NotEligible):
        check_wish(desk.session, desk.actor, Wish(need.id, desk.slot().id), NOW)
    with pytest.raises(GuardianConsentMissing):
        act(desk.session, desk.actor, allowed, NOW)
    assert desk.taken() == 0
