"""The sample's days at the after-school classes: who excused themselves, the last school day's roll, staff, waitlists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import insert, select

from app.attendance.children import load_children
from app.attendance.queries import list_roll_services, list_stays
from app.attendance.rules import Stay, count_adults_needed
from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar
from app.db import WriteSession
from app.models import (
    Alarm,
    AlarmStep,
    Attendance,
    CareClass,
    Need,
    NeedPreference,
    Placement,
    PlacementException,
    RollTick,
    Service,
    SlotTemplate,
    Staffing,
    Task,
    WaitlistEntry,
)
from app.models.enums import (
    AlarmKind,
    AlarmOutcome,
    AlarmState,
    CalendarClass,
    ExceptionKind,
    NeedState,
    Part,
    PlacementState,
    RollMark,
    ServiceKind,
    TaskKind,
)
from app.policies.queries import load_policies
from app.sample.draws import Draws
from app.slots.commands import make_slots

AWAY_SHARE: Final = 0.04
AWAY_DAYS: Final = 5
NO_SHOW_DAYS: Final = 3
WAITING_SHARE: Final = 0.12
_SEEN = {ServiceKind.after_school, ServiceKind.day_care}


def excuse_some(session: WriteSession, seed: int, today: date) -> int:
    """Excuse a few people on the coming days, before dated slots are made: their places are free from the start."""
    draws, calendar = Draws(seed, "absences"), load_calendar(session)
    rows = session.execute(
        select(
            Placement.id, Placement.weekdays, Placement.starts_on, Placement.ends_on, Service.calendar_class
        )
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.kind.in_(_SEEN), Placement.state == PlacementState.active)
        .order_by(Placement.code)
    ).all()
    kinds = {ExceptionKind.absent: 0.6, ExceptionKind.holiday_stay: 0.25, ExceptionKind.hospital: 0.15}
    made = []
    for id_, weekdays, starts_on, ends_on, calendar_class in rows:
        for on in (today + timedelta(days=i) for i in range(AWAY_DAYS)):
            weekday = calendar.find_weekday(calendar_class, on)
            runs = weekday is not None and weekdays >> weekday & 1
            if runs and starts_on <= on and (ends_on is None or on <= ends_on) and draws.chance(AWAY_SHARE):
                made.append(
                    {"placement_id": id_, "on_date": on, "kind": draws.weigh(kinds), "frees_place": True}
                )
    if made:
        session.execute(insert(PlacementException), made)
    return len(made)


def record_days(session: WriteSession, seed: int, today: date, now: datetime) -> dict[str, int]:
    """Write the rolls of the last school days, one alarm that is open, staff and waitlists; returns rows by table."""
    draws, calendar = Draws(seed, "days"), load_calendar(session)
    services = [row.id for row in list_roll_services(session) if row.kind is ServiceKind.after_school]
    past = _list_school_days(calendar, today, -1, NO_SHOW_DAYS)
    _make_slots(session, services, past, calendar)
    rolls = {on: list_stays(session, services, on) for on in past}
    counts = {"roll_tick": 0, "alarm": 0}
    if past and rolls[past[0]]:
        missing = _pick_missing(rolls, past)
        counts["roll_tick"] = _take_roll(session, rolls[past[0]], missing, draws, now)
        counts["alarm"] = _raise_alarms(session, missing, now)
    coming = _list_school_days(calendar, today, 1, 1)
    return {
        **counts,
        "staffing": _set_staff(session, services, coming[0] if coming else today, draws),
        "waitlist_entry": _let_wait(session, draws, now),
    }


def _list_school_days(calendar: Calendar, today: date, step: int, count: int) -> list[date]:
    """Return the next (or, with step -1, the last) school days; today is a coming one."""
    days = (today + timedelta(days=step * i) for i in range(0 if step > 0 else 1, 60))
    found = [on for on in days if calendar.find_weekday(CalendarClass.school_days, on) is not None]
    return found[:count]


def _make_slots(
    session: WriteSession, services: Sequence[int], past: Sequence[date], calendar: Calendar
) -> None:
    templates = session.execute(
        select(SlotTemplate.id, SlotTemplate.weekday)
        .join(CareClass, CareClass.id == SlotTemplate.class_id)
        .where(CareClass.service_id.in_(services))
        .order_by(SlotTemplate.id)
    ).all()
    wanted = [
        (id_, on)
        for on in past
        for id_, weekday in templates
        if calendar.find_weekday(CalendarClass.school_days, on) == weekday
    ]
    make_slots(session, wanted)


def _pick_missing(rolls: dict[date, list[Stay]], past: Sequence[date]) -> list[Stay]:
    """Return the stays that nobody came to: one child on each of the days, and another on the last day only."""
    by_day = [{stay.person_id: stay for stay in rolls[on]} for on in past]
    always = sorted(set.intersection(*(set(day) for day in by_day))) if by_day else []
    found = [day[always[0]] for day in by_day] if always else []
    others = [stay for stay in rolls[past[0]] if not always or stay.person_id != always[0]]
    return found + others[-1:]


def _take_roll(
    session: WriteSession, stays: Sequence[Stay], missing: Sequence[Stay], draws: Draws, now: datetime
) -> int:
    left_out = {stay.key for stay in missing}
    children = load_children(session, {stay.person_id for stay in stays}, stays[0].on)
    ticks, marks = [], []
    for stay in stays:
        if stay.key in left_out or stay.excused is not None:
            continue
        pickups = children[stay.person_id].pickups
        came = stay.starts_at + timedelta(minutes=draws.between(0, 18))
        left = stay.ends_at + timedelta(minutes=draws.between(-6, 9))
        seen: list[tuple[RollMark, datetime, int | None]] = [(RollMark.present, came, None)]
        if pickups:
            seen.append((RollMark.handed_over, left, pickups[0].id))
        for mark, at, to in seen:
            about = {"slot_id": stay.slot_id, "person_id": stay.person_id, "mark": mark, "marked_at": at}
            tick = about | {"tick_id": f"sample-{stay.slot_id}-{stay.person_id}-{mark.value[:2]}"}
            ticks.append(tick | {"handed_to_id": to, "received_at": min(at, now)})
        marks.append(tick | {"handed_to_id": to})
    if ticks:
        session.execute(insert(RollTick), ticks)
        session.execute(insert(Attendance), marks)
    return len(ticks)


def _raise_alarms(session: WriteSession, missing: Sequence[Stay], now: datetime) -> int:
    *no_shows, open_one = missing
    for i, stay in enumerate(missing):
        is_open = stay is open_one
        raised = stay.starts_at + timedelta(minutes=30)
        alarm = Alarm(
            slot_id=stay.slot_id,
            person_id=stay.person_id,
            kind=AlarmKind.missing,
            state=AlarmState.committee if is_open else AlarmState.closed,
            raised_at=raised,
            due_at=raised + timedelta(minutes=55),
            outcome=None if is_open else AlarmOutcome.no_show,
            closed_at=None if is_open else raised + timedelta(minutes=40),
            row_key=f"sample-{i:09d}",
        )
        session.add(alarm)
        session.flush()
        if is_open:
            for minutes, state in ((9, AlarmState.call), (22, AlarmState.contact)):
                at = raised + timedelta(minutes=minutes)
                key = f"sample-{minutes:09d}"
                session.add(AlarmStep(alarm_id=alarm.id, state=state, noted_at=at, row_key=key))
    if len(no_shows) == NO_SHOW_DAYS:
        person_id = no_shows[0].person_id
        session.add(
            Task(
                key=f"{TaskKind.three_no_shows}:{person_id}:{NO_SHOW_DAYS}",
                kind=TaskKind.three_no_shows,
                person_id=person_id,
                raised_at=min(now, no_shows[0].starts_at + timedelta(minutes=70)),
                due_on=no_shows[0].on + timedelta(days=7),
                data={"no_shows": NO_SHOW_DAYS},
            )
        )
    session.flush()
    return len(missing)


def _set_staff(session: WriteSession, services: Sequence[int], on: date, draws: Draws) -> int:
    """Give every part enough adults for who is expected, but one site's last wave, which is one short."""
    rule = load_policies(session, on).get("staff_ratio")[ServiceKind.after_school.value]
    stays = list_stays(session, services, on)
    rows = []
    for service_id in services:
        parts = [part for part in Part if part.value.startswith("wave")]
        for part in parts:
            inside = sum(stay.service_id == service_id and part in stay.parts for stay in stays)
            needed = max(count_adults_needed(inside, rule), 2)
            is_short = service_id == services[-1] and part is parts[-1]
            volunteers = draws.between(0, needed - 1)
            rows.append(
                {
                    "service_id": service_id,
                    "part": part,
                    "on_date": None,
                    "staff": needed - volunteers,
                    "volunteers": 0 if is_short else volunteers,
                    "version": 1,
                }
            )
    if rows:
        session.execute(insert(Staffing), rows)
    return len(rows)


def _let_wait(session: WriteSession, draws: Draws, now: datetime) -> int:
    rows = session.execute(
        select(Need.id, NeedPreference.service_id)
        .join(NeedPreference, NeedPreference.need_id == Need.id)
        .where(Need.kind == ServiceKind.after_school, Need.state == NeedState.open, NeedPreference.rank == 1)
        .order_by(Need.code)
    ).all()
    made = [
        {"need_id": need_id, "service_id": service_id, "entered_at": now}
        for need_id, service_id in rows
        if draws.chance(WAITING_SHARE)
    ]
    if made:
        session.execute(insert(WaitlistEntry), made)
    return len(made)
