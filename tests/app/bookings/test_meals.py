"""Meals a month by day: the last one is booked, the next is refused with a code; a standing order counts with its dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.bookings.checks import Allowed, Wish, check_wish
from app.bookings.commands import book, cancel, move
from app.bookings.errors import MealsUsedUp
from app.db import WriteSession
from app.models import Booking, CareClass, Need, NeedPattern, Person, Slot
from app.models.enums import (
    BookingState,
    CalendarClass,
    CapacityKind,
    Part,
    PlacementState,
    RuleKind,
    ServiceKind,
    WishPart,
)
from app.placements.byhand import Order
from app.placements.byhand import place as place_by_hand
from app.placements.errors import NotEligible
from app.slots.commands import extend_horizon
from tests.app.bookings.conftest import NOW, TODAY, Desk
from tests.factories import needs, placements, providers

FIRST, SECOND, THIRD = date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5)
NEXT_MONTH = date(2026, 12, 1)


@pytest.fixture
def canteen(desk: Desk, session: WriteSession) -> Desk:
    service = providers.make_service(
        session,
        ServiceKind.canteen,
        held_back_places=0,
        calendar_class=CalendarClass.every_day,
        notice_days=0,
    )
    providers.make_rule(session, service, RuleKind.monthly_meals_quota, 2)
    care_class = providers.make_class(session, service)
    providers.make_week(session, care_class, range(7), [Part.lunch], {CapacityKind.meals: 50})
    extend_horizon(session, TODAY)
    return replace(desk, service=service, care_class=care_class)


def eat(canteen: Desk, person: Person, on: date) -> Booking:
    need = canteen.make_need(on, WishPart.lunch, person, kind=ServiceKind.canteen)
    return canteen.book(need, canteen.slot(on, Part.lunch))


def place_lunch(canteen: Desk, person: Person, weekday: int) -> None:
    need = needs.make_need(
        canteen.session, person, ServiceKind.canteen, [((weekday,), WishPart.lunch)], starts_on=TODAY
    )
    order = Order(
        need_id=need.id,
        class_id=canteen.care_class.id,
        weekdays=1 << weekday,
        part=WishPart.lunch,
        reason="test",
        said_yes_by="self",
    )
    place_by_hand(canteen.session, canteen.actor, order, NOW)


def test_meals_are_booked_up_to_the_quota_and_again_in_the_next_month(canteen: Desk) -> None:
    person = canteen.make_person()
    eat(canteen, person, FIRST)
    eat(canteen, person, SECOND)
    with pytest.raises(MealsUsedUp) as refused:
        eat(canteen, person, THIRD)
    assert (refused.value.code, refused.value.status) == ("quota_used_up", 409)
    assert refused.value.data == {"meals": 2, "wanted_meals": 1, "left_meals": 0, "month": "2026-11"}
    assert eat(canteen, person, NEXT_MONTH).state is BookingState.booked


def test_cancelled_meal_may_be_had_on_another_day(canteen: Desk) -> None:
    person = canteen.make_person()
    first = eat(canteen, person, FIRST)
    eat(canteen, person, SECOND)
    cancel(canteen.session, canteen.actor, first.id, NOW)
    assert eat(canteen, person, THIRD).state is BookingState.booked


def test_meal_that_moves_counts_in_the_month_it_comes_to(canteen: Desk) -> None:
    person = canteen.make_person()
    need = canteen.make_need(FIRST, WishPart.lunch, person, kind=ServiceKind.canteen)
    row = canteen.book(need, canteen.slot(FIRST, Part.lunch))
    eat(canteen, person, SECOND)
    # Both meals of the month are drawn, and this is one of them.
    move(canteen.session, canteen.actor, row.id, _check_move(canteen, need, THIRD), NOW)
    eat(canteen, person, NEXT_MONTH)
    allowed = _check_move(canteen, need, NEXT_MONTH + timedelta(days=1))
    last = eat(canteen, person, NEXT_MONTH + timedelta(days=2))  # somebody else books in between
    with pytest.raises(MealsUsedUp):
        move(canteen.session, canteen.actor, row.id, allowed, NOW)
    cancel(canteen.session, canteen.actor, last.id, NOW)
    move(canteen.session, canteen.actor, row.id, allowed, NOW)


def _check_move(canteen: Desk, need: Need, to: date) -> Allowed:
    need.patterns.append(NeedPattern(rank=len(need.patterns) + 1, part=WishPart.lunch, occurs_on=to))
    canteen.session.flush()
    wish = Wish(need.id, canteen.slot(to, Part.lunch).id, moves=True)
    return check_wish(canteen.session, canteen.actor, wish, NOW)


def test_quota_is_each_persons_own(canteen: Desk) -> None:
    for _ in range(3):
        assert eat(canteen, canteen.make_person(), FIRST).state is BookingState.booked


def test_two_clerks_who_checked_at_once_do_not_both_book_the_last_meal(canteen: Desk) -> None:
    person = canteen.make_person()
    eat(canteen, person, FIRST)
    allowed = []
    for on in (SECOND, THIRD):
        need = canteen.make_need(on, WishPart.lunch, person, kind=ServiceKind.canteen)
        wish = Wish(need.id, canteen.slot(on, Part.lunch).id)
        allowed.append(check_wish(canteen.session, canteen.actor, wish, NOW))
    book(canteen.session, canteen.actor, allowed[0], NOW)
    with pytest.raises(MealsUsedUp):
        book(canteen.session, canteen.actor, allowed[1], NOW)


def test_standing_order_takes_its_dates_off_the_month(canteen: Desk, session: WriteSession) -> None:
    person = canteen.make_person()
    standing = needs.make_need(
        session, person, ServiceKind.canteen, [((6,), WishPart.lunch)], starts_on=TODAY
    )
    cells = [cell for cell in _list_cells(session, canteen.care_class) if cell.weekday == 6]
    placements.make_placement(
        session,
        standing,
        canteen.care_class,
        cells,
        state=PlacementState.active,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 11, 24),
        part=WishPart.lunch,
    )
    eat(canteen, person, FIRST)
    with pytest.raises(MealsUsedUp):
        eat(canteen, person, SECOND)


def test_standing_order_above_the_quota_is_refused_at_the_desk(canteen: Desk) -> None:
    with pytest.raises(NotEligible) as refused:
        place_lunch(canteen, canteen.make_person(), 1)
    (reason,) = refused.value.data["reasons"]
    assert (reason["code"], reason["meals"]) == ("quota_used_up", 2)


def _list_cells(session: WriteSession, care_class: CareClass) -> list:
    from sqlalchemy import select

    from app.models import SlotTemplate

    return list(session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)))


def test_slot_of_the_canteen_is_where_meals_are_counted(canteen: Desk) -> None:
    eat(canteen, canteen.make_person(), FIRST)
    slot: Slot = canteen.slot(FIRST, Part.lunch)
    assert canteen.taken(slot, CapacityKind.meals) == 1
