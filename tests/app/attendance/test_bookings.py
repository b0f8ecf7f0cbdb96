"""Dated bookings on the roll: expected like placements, attended when the day is over, missed only by a closed alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import Actor, system_actor
from app.attendance.alarm_rules import Due
from app.attendance.alarms import close_alarm, raise_alarm
from app.attendance.commands import Tick, note_ticks
from app.attendance.errors import StaffingOutOfRange
from app.attendance.queries import list_stays, load_staffing
from app.attendance.staffing import set_staffing
from app.attendance.sweep import assign_owners, attend_bookings
from app.errors import NotAllowed
from app.models import Alarm, Booking, Person, StaffSite
from app.models.bookings import BookingUse
from app.models.enums import (
    AlarmKind,
    AlarmOutcome,
    BookingState,
    CapacityKind,
    Part,
    RollMark,
    ServiceKind,
    StaffRole,
    WishPart,
)
from tests.app.attendance.day_town import DAY, DayTown, at, make_day_town, make_staff
from tests.factories import needs, people

if TYPE_CHECKING:
    from app.db import WriteSession

ME = system_actor()


@pytest.fixture
def town(session: WriteSession) -> DayTown:
    return make_day_town(session)


@pytest.fixture
def guest(session: WriteSession, town: DayTown) -> Booking:
    """A child who is booked for this one day."""
    child: Person = people.make_child(session)
    need = needs.make_dated_need(session, child, DAY, ServiceKind.after_school, WishPart.wave_1630)
    row = Booking(
        code="T-guest",
        need_id=need.id,
        person_id=child.id,
        slot_id=town.slot_id,
        booked_at=at(9),
        uses=[BookingUse(kind=CapacityKind.places, amount=1)],
    )
    session.add(row)
    session.flush()
    return row


def state_of(session: WriteSession, guest: Booking) -> BookingState:
    session.refresh(guest)
    return guest.state


def test_a_booked_child_is_on_the_roll(session: WriteSession, town: DayTown, guest: Booking) -> None:
    stay = next(
        row for row in list_stays(session, [town.service_id], DAY) if row.person_id == guest.person_id
    )
    assert (stay.booking_id, stay.placement_id, stay.exit_part) == (guest.id, None, Part.wave_1630)


def test_it_is_attended_once_the_day_is_over(session: WriteSession, town: DayTown, guest: Booking) -> None:
    seen = Tick("tick-guest", town.slot_id, guest.person_id, RollMark.present, at(15, 35))
    note_ticks(session, ME, [seen], at(15, 36))
    assert attend_bookings(session, DAY) == 0
    assert state_of(session, guest) is BookingState.booked
    assert attend_bookings(session, DAY + timedelta(days=1)) == 1
    assert attend_bookings(session, DAY + timedelta(days=1)) == 0
    assert state_of(session, guest) is BookingState.attended


def test_nobody_ticked_is_not_attended(session: WriteSession, guest: Booking) -> None:
    assert attend_bookings(session, DAY + timedelta(days=1)) == 0
    assert state_of(session, guest) is BookingState.booked


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(AlarmOutcome.no_show, BookingState.no_show), (AlarmOutcome.with_family, BookingState.booked)],
)
def test_only_an_alarm_closed_as_one_makes_a_no_show(
    session: WriteSession, town: DayTown, guest: Booking, outcome: AlarmOutcome, state: BookingState
) -> None:
    alarm = raise_alarm(session, Due(town.slot_id, guest.person_id, town.site_id, AlarmKind.missing), at(16))
    assert alarm is not None
    assert state_of(session, guest) is BookingState.booked
    close_alarm(session, ME, alarm.id, outcome, "", at(17))
    assert state_of(session, guest) is state


def test_an_alarm_raised_before_anybody_had_an_account_gets_its_owner(
    session: WriteSession, town: DayTown
) -> None:
    alarm = raise_alarm(session, Due(town.slot_id, None, town.site_id, AlarmKind.roll), at(16))
    assert alarm is not None
    assert alarm.owner_id is None
    mine = make_staff(session, StaffRole.coordinator, "of the site")
    session.add(StaffSite(user_id=mine.id, site_id=town.site_id))
    session.flush()
    assert assign_owners(session) == 1
    assert session.scalars(select(Alarm.owner_id)).one() == mine.id
    mine.disabled_at = at(17)
    session.flush()
    assign_owners(session)
    assert session.scalars(select(Alarm.owner_id)).one() is None


def test_staff_of_a_date_stand_before_the_rule(session: WriteSession, town: DayTown) -> None:
    part = Part.wave_1630
    set_staffing(session, ME, town.service_id, part, None, (2, 1))
    set_staffing(session, ME, town.service_id, part, DAY, (3, 0))
    rows = [load_staffing(session, [town.service_id], DAY + timedelta(days=i)) for i in (0, 1)]
    found = [(row[town.service_id, part].staff, row[town.service_id, part].volunteers) for row in rows]
    assert found == [(3, 0), (2, 1)]
    assert set_staffing(session, ME, town.service_id, part, DAY, (4, 0)).version == 2


def test_staff_are_set_by_those_in_charge_and_in_range(session: WriteSession, town: DayTown) -> None:
    other = Actor(1, "other", StaffRole.coordinator, site_ids=frozenset({town.other_site_id}))
    with pytest.raises(NotAllowed):
        set_staffing(session, other, town.service_id, Part.wave_1630, DAY, (1, 1))
    with pytest.raises(StaffingOutOfRange):
        set_staffing(session, ME, town.service_id, Part.wave_1630, DAY, (61, 0))
