"""A closure moves bookings where another slot takes them, ends the others, and lets series skip the days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bookings.checks import Wish, check_wish
from app.bookings.closed import Closing
from app.bookings.closures import close
from app.bookings.holds import hold
from app.errors import NotFound
from app.ledger.commands import occupy, recount
from app.models import AuditRow, Booking, Closure, Hold, Need, PlacementException, Site, SlotTemplate
from app.models.enums import BookingState, HoldState, NeedState, Origin, PlacementState, SlotState, WishPart
from app.slots.commands import extend_horizon
from app.slots.errors import SlotClosed
from tests.app.bookings.conftest import NOW, SOON, TODAY, Desk
from tests.factories import needs, placements, providers


def closing(desk: Desk, *, whole_site: bool = False) -> Closing:
    service_id = None if whole_site else desk.service.id
    return Closing(desk.service.site_id, service_id, SOON, SOON, "water pipe")


def add_other_service(desk: Desk) -> Desk:
    service = providers.make_service(desk.session, held_back_places=0)
    return Desk(desk.session, service, desk.add_class(service))


def test_booking_moves_to_another_service_of_its_kind(desk: Desk) -> None:
    other = add_other_service(desk)
    row = desk.book(desk.make_need())
    done = close(desk.session, desk.actor, closing(desk), NOW)
    assert (done.moved, done.ended) == ([row.code], [])
    assert row.slot_id == other.slot().id
    assert (row.origin, row.reason) == (Origin.urgent, "closure: water pipe")
    assert (desk.taken(), other.taken()) == (0, 1)
    assert desk.slot().state is SlotState.closed
    assert recount(desk.session) == []


def test_house_closes_although_a_workbook_brought_the_next_code(desk: Desk) -> None:
    site, other = desk.session.get_one(Site, desk.service.site_id), providers.make_site(desk.session)
    desk.session.add(Closure(code=f"CL-{site.code}-1", site_id=other.id, starts_on=TODAY, ends_on=TODAY))
    desk.session.flush()
    assert close(desk.session, desk.actor, closing(desk), NOW).closure.code == f"CL-{site.code}-2"


def test_booking_without_another_slot_ends_and_its_need_waits(desk: Desk) -> None:
    need = desk.make_need()
    row = desk.book(need)
    done = close(desk.session, desk.actor, closing(desk, whole_site=True), NOW)
    assert (done.moved, done.ended) == ([], [row.code])
    desk.session.expire_all()
    assert desk.session.get_one(Booking, row.id).state is BookingState.cancelled
    assert desk.session.get_one(Need, need.id).state is NeedState.open
    with pytest.raises(SlotClosed):
        desk.book(need)
    noted = desk.session.scalars(select(AuditRow).where(AuditRow.act == "site.close")).one()
    assert noted.data["ended"] == [row.code]


def test_only_as_many_move_as_fit(desk: Desk) -> None:
    other = add_other_service(desk)
    other.book(desk.make_need())
    rows = [desk.book(desk.make_need()) for _ in range(2)]
    done = close(desk.session, desk.actor, closing(desk), NOW)
    assert done.moved == [rows[0].code]  # who booked first
    assert done.ended == [rows[1].code]
    assert other.taken() == 2
    assert recount(desk.session) == []


def test_hold_on_a_closed_slot_is_given_up(desk: Desk) -> None:
    need = desk.make_need()
    allowed = check_wish(desk.session, desk.actor, Wish(need.id, desk.slot().id), NOW)
    row = hold(desk.session, desk.actor, allowed, NOW)
    close(desk.session, desk.actor, closing(desk), NOW)
    assert desk.session.get_one(Hold, row.id).state is HoldState.released
    assert desk.taken() == 0


def test_series_skips_the_closed_dates_and_goes_on(desk: Desk) -> None:
    weekly = needs.make_need(
        desk.session, desk.make_person(), patterns=(((2,), WishPart.morning),), starts_on=TODAY
    )
    template = desk.session.scalars(
        select(SlotTemplate).where(
            SlotTemplate.class_id == desk.care_class.id,
            SlotTemplate.weekday == 2,
            SlotTemplate.part == "morning",
        )
    ).one()
    placed = placements.make_placement(
        desk.session, weekly, desk.care_class, [template], state=PlacementState.active, starts_on=TODAY
    )
    occupy(desk.session, [placed.id])
    done = close(desk.session, desk.actor, closing(desk), NOW)
    assert done.skipping == [placed.code]
    skipped = desk.session.scalars(select(PlacementException.on_date)).all()
    assert skipped == [SOON]
    assert desk.taken() == 0
    assert desk.taken(desk.slot(SOON + timedelta(days=7))) == 1
    assert recount(desk.session) == []


def test_days_of_a_closure_get_no_slots_later(desk: Desk) -> None:
    beyond = TODAY + timedelta(days=58)  # Wednesday 30 December, not made yet
    place = Closing(desk.service.site_id, None, beyond, beyond, "stocktaking")
    close(desk.session, desk.actor, place, NOW)
    extend_horizon(desk.session, TODAY + timedelta(days=7))
    with pytest.raises(Exception, match="No row"):
        desk.slot(beyond)


def test_closure_noted_later_ends_nothing_that_has_been(desk: Desk) -> None:
    rows = [desk.book(desk.make_need()) for _ in range(2)]
    later = NOW + (SOON - TODAY) + timedelta(hours=6)  # the morning is over
    done = close(desk.session, desk.actor, replace(closing(desk), starts_on=TODAY), later)
    assert (done.moved, done.ended) == ([], [])
    done = close(desk.session, desk.actor, closing(desk), later + timedelta(days=3))
    assert (done.moved, done.ended, done.skipping) == ([], [], [])
    assert {row.state for row in rows} == {BookingState.booked}
    assert recount(desk.session) == []


def test_service_of_another_site_is_not_found(desk: Desk) -> None:
    other = add_other_service(desk)
    for service_id in (other.service.id, 10**9):
        with pytest.raises(NotFound):
            close(desk.session, desk.actor, replace(closing(desk), service_id=service_id), NOW)


def test_unknown_site_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        close(desk.session, desk.actor, Closing(10**9, None, SOON, SOON, "x"), NOW)
