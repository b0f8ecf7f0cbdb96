"""When a place ends, and which class it uses until when: children age out and move up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.models.enums import Part
from app.options.facts import CareClass, Need, Pattern, Person, Service
from app.options.patterns import PARTS
from app.options.rules import count_months, find_last_day, find_month_birthday
from app.policies.rules import Policies

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a place in one class: cells by (weekday, part), first and last day (None: open)."""

    care_class: CareClass
    keys: tuple[tuple[int, Part], ...]
    starts_on: date
    ends_on: date | None


def list_stages(
    need: Need,
    person: Person,
    service: Service,
    care_class: CareClass,
    pattern: Pattern,
    first: date,
    policies: Policies,
) -> tuple[list[Stage], date | None]:
    """Return the stages of a place that starts on `first`, and the last day in its first class.

    The child who moves up uses the next class from that day on, so that no newcomer is promised the same place.
    """
    last = _earliest(
        pattern.occurs_on if pattern.occurs_on is not None else need.ends_on,
        find_last_day(person.born_on, service.end_rule, policies),
    )
    keys = tuple((day, part) for day in pattern.days for part in PARTS[pattern.part])
    stages: list[Stage] = []
    ends_on = last
    current: CareClass | None = care_class
    starts_on = first
    while current is not None:
        too_old_on = _find_day_too_old(person, current, service)
        if too_old_on is None or too_old_on <= starts_on or (last is not None and too_old_on > last):
            stages.append(Stage(current, keys, starts_on, last))
            break
        stages.append(Stage(current, keys, starts_on, too_old_on - DAY))
        starts_on = too_old_on
        current = find_next_class(person, service, too_old_on)
    if len(stages) > 1 or (stages[0].ends_on is not None and stages[0].ends_on != last):
        ends_on = stages[0].ends_on
    return stages, ends_on


def find_next_class(person: Person, service: Service, on: date) -> CareClass | None:
    """Return the class of the service that takes the person's age on a day; None where the service has none."""
    months = count_months(person.born_on, on)
    for care_class in service.classes:
        low, high = care_class.age_from_months, care_class.age_to_months
        if low is not None and low <= months and (high is None or months < high):
            return care_class
    return None


def _find_day_too_old(person: Person, care_class: CareClass, service: Service) -> date | None:
    if care_class.age_to_months is None:
        return None
    oldest = max((each.age_to_months or 0) for each in service.classes)
    if service.end_rule.value == "end_of_nursery_year" and care_class.age_to_months == oldest:
        # Kindergartens admit once a year: who turns three in the oldest class stays to the year's end.
        return None
    return find_month_birthday(person.born_on, care_class.age_to_months)


def _earliest(*days: date | None) -> date | None:
    known: Sequence[date] = [day for day in days if day is not None]
    return min(known, default=None)
