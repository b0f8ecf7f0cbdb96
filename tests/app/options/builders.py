"""Plain facts with defaults, so that a case states only what it is about."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from app.calendars.rules import Calendar
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    ConsentPurpose,
    EndRule,
    Mobility,
    Mode,
    NeedRhythm,
    Part,
    Role,
    RuleKind,
    ServiceKind,
    Sex,
    Stairs,
    WishPart,
    YearState,
)
from app.options.build import Ground
from app.options.facts import CareClass, Cell, Home, Leave, Need, Pattern, Person, Proof, Rule, Service
from app.options.reach import Reach
from app.policies.rules import DEFAULT_POLICIES

TODAY = date(2026, 11, 24)
LONG_AGO = date(2020, 1, 1)
HOURS = {
    Part.morning: (time(8), time(12)),
    Part.afternoon: (time(12), time(17)),
    Part.wave_1630: (time(15, 30), time(16, 30)),
    Part.wave_1700: (time(16, 30), time(17)),
    Part.wave_1800: (time(17), time(18)),
    Part.lunch: (time(11), time(13)),
}


def make_person(**given: Any) -> Person:
    values: dict[str, Any] = {
        "id": 1,
        "code": "P1",
        "role": Role.elder,
        "born_on": date(1946, 5, 1),
        "sex": Sex.female,
        "stairs": Stairs.alone,
        "mobility": Mobility.walks,
        "home": Home(1),
        "leaves": [Leave(ConsentPurpose.matching, True, False, LONG_AGO, None, None)],
    }
    return Person(**(values | given))


def make_child(born_on: date, **given: Any) -> Person:
    leave = Leave(ConsentPurpose.matching, False, True, LONG_AGO, None, None)
    return make_person(**({"role": Role.child, "born_on": born_on, "leaves": [leave]} | given))


def grade(value: int, valid_to: date | None = None) -> Proof:
    return Proof("care_grade", str(value), LONG_AGO, valid_to)


def rule(kind: RuleKind, value: int = 0, **data: Any) -> Rule:
    return Rule(kind, value, data, LONG_AGO, None)


def make_class(
    parts: tuple[Part, ...] = (Part.morning, Part.afternoon),
    days: tuple[int, ...] = (0, 1, 2, 3, 4),
    kinds: dict[CapacityKind, int] | None = None,
    **given: Any,
) -> CareClass:
    values: dict[str, Any] = {
        "id": 1,
        "code": "K1",
        "age_from_months": None,
        "age_to_months": None,
        "unit_use": 0,
        "skills": (),
    }
    values |= given
    cells = {
        (day, part): [
            Cell(
                id=day * 10 + list(Part).index(part) + values["id"] * 100,
                code=f"{values['code']}-{day}-{part}",
                weekday=day,
                part=part,
                starts_at=HOURS[part][0],
                ends_at=HOURS[part][1],
                valid_from=LONG_AGO,
                valid_to=None,
                capacities=kinds or {CapacityKind.places: 10},
            )
        ]
        for day in days
        for part in parts
    }
    return CareClass(**values, cells=cells)


def make_service(**given: Any) -> Service:
    values: dict[str, Any] = {
        "id": 1,
        "code": "S1",
        "site_id": 1,
        "site_code": "X1",
        "kind": ServiceKind.day_care,
        "mode": Mode.welfare,
        "calendar_class": CalendarClass.workdays,
        "limit_metres": 1000,
        "end_rule": EndRule.none,
        "notice_days": 3,
        "sends_offers": False,
        "site_confirms": False,
        "held_back_places": 0,
        "is_step_free": True,
        "rules": (),
        "classes": (make_class(),),
    }
    return Service(**(values | given))


def make_need(**given: Any) -> Need:
    values: dict[str, Any] = {
        "id": 1,
        "code": "N1",
        "person_id": 1,
        "kind": ServiceKind.day_care,
        "rhythm": NeedRhythm.weekly,
        "entered_on": date(2026, 8, 1),
        "starts_on": date(2026, 11, 1),
        "ends_on": None,
        "limit_metres": None,
        "visit_minutes": None,
        "needs_escort": False,
        "gate_site_id": None,
        "group_id": None,
        "round_id": None,
        "wants_transfer": False,
        "draw_number": None,
        "version": 1,
        "patterns": [Pattern(1, 0b10101, WishPart.full_day)],
    }
    return Need(**(values | given))


def make_ground(
    *services: Service,
    metres: dict[int, float] | None = None,
    straight: dict[int, float] | None = None,
    **given: Any,
) -> Ground:
    by_kind: dict[ServiceKind, list[Service]] = {}
    for service in services:
        by_kind.setdefault(service.kind, []).append(service)
    sites = sorted({service.site_id for service in services})
    row = [(metres or {}).get(site, 300.0) for site in sites]
    values: dict[str, Any] = {
        "today": TODAY,
        "ends_on": date(2027, 2, 22),
        "policies": DEFAULT_POLICIES,
        "calendar": Calendar(years={2026: YearState.published, 2027: YearState.published}),
        "reach": Reach(
            {site: i for i, site in enumerate(sites)},
            {1: row},
            {9: row},
            straight={1: [(straight or {}).get(site, 300.0) for site in sites]},
        ),
        "services": by_kind,
    }
    return Ground(**(values | given))
