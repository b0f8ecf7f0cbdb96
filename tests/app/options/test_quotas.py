"""A person's own allowance: meals a month by the fullest month, single visits by their week."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import Reason, RuleKind, ServiceKind, WishPart
from app.options.facts import Pattern, Standing
from app.options.quotas import (
    check_meals,
    count_dates,
    count_fullest,
    count_meals,
    find_fullest_week,
    find_meals_quota,
    list_months,
)
from tests.app.options.builders import make_person, make_service, rule

DECEMBER = date(2026, 12, 1)
"""A Tuesday: five Tuesdays, Wednesdays and Thursdays, four of the others."""


def canteen(quota: int | None):
    rules = [] if quota is None else [rule(RuleKind.monthly_meals_quota, quota)]
    return make_service(kind=ServiceKind.canteen, rules=rules)


def lunch(weekdays: int = 0, on: date | None = None) -> Pattern:
    return Pattern(1, weekdays, WishPart.lunch, on)


@pytest.mark.parametrize(("weekdays", "dates"), [(0b0000010, 5), (0b1, 4), (0b11111, 23), (0b1111111, 31)])
def test_dates_of_a_month_are_counted_by_weekday(weekdays: int, dates: int) -> None:
    assert count_dates(Standing(weekdays, date(2026, 1, 1), None), DECEMBER) == dates


def test_standing_order_counts_from_its_first_day_to_its_last() -> None:
    standing = Standing(0b10, date(2026, 12, 8), date(2026, 12, 22))
    assert count_dates(standing, DECEMBER) == 3
    assert count_dates(standing, date(2027, 1, 1)) == 0


def test_months_ahead_end_with_the_order() -> None:
    assert list(list_months(date(2026, 11, 20), date(2026, 12, 1))) == [date(2026, 11, 1), DECEMBER]
    assert len(list(list_months(date(2026, 11, 20), None))) == 4


def test_fullest_month_decides() -> None:
    assert count_fullest(Standing(0b10, date(2026, 11, 1), None)) == 5


@pytest.mark.parametrize(("quota", "fits"), [(5, True), (4, False), (None, True)])
def test_weekly_meal_needs_room_in_the_fullest_month(quota: int | None, fits: bool) -> None:
    refusal = check_meals(make_person(), canteen(quota), lunch(0b10), date(2026, 11, 2), None)
    assert (refusal is None) is fits
    if refusal is not None:
        assert refusal.reason is Reason.quota_used_up
        assert refusal.data == {"meals": 4, "wanted_meals": 5, "left_meals": 4, "month": "2026-12"}


def test_meals_that_the_person_has_count() -> None:
    person = make_person(
        standing_meals=[Standing(0b10, date(2026, 1, 1), None)],
        meal_dates=[date(2026, 12, 4), date(2027, 1, 5)],
    )
    assert count_meals(person.standing_meals, person.meal_dates, DECEMBER) == 6
    assert check_meals(person, canteen(7), lunch(on=date(2026, 12, 7)), DECEMBER, None) is None
    refusal = check_meals(person, canteen(6), lunch(on=date(2026, 12, 7)), DECEMBER, None)
    assert refusal is not None
    assert refusal.data["left_meals"] == 0


def test_strictest_rule_counts_and_only_for_meals() -> None:
    two = make_service(
        kind=ServiceKind.canteen,
        rules=[rule(RuleKind.monthly_meals_quota, 9), rule(RuleKind.monthly_meals_quota, 5)],
    )
    assert find_meals_quota(two, DECEMBER) == 5
    assert find_meals_quota(make_service(rules=two.rules), DECEMBER) is None


def test_single_visits_count_by_their_fullest_week() -> None:
    visits = [(date(2026, 12, 6), 60), (date(2026, 12, 7), 60), (date(2026, 12, 13), 120)]
    assert find_fullest_week(visits) == 180
    assert find_fullest_week([]) == 0
