"""What a closure shut opens again where it is taken back or shortened; nobody is booked again without being asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.bookings.cancelled import list_cancelled
from app.bookings.closed import Closing, list_closures
from app.bookings.closures import Closed, close
from app.bookings.errors import ClosureOver, OpensInThePast
from app.bookings.reopening import open_again
from app.calendars.queries import load_calendar
from app.errors import NotFound
from app.ledger.commands import occupy, recount
from app.models import Booking, Notice, Placement, PlacementException, SlotTemplate
from app.models.enums import BookingState, Part, PlacementState, SlotState, WishPart
from app.slots.commands import change_capacity, extend_horizon
from tests.app.bookings.conftest import NOW, SOON, TODAY, Desk
from tests.factories import needs, placements, providers

LAST = SOON + timedelta(days=9)


def shut(
    desk: Desk, first: date = SOON, last: date = LAST, *, service: bool = True, at: datetime = NOW
) -> Closed:
    service_id = desk.service.id if service else None
    closing = Closing(desk.service.site_id, service_id, first, last, "pipe")
    return close(desk.session, desk.actor, closing, at)


def place(desk: Desk, part: Part = Part.morning) -> Placement:
    """Return an active place on Wednesdays."""
    weekly = needs.make_need(
        desk.session, desk.make_person(), patterns=(((2,), WishPart(part.value)),), starts_on=TODAY
    )
    template = desk.session.scalars(
        select(SlotTemplate).where(
            SlotTemplate.class_id == desk.care_class.id,
            SlotTemplate.weekday == 2,
            SlotTemplate.part == part,
        )
    ).one()
    row = placements.make_placement(
        desk.session, weekly, desk.care_class, [template], state=PlacementState.active, starts_on=TODAY
    )
    occupy(desk.session, [row.id])
    return row


def list_skipped(desk: Desk) -> list[date]:
    return list(desk.session.scalars(select(PlacementException.on_date).order_by(PlacementException.on_date)))


def test_closure_taken_back_opens_its_slots_and_closes_nothing(desk: Desk) -> None:
    closure = shut(desk).closure
    done = open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    assert done.slots > 0
    assert closure.taken_back_at == NOW
    desk.session.expire_all()
    slot = desk.slot()
    assert (slot.state, slot.by_closure) == (SlotState.open, False)
    assert load_calendar(desk.session).find_closure(desk.service.site_id, desk.service.id, SOON) is None
    desk.book(desk.make_need())
    assert recount(desk.session) == []


def test_shortened_closure_keeps_its_first_days_shut(desk: Desk) -> None:
    closure = shut(desk).closure
    open_again(desk.session, desk.actor, closure.id, SOON + timedelta(days=7), NOW)
    assert (closure.ends_on, closure.taken_back_at) == (SOON + timedelta(days=6), None)
    desk.session.expire_all()
    assert desk.slot().state is SlotState.closed
    assert desk.slot(SOON + timedelta(days=7)).state is SlotState.open


def test_what_another_closure_shuts_stays_shut(desk: Desk) -> None:
    first = shut(desk).closure
    second = shut(desk, service=False, last=SOON).closure
    open_again(desk.session, desk.actor, first.id, SOON, NOW)
    desk.session.expire_all()
    assert desk.slot().state is SlotState.closed
    assert desk.slot(SOON + timedelta(days=7)).state is SlotState.open
    open_again(desk.session, desk.actor, second.id, SOON, NOW)
    desk.session.expire_all()
    assert desk.slot().state is SlotState.open


def test_what_the_office_shut_itself_stays_shut(desk: Desk) -> None:
    desk.slot().state = SlotState.closed
    desk.session.flush()
    closure = shut(desk).closure
    open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    desk.session.expire_all()
    assert desk.slot().state is SlotState.closed


def test_booking_stays_cancelled_and_is_named_until_it_is_made_good(desk: Desk) -> None:
    need = desk.make_need()
    row = desk.book(need)
    closure = shut(desk).closure
    assert list_cancelled(desk.session, NOW, actor=desk.actor) == []  # nothing to offer while it is shut
    done = open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    assert done.cancelled == [row.code]
    desk.session.expire_all()
    assert desk.session.get_one(Booking, row.id).state is BookingState.cancelled
    assert [one.need.id for one in list_cancelled(desk.session, NOW, actor=desk.actor)] == [need.id]
    desk.book(need)
    assert list_cancelled(desk.session, NOW, actor=desk.actor) == []


def test_place_that_skipped_runs_again_and_the_family_is_told(desk: Desk) -> None:
    row = place(desk)
    closure = shut(desk).closure
    assert list_skipped(desk) == [SOON, SOON + timedelta(days=7)]
    done = open_again(desk.session, desk.actor, closure.id, SOON + timedelta(days=7), NOW)
    assert (done.running, done.skipping) == ([row.code], [])
    assert list_skipped(desk) == [SOON]
    assert (desk.taken(), desk.taken(desk.slot(SOON + timedelta(days=7)))) == (0, 1)
    told = desk.session.scalars(select(Notice).where(Notice.template == "placement_runs_again")).one()
    assert told.data["first_on"] == (SOON + timedelta(days=7)).isoformat()
    assert recount(desk.session) == []


def test_place_whose_person_is_booked_elsewhere_meanwhile_goes_on_skipping(desk: Desk) -> None:
    row = place(desk)
    closure = shut(desk, last=SOON).closure
    other = providers.make_service(desk.session, held_back_places=0)
    there = Desk(desk.session, other, desk.add_class(other))
    person = desk.session.get_one(type(desk.make_person()), row.person_id)
    there.book(desk.make_need(person=person))
    done = open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    assert (done.running, done.skipping) == ([], [row.code])
    assert list_skipped(desk) == [SOON]
    told = select(Notice.template).where(Notice.template == "placement_runs_again")
    assert desk.session.scalars(told).all() == []
    assert recount(desk.session) == []


def test_only_as_many_places_run_again_as_there_is_room_for(desk: Desk) -> None:
    rows = [place(desk), place(desk)]
    closure = shut(desk, last=SOON).closure
    change_capacity(desk.session, desk.actor, desk.slot().id, "places", 1, "one carer is ill")
    done = open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    assert (done.running, done.skipping) == ([rows[0].code], [rows[1].code])
    assert desk.taken() == 1
    assert recount(desk.session) == []


def test_slots_that_the_horizon_left_out_are_made(desk: Desk) -> None:
    row = place(desk)
    beyond = TODAY + timedelta(days=58)  # Wednesday 30 December, not made yet
    closure = shut(desk, beyond, beyond).closure
    later = NOW + timedelta(days=7)
    extend_horizon(desk.session, TODAY + timedelta(days=7))
    open_again(desk.session, desk.actor, closure.id, beyond, later)
    assert desk.taken(desk.slot(beyond)) == 1
    told = desk.session.scalars(select(Notice).where(Notice.template == "placement_runs_again")).one()
    assert told.person_id == row.person_id
    assert recount(desk.session) == []


def test_day_that_has_begun_stays_as_it_was(desk: Desk) -> None:
    place(desk)
    closure = shut(desk, TODAY).closure
    at_noon = NOW + (SOON - TODAY) + timedelta(hours=1)
    with pytest.raises(OpensInThePast):
        open_again(desk.session, desk.actor, closure.id, SOON - timedelta(days=1), at_noon)
    open_again(desk.session, desk.actor, closure.id, SOON, at_noon)
    assert closure.ends_on == SOON - timedelta(days=1)
    desk.session.expire_all()
    assert desk.slot().state is SlotState.closed  # the morning
    assert desk.slot(part=Part.afternoon).state is SlotState.open
    assert list_skipped(desk) == [SOON]
    assert recount(desk.session) == []


def test_second_to_open_is_told_that_it_was_done(desk: Desk) -> None:
    closure = shut(desk).closure
    open_again(desk.session, desk.actor, closure.id, SOON + timedelta(days=7), NOW)
    with pytest.raises(ClosureOver) as refused:
        open_again(desk.session, desk.actor, closure.id, SOON + timedelta(days=8), NOW)
    assert refused.value.data["last_on"] == (SOON + timedelta(days=6)).isoformat()
    open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    with pytest.raises(ClosureOver):
        open_again(desk.session, desk.actor, closure.id, SOON, NOW)
    assert list_closures(desk.session, desk.actor, TODAY) == []
    with pytest.raises(NotFound):
        open_again(desk.session, desk.actor, 10**9, SOON, NOW)


def test_days_closed_once_more_are_told_once_more(desk: Desk) -> None:
    place(desk)
    for number in range(2):
        closure = shut(desk, at=NOW + timedelta(minutes=number)).closure
        open_again(desk.session, desk.actor, closure.id, SOON, NOW + timedelta(minutes=number))
    told = desk.session.scalars(select(Notice.template).order_by(Notice.id)).all()
    assert told == ["placement_skips", "placement_runs_again"] * 2
