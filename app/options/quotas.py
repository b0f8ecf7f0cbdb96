"""What a person's own allowance leaves: hours of care a week, meals a month. Pure.

A standing order counts with every date of its weekdays: in a month of five Mondays it has five Monday meals. The
fullest month decides, so that no month goes above the quota.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from app.models.enums import Reason, RuleKind, ServiceKind
from app.options.facts import Pattern, Person, Refusal, Service, Standing

MONTHS_AHEAD: Final = 4
"""So many months, the first one included, are looked at: the plan's 13 weeks lie within."""


def find_meals_quota(service: Service, on: date) -> int | None:
    """Return how many meals a month the service allows a person on a day; None without such a rule."""
    if service.kind is not ServiceKind.canteen:
        return None
    found = [
        rule.value
        for rule in service.rules
        if rule.kind is RuleKind.monthly_meals_quota and rule.is_valid(on)
    ]
    return min(found, default=None)


def check_meals(
    person: Person, service: Service, pattern: Pattern, first: date, last: date | None
) -> Refusal | None:
    """Refuse where some month would have more meals than the service allows, with what the person has already."""
    quota = find_meals_quota(service, first)
    if quota is None:
        return None
    wanted = Standing(pattern.weekdays, first, last)
    if pattern.occurs_on is not None:
        wanted = Standing(1 << pattern.occurs_on.weekday(), pattern.occurs_on, pattern.occurs_on)
    for month in list_months(wanted.starts_on, wanted.ends_on):
        asked = count_dates(wanted, month)
        used = count_meals(person.standing_meals, person.meal_dates, month)
        if asked and used + asked > quota:
            data = {
                "meals": quota,
                "wanted_meals": asked,
                "left_meals": max(0, quota - used),
                "month": f"{month:%Y-%m}",
            }
            return Refusal(Reason.quota_used_up, data)
    return None


def count_meals(standing: Sequence[Standing], dates: Sequence[date], month: date) -> int:
    """Return the meals of a month: those of standing orders and those of single dates."""
    single = sum((on.year, on.month) == (month.year, month.month) for on in dates)
    return single + sum(count_dates(each, month) for each in standing)


def count_dates(standing: Standing, month: date) -> int:
    """Return how many dates of a month a standing order has."""
    count = 0
    on, after = month.replace(day=1), _next_month(month)
    while on < after:
        in_span = standing.starts_on <= on and (standing.ends_on is None or on <= standing.ends_on)
        count += in_span and bool(standing.weekdays >> on.weekday() & 1)
        on += timedelta(days=1)
    return count


def count_fullest(standing: Standing) -> int:
    """Return the dates of the fullest of the months ahead."""
    return max(count_dates(standing, month) for month in list_months(standing.starts_on, standing.ends_on))


def list_months(first: date, last: date | None) -> Iterator[date]:
    """Give the first day of each month from a date on, up to a last date or a few months ahead."""
    month = first.replace(day=1)
    for _ in range(MONTHS_AHEAD):
        if last is not None and month > last:
            return
        yield month
        month = _next_month(month)


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def find_fullest_week(visits: Sequence[tuple[date, int]]) -> int:
    """Return the most minutes of single visits (date, minutes) in one week; weeks begin on Monday."""
    weeks: dict[date, int] = {}
    for on, minutes in visits:
        monday = on - timedelta(days=on.weekday())
        weeks[monday] = weeks.get(monday, 0) + minutes
    return max(weeks.values(), default=0)
