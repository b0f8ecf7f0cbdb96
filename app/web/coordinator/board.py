"""Puts together the overview: school day or not, each site with its waves, groups at the gates, open alarms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.actor import Actor
from app.attendance.alarm_rules import list_outcomes
from app.attendance.queries import list_open_alarms
from app.attendance.rules import Light, Stay
from app.attendance.stamps import stamp_day
from app.calendars.rules import DayReason, DayState, DayWord
from app.clock import to_local
from app.db import ReadSession
from app.language.catalogue import say
from app.language.days import say_date, say_weekdays
from app.language.labels import N_, label
from app.models import Alarm, CareClass, Person, Service, Site, Slot, StaffUser
from app.models.enums import AlarmState, RollMark
from app.web.coordinator.day import Day, load_day

SCHOOL_DAY = N_("School day. {weekday}'s timetable runs.")
SWAPPED = N_("Swapped workday: {weekday}'s timetable runs today.")
CLOSED = N_("Closed: {reason}")
_WHY = {
    DayReason.holiday: N_("No class: public holiday."),
    DayReason.weekend: N_("No class: weekend."),
    DayReason.school_holidays: N_("No class: school holidays."),
    DayReason.school_term: N_("No class: the schools teach."),
    DayReason.outside_term_and_holidays: N_(
        "Nobody has said: the date lies outside term and holidays. Ask the school."
    ),
    DayReason.weekday_not_stated: N_("A workday whose timetable is not stated. Ask the school."),
    DayReason.year_not_published: N_("The calendar of this year is not published yet."),
}
STEPS = [each for each in AlarmState if each is not AlarmState.closed]
NOT_NOTED = N_("adults not noted yet")
LIGHTS = {
    Light.good: ("good", N_("enough adults")),
    Light.short: ("warn", N_("too few adults when all have come")),
    Light.breach: ("bad", N_("too few adults now")),
}


def load_board(session: ReadSession, actor: Actor, on: date, now: datetime, language: str) -> dict[str, Any]:
    """Return everything that `coordinator/board.html` names."""
    day = load_day(session, actor, on, to_local(now))
    sites = _load_sites(session, [row.site_id for row in day.services])
    running = [row for row in day.services if day.list_parts(row)]
    return {
        **say_day(day, day.services, language),
        "on": on,
        "is_today": day.is_today,
        "before": (on - timedelta(days=1)).isoformat(),
        "after": (on + timedelta(days=1)).isoformat(),
        "stamp": stamp_board(session, day.services, on, actor),
        "has_sites": bool(day.services),
        "sites": [_show_service(day, row, sites[row.site_id], language) for row in running],
        "gates": _show_gates(session, day, language),
        "alarms": show_alarms(session, list_open_alarms(session, actor), to_local(now), language),
    }


def stamp_board(session: ReadSession, services: Sequence[Service], on: date, actor: Actor) -> str:
    """Return the stamp of the overview; alarms of other days count too."""
    alarms = [(row.id, row.version) for row in list_open_alarms(session, actor)]
    return f"{stamp_day(session, [row.id for row in services], on)}{hash(tuple(alarms)) & 0xFFFFFFFF:x}"


def say_day(day: Day, services: Sequence[Service], language: str) -> dict[str, Any]:
    """Return what the day is: a sentence, and whether it is as usual."""
    states = {row.id: day.find_state(row) for row in services}
    runs = [state for state in states.values() if state.word is DayWord.runs]
    chosen = runs[0] if runs else next(iter(states.values()), None)
    return {
        "day_text": say_date(day.on, language),
        "day_state": "" if chosen is None else _say_state(chosen, day.on, language),
        "day_is_usual": bool(runs) and runs[0].weekday == day.on.weekday(),
        "runs": bool(runs),
    }


def _say_state(state: DayState, on: date, language: str) -> str:
    if state.word is not DayWord.runs or state.weekday is None:
        return say(_WHY[state.reason], language)
    sentence = SCHOOL_DAY if state.weekday == on.weekday() else SWAPPED
    return say(sentence, language, {"weekday": say_weekdays(1 << state.weekday, language)})


def show_ratio(day: Day, service: Service, part: Any, language: str) -> dict[str, Any]:
    """Return the light of one part of the day with its figures and a word for it."""
    ratio = day.weigh(service, part)
    colour, text = LIGHTS[ratio.light]
    if (service.id, part) not in day.staffing:
        colour, text = "warn", NOT_NOTED
    return {
        "colour": colour,
        "text": say(text, language),
        "inside": ratio.expected,
        "adults": ratio.adults,
        "staff": ratio.staff,
        "volunteers": ratio.volunteers,
        "needed": ratio.needed,
    }


def count_unclaimed(day: Day, stays: Sequence[Stay]) -> int:
    """Return how many are still there although their stay is over."""
    if not day.is_today:
        return 0
    return sum(day.mark_of(stay) is RollMark.present and day.now >= stay.ends_at for stay in stays)


def _show_service(day: Day, service: Service, site: Site, language: str) -> dict[str, Any]:
    stays = [stay for stay in day.stays if stay.service_id == service.id]
    closed = day.calendar.find_closure(site.id, service.id, day.on)
    return {
        "site_id": site.id,
        "name": site.name_zh if language == "zh" else site.name_en or site.name_zh,
        "service": service.name_zh if language == "zh" else service.name_en or service.name_zh,
        "closed": "" if closed is None else say(CLOSED, language, {"reason": closed.reason}),
        **day.count(stays),
        "unclaimed": count_unclaimed(day, stays),
        "waves": [
            {
                "label": label(part, language),
                "leaving": sum(stay.exit_part is part and not day.is_away(stay) for stay in stays),
                **show_ratio(day, service, part, language),
            }
            for part in day.list_parts(service)
        ],
    }


def _show_gates(session: ReadSession, day: Day, language: str) -> list[dict[str, Any]]:
    groups: dict[tuple[int, int], list[Stay]] = defaultdict(list)
    for stay in day.stays:
        if stay.gate_site_id is not None and not day.is_away(stay):
            groups[stay.gate_site_id, stay.site_id].append(stay)
    names = _load_sites(session, {id_ for key in groups for id_ in key})

    def name(site_id: int) -> str:
        site = names[site_id]
        return site.name_zh if language == "zh" else site.name_en or site.name_zh

    return [
        {
            "gate": name(gate_id),
            "site": name(site_id),
            "site_id": site_id,
            "at": f"{to_local(min(stay.starts_at for stay in stays)):%H:%M}",
            "children": len(stays),
            "met": sum(day.mark_of(stay) is not None for stay in stays),
        }
        for (gate_id, site_id), stays in sorted(groups.items(), key=lambda row: (name(row[0][0]), row[0][1]))
    ]


def _load_sites(session: ReadSession, ids: Any) -> dict[int, Site]:
    return {row.id: row for row in session.scalars(select(Site).where(Site.id.in_(list(ids))))}


def show_alarms(
    session: ReadSession, alarms: Sequence[Alarm], now: datetime, language: str
) -> list[dict[str, Any]]:
    """Return open alarms with whom they are about, where, since when, and what may come next."""
    rows = session.execute(
        select(Slot.id, Slot.occurs_on, Site)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Slot.id.in_({row.slot_id for row in alarms}))
    )
    where = {slot_id: (on, site) for slot_id, on, site in rows}
    people = select(Person.id, Person.name).where(Person.id.in_({row.person_id for row in alarms}))
    owners = select(StaffUser.id, StaffUser.display_name).where(
        StaffUser.id.in_({row.owner_id for row in alarms})
    )
    names = {id_: name for id_, name in session.execute(people)}  # noqa: C416
    owned = {id_: name for id_, name in session.execute(owners)}  # noqa: C416
    found = []
    for row in alarms:
        on, site = where[row.slot_id]
        found.append(
            {
                "id": row.id,
                "kind": row.kind,
                "state": row.state,
                "person": "" if row.person_id is None else names[row.person_id],
                "site": site.name_zh if language == "zh" else site.name_en or site.name_zh,
                "site_id": site.id,
                "on": on,
                "on_text": say_date(on, language),
                "since": f"{to_local(row.raised_at):%H:%M}",
                "due": f"{to_local(row.due_at):%H:%M}",
                "is_late": now > row.due_at,
                "owner": owned.get(row.owner_id, "") if row.owner_id else "",
                "outcomes": list_outcomes(row.kind),
                "step_words": {step.value: label(step, language) for step in STEPS},
            }
        )
    return found
