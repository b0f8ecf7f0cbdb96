"""Raises alarms that are due, lets overdue ones rise, settles what a roll has decided; `carematch worker` does every minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.attendance.alarm_rules import Due, list_due
from app.attendance.alarms import raise_alarm
from app.attendance.queries import find_owner, list_begun, list_roll_services, list_stays, load_marks
from app.attendance.rising import rise_overdue
from app.attendance.rules import OPEN_DAYS, THERE
from app.clock import to_local
from app.db import Database, WriteSession
from app.models import Alarm, Attendance, Booking, CareClass, Service, Slot, StaffUser
from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, BookingState, StaffRole
from app.policies.queries import load_policies


@dataclass(frozen=True)
class SweptDay:
    """How many alarms were raised, how many rose a step, and how many bookings were settled."""

    alarms: int
    risen: int
    bookings: int


def sweep_day(database: Database, now: datetime) -> SweptDay:
    """Raise what is due now, let what is overdue rise, and settle the bookings of days that are over."""
    with database.reading() as session:
        due = find_due(session, now)
    # One short write each: a roll full of people does not keep the desk waiting.
    raised = [database.write(partial(raise_alarm, due=each, now=now)) for each in due]
    database.write(assign_owners)
    risen = database.write(lambda session: rise_overdue(session, now))
    today = to_local(now).date()
    attended = database.write(lambda session: attend_bookings(session, today))
    return SweptDay(sum(row is not None for row in raised), risen, attended)


def find_due(session: Session, now: datetime) -> list[Due]:
    """Return the alarms that are due and not known yet."""
    today = to_local(now).date()
    service_ids = [row.id for row in list_roll_services(session)]
    stays = list_stays(session, service_ids, today)
    if not stays:
        return []
    slot_ids = {stay.slot_id for stay in stays}
    minutes = load_policies(session, today).get("alarm_minutes")
    due = list_due(
        stays, load_marks(session, slot_ids), list_begun(session, service_ids, today), now, minutes
    )
    return _leave_out_known(session, due, slot_ids)


def _leave_out_known(session: Session, due: Iterable[Due], slot_ids: Iterable[int]) -> list[Due]:
    """Leave out what there is; who was missing at the gate is not missing twice, unless met there meanwhile."""
    known: set[tuple[int, int | None, AlarmKind]] = set()
    rows = session.execute(
        select(Alarm.slot_id, Alarm.person_id, Alarm.kind, Alarm.outcome).where(
            Alarm.slot_id.in_(list(slot_ids))
        )
    )
    for slot_id, person_id, kind, outcome in rows:
        known.add((slot_id, person_id, kind))
        if kind is AlarmKind.gate and outcome is not AlarmOutcome.arrived:
            known.add((slot_id, person_id, AlarmKind.missing))
    return [each for each in due if (each.slot_id, each.person_id, each.kind) not in known]


def attend_bookings(session: WriteSession, today: date) -> int:
    """Note bookings of days that are over as attended where the roll says so; the roll of today may still change."""
    there = select(Attendance.id).where(
        Attendance.person_id == Booking.person_id,
        Attendance.slot_id == Booking.slot_id,
        Attendance.mark.in_(THERE),
    )
    days = select(Slot.id).where(Slot.occurs_on < today, Slot.occurs_on >= today - timedelta(days=OPEN_DAYS))
    rows = session.execute(
        update(Booking)
        .where(Booking.state == BookingState.booked, Booking.slot_id.in_(days), there.exists())
        .values(state=BookingState.attended, version=Booking.version + 1)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def assign_owners(session: WriteSession) -> int:
    """Give open alarms without an owner (there was nobody yet, or the account was disabled) one; return how many."""
    gone = select(StaffUser.id).where(StaffUser.disabled_at.is_not(None))
    rows = session.execute(
        select(Alarm, Service.site_id)
        .join(Slot, Slot.id == Alarm.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Alarm.state != AlarmState.closed, or_(Alarm.owner_id.is_(None), Alarm.owner_id.in_(gone)))
    ).all()
    for alarm, site_id in rows:
        role = StaffRole.manager if alarm.state is AlarmState.manager else StaffRole.coordinator
        alarm.owner_id = find_owner(session, site_id, role)
    session.flush()
    return len(rows)
