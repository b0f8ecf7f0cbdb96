"""The kitchen's count of a date: standing and dated orders, absences before and after the cut-off, guests, rounds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.bookings.checks import Wish, check_wish
from app.bookings.closed import Closing
from app.bookings.closures import close
from app.bookings.commands import book, cancel
from app.bookings.errors import PastCutOff
from app.clock import to_local
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.meals.commands import tick, untick, untick_last
from app.meals.errors import NoMealLeft, NotASitting, NotToday
from app.meals.queries import list_eaters
from app.models import Consent
from app.models.enums import (
    CapacityKind,
    ConsentPurpose,
    ExceptionKind,
    PlacementState,
    ServiceKind,
    WishPart,
)
from app.placements.absences import excuse, unexcuse
from app.placements.errors import MealGiven
from tests.app.meals.conftest import EARLY, LATE, NOON, ON, TODAY, Canteen
from tests.factories import areas, needs, people, providers

K = CapacityKind


def test_standing_orders_become_dated_meals_on_every_coming_date(canteen: Canteen) -> None:
    canteen.order(brought=True)
    canteen.order()
    for on in (ON, ON + timedelta(days=1), date(2026, 12, 29)):
        found = canteen.count(on)
        assert (found.delivery, found.take_away, found.ordered, found.to_cook) == (1, 1, 2, 2)
    beyond = canteen.count(date(2026, 12, 29))
    assert beyond.slot_id is None
    assert beyond.capacities == {K.meals: 4, K.seats: 3, K.drops: 2}


def test_only_the_weekdays_of_the_order_count(canteen: Canteen) -> None:
    canteen.order(days=range(1))
    assert canteen.count(ON).ordered == 1
    assert canteen.count(ON + timedelta(days=1)).ordered == 0


def test_meal_that_nobody_said_yes_to_is_kept_and_not_cooked(canteen: Canteen) -> None:
    canteen.order(state=PlacementState.offered)
    found = canteen.count()
    assert (found.ordered, found.pending, found.to_cook) == (0, 1, 0)
    assert canteen.taken(K.meals) == 1


def test_absence_before_the_cut_off_frees_the_meal_and_after_it_makes_it_spare(canteen: Canteen) -> None:
    early, late, _ = canteen.order(brought=True), canteen.order(), canteen.order()
    excuse(canteen.session, canteen.actor, early.id, ON, ExceptionKind.absent, EARLY)
    excuse(canteen.session, canteen.actor, late.id, ON, ExceptionKind.absent, LATE)
    found = canteen.count()
    assert (found.ordered, found.freed, found.spare, found.to_cook) == (1, 1, 1, 2)
    assert (canteen.taken(K.meals), canteen.taken(K.drops)) == (2, 0)
    unexcuse(canteen.session, canteen.actor, late.id, ON)
    unexcuse(canteen.session, canteen.actor, early.id, ON)
    assert (canteen.count().ordered, canteen.taken(K.meals), canteen.taken(K.drops)) == (3, 3, 1)
    assert recount(canteen.session) == []


def test_count_is_final_after_the_cut_off(canteen: Canteen) -> None:
    canteen.order()
    assert [canteen.count(now=at).is_final for at in (EARLY, LATE)] == [False, True]
    assert f"{to_local(canteen.count().cut_off_at):%m-%d %H:%M}" == "11-06 15:00"


def test_dated_order_is_taken_until_the_cut_off_and_spare_when_called_off_after_it(
    canteen: Canteen,
) -> None:
    session = canteen.session

    def wish() -> Wish:
        need = needs.make_dated_need(
            session,
            people.make_elder(session, people.make_household(session)),
            ON,
            ServiceKind.canteen,
            WishPart.lunch,
            entered_on=TODAY,
        )
        return Wish(need.id, canteen.slot().id)

    rows = []
    for _ in range(2):
        allowed = check_wish(session, canteen.actor, wish(), EARLY)
        rows.append(book(session, canteen.actor, allowed, EARLY))
    with pytest.raises(PastCutOff):
        check_wish(session, canteen.actor, wish(), LATE)
    late = wish()
    urgent = Wish(late.need_id, late.slot_id, urgent=True, reason="刚出院")
    book(session, canteen.actor, check_wish(session, canteen.actor, urgent, LATE), LATE)
    assert canteen.count().ordered == 3
    cancel(session, canteen.actor, rows[0].id, EARLY)
    cancel(session, canteen.actor, rows[1].id, LATE)
    found = canteen.count()
    assert (found.ordered, found.freed, found.spare) == (1, 1, 1)


def test_guest_takes_a_seat_and_a_meal_and_then_what_is_spare(canteen: Canteen) -> None:
    rows = [canteen.order() for _ in range(3)]
    excuse(canteen.session, canteen.actor, rows[0].id, ON, ExceptionKind.absent, LATE)
    slot_id = canteen.slot().id
    ticks = [tick(canteen.session, canteen.actor, slot_id, NOON) for _ in range(2)]
    assert [row.from_spare for row in ticks] == [False, True]
    assert (canteen.taken(K.meals), canteen.taken(K.seats)) == (4, 2)
    found = canteen.count(now=NOON)
    assert (found.guests, found.spare, found.ordered, found.to_cook) == (2, 0, 2, 4)
    with pytest.raises(NoMealLeft), canteen.session.begin_nested():
        tick(canteen.session, canteen.actor, slot_id, NOON)
    assert recount(canteen.session) == []
    untick(canteen.session, canteen.actor, ticks[1].id, NOON)
    untick_last(canteen.session, canteen.actor, slot_id, NOON)
    assert (canteen.taken(K.meals), canteen.taken(K.seats)) == (3, 0)
    assert recount(canteen.session) == []


def test_meal_that_a_guest_has_eaten_does_not_come_back(canteen: Canteen) -> None:
    rows = [canteen.order() for _ in range(4)]
    for row in rows[:2]:
        excuse(canteen.session, canteen.actor, row.id, ON, ExceptionKind.absent, LATE)
    tick(canteen.session, canteen.actor, canteen.slot().id, NOON)
    unexcuse(canteen.session, canteen.actor, rows[0].id, ON)  # one was still spare
    with pytest.raises(MealGiven):
        unexcuse(canteen.session, canteen.actor, rows[1].id, ON)
    assert recount(canteen.session) == []


def test_without_a_seat_nobody_eats_in(canteen: Canteen) -> None:
    slot_id = canteen.slot().id
    for _ in range(3):
        tick(canteen.session, canteen.actor, slot_id, NOON)
    with pytest.raises(SlotFull) as full:
        tick(canteen.session, canteen.actor, slot_id, NOON)
    assert full.value.data["kind"] is K.seats


def test_guests_are_ticked_on_the_day_and_at_a_canteen_only(canteen: Canteen) -> None:
    with pytest.raises(NotToday):
        tick(canteen.session, canteen.actor, canteen.slot().id, LATE)
    day = providers.make_slot(
        canteen.session, providers.make_template(canteen.session, providers.make_class(canteen.session)), ON
    )
    with pytest.raises(NotASitting):
        tick(canteen.session, canteen.actor, day.id, NOON)


def test_forecast_is_of_the_last_four_same_weekdays(canteen: Canteen) -> None:
    assert canteen.count().expected_guests is None
    for weeks, guests in ((1, 3), (2, 1), (3, 2), (4, 1), (5, 3)):
        on = ON - timedelta(weeks=weeks)
        slot_id = canteen.slot(on).id
        for _ in range(guests):
            tick(canteen.session, canteen.actor, slot_id, NOON - timedelta(weeks=weeks))
    tick(canteen.session, canteen.actor, canteen.slot(ON - timedelta(days=1)).id, NOON - timedelta(days=1))
    found = canteen.count()
    assert found.expected_guests == 2  # (3 + 1 + 2 + 1) / 4, rounded up
    assert found.to_cook == 2


def test_round_lists_its_compounds_and_marks_those_below_the_minimum(canteen: Canteen) -> None:
    one, two = (areas.make_compound(canteen.session) for _ in range(2))
    for compound in (one,):
        canteen.order(brought=True, compound=compound)
    canteen.order(brought=True, compound=two)
    canteen.order(compound=two)
    found = canteen.count()
    assert [(drop.orders, drop.is_below) for drop in found.drops] == [(1, True), (1, True)]
    assert canteen.taken(K.drops) == 2
    with pytest.raises(SlotFull), canteen.session.begin_nested():
        canteen.order(brought=True, compound=two)


def test_diets_are_counted_for_what_is_cooked_only(canteen: Canteen) -> None:
    canteen.order(diet="糖尿病餐")
    away = canteen.order(diet="软食")
    canteen.order(diet="糖尿病餐")
    excuse(canteen.session, canteen.actor, away.id, ON, ExceptionKind.hospital, EARLY)
    assert canteen.count().diets == [("糖尿病餐", 2)]


def test_diet_that_may_not_be_told_is_counted_as_one_to_ask_about(canteen: Canteen) -> None:
    placed = canteen.order(diet="糖尿病餐")
    canteen.order(diet="软食")
    for row in canteen.session.scalars(select(Consent).where(Consent.person_id == placed.person_id)):
        row.withdrawn_on = None if row.purpose is ConsentPurpose.matching else date(2025, 1, 1)
    canteen.session.flush()
    found = canteen.count()
    assert (found.diets, found.withheld) == ([("软食", 1)], 1)
    eaters = list_eaters(canteen.session, [canteen.service], ON)
    assert {one.diets: one.is_withheld for one in eaters} == {(): True, ("软食",): False}


def test_closed_kitchen_cooks_nothing(canteen: Canteen) -> None:
    from app.meals.queries import list_sittings

    canteen.order()
    close(canteen.session, canteen.actor, Closing(canteen.service.site_id, None, ON, ON, "停电"), EARLY)
    assert list_sittings(canteen.session, [canteen.service], ON, LATE) == []


def test_list_names_who_gets_what_and_the_address_of_deliveries_only(canteen: Canteen) -> None:
    brought, fetched = canteen.order(brought=True, diet="软食"), canteen.order()
    found = list_eaters(canteen.session, [canteen.service], ON)
    assert [one.order.person_id for one in found] == [brought.person_id, fetched.person_id]
    assert found[0].diets == ("软食",)
    assert found[1].address is None
