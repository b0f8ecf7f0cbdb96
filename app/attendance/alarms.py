"""Alarms: raised once, taken a step further, closed with an outcome; three no-shows make a task, never a removal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.attendance.alarm_rules import AlarmAct, Due, find_next_state, list_outcomes, settles
from app.attendance.errors import AlarmClosed, OutcomeNotPossible
from app.attendance.queries import find_owner
from app.attendance.rules import Stay
from app.audit.commands import record
from app.bookings.rules import Act
from app.bookings.rules import find_next_state as find_next_booking_state
from app.calendars.queries import load_calendar
from app.clock import to_local
from app.db import WriteSession
from app.errors import NotAllowed, NotFound
from app.ledger.queries import LIVE_BOOKINGS
from app.models import Alarm, AlarmStep, Booking, CareClass, Service, Slot, Task
from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, RollMark, StaffRole, TaskKind
from app.notices.commands import Draft, put
from app.policies.queries import load_policies
from app.policies.rules import Policies
from app.scope import check_runs_slot

TASK_WORKING_DAYS = 5
"""How long an adviser has for a task, in working days, K."""


def raise_alarm(session: WriteSession, due: Due, now: datetime) -> Alarm | None:
    """Raise an alarm with its owner and return it; None where it is known already, open or closed."""
    is_same = (Alarm.slot_id == due.slot_id) & (Alarm.kind == due.kind)
    person = Alarm.person_id.is_(None) if due.person_id is None else Alarm.person_id == due.person_id
    if session.scalar(select(Alarm.id).where(is_same, person)) is not None:
        return None
    policies = load_policies(session, to_local(now).date())
    row = Alarm(
        slot_id=due.slot_id,
        person_id=due.person_id,
        kind=due.kind,
        state=AlarmState.call,
        raised_at=now,
        due_at=find_due_at(policies, AlarmState.call, now),
        owner_id=find_owner(session, due.site_id, StaffRole.coordinator),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # two sweeps at one moment
        return None
    tell_owner(session, row, now)
    record(session, system_actor().label, "alarm.raise", f"alarm:{row.id}", {"kind": due.kind})
    return row


def tell_owner(session: WriteSession, row: Alarm, now: datetime) -> None:
    """Put a notice of the present step for whoever has to act; it is urgent and goes out at any hour."""
    if row.owner_id is not None:
        put(session, [Draft("alarm_raised", str(row.id), user_id=row.owner_id, more=(row.state.value,))], now)


def note_unreached(session: WriteSession, actor: Actor, alarm_id: int, note: str, now: datetime) -> Alarm:
    """Note that the present step brought no answer; the next one begins, the last is the manager's."""
    row = lock_alarm(session, actor, alarm_id)
    to = find_next_state(row.state, AlarmAct.unreached)
    if to is None:
        raise AlarmClosed(outcome=row.outcome)
    owner_id = row.owner_id
    begin_step(session, actor, row, AlarmAct.unreached, to, note, now)
    if row.owner_id != owner_id:
        tell_owner(session, row, now)
    return row


def begin_step(
    session: WriteSession, actor: Actor, row: Alarm, act: AlarmAct, to: AlarmState, note: str, now: datetime
) -> None:
    """Note how the present step of a (locked) alarm ended and begin the next, with its owner and its time."""
    _note_step(session, actor, row, note, now)
    if to is AlarmState.manager and row.state is not to:
        row.owner_id = find_owner(session, _find_site_id(session, row), StaffRole.manager) or row.owner_id
    before, row.state = row.state, to
    row.due_at = find_due_at(load_policies(session, to_local(now).date()), to, now)
    row.version += 1
    session.flush()
    record(session, actor.label, f"alarm.{act}", f"alarm:{row.id}", {"from": before, "to": to})


def close_alarm(
    session: WriteSession, actor: Actor, alarm_id: int, outcome: AlarmOutcome, note: str, now: datetime
) -> Alarm:
    """Close an alarm with its outcome; as a no-show it counts, and every third one is a task for the adviser."""
    row = lock_alarm(session, actor, alarm_id)
    _close(session, actor, row, outcome, note, now)
    return row


def settle(session: WriteSession, actor: Actor, stay: Stay, mark: RollMark, now: datetime) -> None:
    """Close what a tick of the roll answers: the child is there, or somebody has fetched it."""
    rows = session.scalars(
        select(Alarm)
        .where(Alarm.slot_id == stay.slot_id, Alarm.state != AlarmState.closed)
        .where((Alarm.person_id == stay.person_id) | Alarm.person_id.is_(None))
        .order_by(Alarm.id)
        .with_for_update()
    ).all()
    for row in rows:
        outcome = AlarmOutcome.arrived if row.kind is AlarmKind.roll else settles(row.kind, mark)
        if outcome is not None:
            _close(session, actor, row, outcome, "", now)


def lock_alarm(session: WriteSession, actor: Actor, alarm_id: int) -> Alarm:
    """Return an alarm at one of the actor's sites, locked, or raise `NotFound`: foreign ids answer like unknown ones."""
    row = session.scalars(
        select(Alarm).where(Alarm.id == alarm_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    try:
        check_runs_slot(session, actor, row.slot_id)
    except NotAllowed:
        raise NotFound from None
    return row


def finish_task(session: WriteSession, actor: Actor, task_id: int, now: datetime) -> Task:
    """Note that an adviser has looked into a task. The caller has checked who may see the person."""
    row = session.get(Task, task_id)
    if row is None:
        raise NotFound
    if row.done_at is None:
        row.done_at, row.done_by_id = now, actor.user_id
        record(session, actor.label, "task.done", f"task:{row.id}", {"kind": row.kind})
    return row


def _close(
    session: WriteSession, actor: Actor, row: Alarm, outcome: AlarmOutcome, note: str, now: datetime
) -> None:
    to = find_next_state(row.state, AlarmAct.close)
    if to is None:
        raise AlarmClosed(outcome=row.outcome)
    if outcome not in list_outcomes(row.kind):
        raise OutcomeNotPossible(kind=row.kind, outcome=outcome)
    before, row.state = row.state, to
    row.outcome, row.note = outcome, note or None
    row.closed_at, row.closed_by_id = now, actor.user_id
    row.version += 1
    session.flush()
    record(session, actor.label, "alarm.close", f"alarm:{row.id}", {"from": before, "outcome": outcome})
    if outcome is AlarmOutcome.no_show and row.person_id is not None:
        _miss_bookings(session, row.slot_id, row.person_id)
        _raise_task(session, row.person_id, now)


def _note_step(session: WriteSession, actor: Actor, row: Alarm, note: str, now: datetime) -> None:
    step = AlarmStep(alarm_id=row.id, state=row.state, noted_at=now, noted_by_id=actor.user_id)
    step.note = note or None
    session.add(step)
    session.flush()


def find_due_at(policies: Policies, state: AlarmState, now: datetime) -> datetime:
    """Return until when a step that begins now has to be done."""
    return now + timedelta(minutes=int(policies.get("alarm_step_minutes")[state.value]))


def _find_site_id(session: Session, row: Alarm) -> int:
    return session.scalars(
        select(Service.site_id)
        .join(CareClass, CareClass.service_id == Service.id)
        .join(Slot, Slot.class_id == CareClass.id)
        .where(Slot.id == row.slot_id)
    ).one()


def _miss_bookings(session: WriteSession, slot_id: int, person_id: int) -> None:
    rows: Iterable[Booking] = session.scalars(
        select(Booking)
        .where(Booking.slot_id == slot_id, Booking.person_id == person_id, Booking.state.in_(LIVE_BOOKINGS))
        .with_for_update()
    )
    for row in rows:
        row.state = find_next_booking_state(row.state, Act.miss) or row.state
        row.version += 1
    session.flush()


def _raise_task(session: WriteSession, person_id: int, now: datetime) -> None:
    today = to_local(now).date()
    limit = int(load_policies(session, today).get("no_shows_for_a_task"))
    count = session.scalar(
        select(func.count(Alarm.id)).where(
            Alarm.person_id == person_id, Alarm.outcome == AlarmOutcome.no_show
        )
    )
    if not count or count % limit:
        return
    key = f"{TaskKind.three_no_shows}:{person_id}:{count}"
    if session.scalar(select(Task.id).where(Task.key == key)) is None:
        due_on = load_calendar(session).add_working_days(today, TASK_WORKING_DAYS)
        session.add(
            Task(
                key=key,
                kind=TaskKind.three_no_shows,
                person_id=person_id,
                raised_at=now,
                due_on=due_on,
                data={"no_shows": count},
            )
        )
        session.flush()
