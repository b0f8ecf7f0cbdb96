"""Eligibility as tables: each row a case that a domain expert would try."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import ConsentPurpose, EndRule, Mobility, Reason, RuleKind
from app.options.facts import Leave, Proof
from app.options.rules import (
    check_class,
    check_consent,
    check_service,
    count_months,
    count_years,
    find_last_day,
    find_month_birthday,
)
from app.policies.rules import DEFAULT_POLICIES
from tests.app.options.builders import (
    LONG_AGO,
    TODAY,
    grade,
    make_child,
    make_class,
    make_person,
    make_service,
    rule,
)

COGNITION = Proof("cognition", None, LONG_AGO, None)
CASES = [
    ("grade meets the rule", [grade(3)], rule(RuleKind.min_care_grade, 3), None),
    ("grade too low", [grade(2)], rule(RuleKind.min_care_grade, 3), Reason.care_grade_too_low),
    ("grade too high", [grade(6)], rule(RuleKind.max_care_grade, 5), Reason.care_grade_too_high),
    ("never assessed", [], rule(RuleKind.min_care_grade, 2), Reason.care_grade_missing),
    ("no grade is not too high", [], rule(RuleKind.max_care_grade, 2), None),
    (
        "expired yesterday",
        [grade(4, date(2026, 11, 23))],
        rule(RuleKind.min_care_grade, 2),
        Reason.care_grade_expired,
    ),
    ("last day today", [grade(4, TODAY)], rule(RuleKind.min_care_grade, 2), None),
    ("needs the flag", [grade(4)], rule(RuleKind.needs_cognition), Reason.needs_cognition_flag),
    ("has the flag", [COGNITION], rule(RuleKind.needs_cognition), None),
    ("not for dementia", [COGNITION], rule(RuleKind.excludes_cognition), Reason.not_for_cognition),
    ("hours from grade 2", [grade(1)], rule(RuleKind.weekly_hours_quota), Reason.care_grade_too_low),
    ("hours at grade 2", [grade(2)], rule(RuleKind.weekly_hours_quota), None),
    ("too young in years", [], rule(RuleKind.min_age_years, 81), Reason.too_young),
    ("exactly old enough", [], rule(RuleKind.min_age_years, 80), None),
    ("too old in years", [], rule(RuleKind.max_age_years, 79), Reason.too_old),
    ("lives elsewhere", [], rule(RuleKind.lives_in_area, areas=["C9"]), Reason.outside_area),
    ("lives there", [], rule(RuleKind.lives_in_area, areas=["C1"]), None),
]


@pytest.mark.parametrize(("case", "proofs", "checked", "expected"), CASES)
def test_rule(case, proofs, checked, expected) -> None:
    person = make_person(proofs=proofs, area_codes=frozenset({"C1", "B1"}))
    found = check_service(person, make_service(rules=[checked]), TODAY, DEFAULT_POLICIES)
    assert [refusal.reason for refusal in found] == ([] if expected is None else [expected]), case


def test_rule_out_of_force_refuses_nobody() -> None:
    old = rule(RuleKind.min_age_years, 99)
    old = type(old)(old.kind, old.value, {}, LONG_AGO, date(2026, 11, 23))
    assert check_service(make_person(), make_service(rules=[old]), TODAY, DEFAULT_POLICIES) == []


def test_expired_grade_names_its_last_day() -> None:
    person = make_person(proofs=[grade(4, date(2026, 11, 23))])
    (refusal,) = check_service(
        person, make_service(rules=[rule(RuleKind.min_care_grade, 2)]), TODAY, DEFAULT_POLICIES
    )
    assert refusal.data == {"from_grade": 2, "expired_on": "2026-11-23"}


def test_wheelchair_needs_a_step_free_site_and_a_closure_refuses() -> None:
    person = make_person(mobility=Mobility.wheelchair)
    service = make_service(is_step_free=False, closures=[(TODAY, TODAY)])
    found = check_service(person, service, TODAY, DEFAULT_POLICIES)
    assert [refusal.reason for refusal in found] == [Reason.not_step_free, Reason.closed]


def _leave(by_guardian: bool, **dates) -> Leave:
    values = {"given_on": LONG_AGO, "valid_to": None, "withdrawn_on": None} | dates
    return Leave(ConsentPurpose.matching, not by_guardian, by_guardian, **values)


@pytest.mark.parametrize(
    ("born_on", "leave", "expected"),
    [
        (date(2018, 1, 1), _leave(True), None),
        (date(2018, 1, 1), _leave(False), Reason.guardian_consent_missing),
        (date(2012, 11, 25), _leave(False), Reason.guardian_consent_missing),
        (date(2012, 11, 24), _leave(False), None),
        (date(2018, 1, 1), _leave(True, withdrawn_on=TODAY), Reason.guardian_consent_missing),
        (date(2018, 1, 1), _leave(True, valid_to=TODAY), None),
        (date(1950, 1, 1), _leave(False, valid_to=date(2026, 11, 23)), Reason.consent_missing),
        (date(1950, 1, 1), _leave(False, given_on=date(2026, 11, 25)), Reason.consent_missing),
    ],
)
def test_consent(born_on, leave, expected) -> None:
    found = check_consent(make_child(born_on, leaves=[leave]), TODAY, DEFAULT_POLICIES)
    assert [refusal.reason for refusal in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("months", "reason"), [(17, Reason.too_young), (18, None), (35, None), (36, Reason.too_old)]
)
def test_class_takes_ages_from_its_first_month_to_before_its_last(months, reason) -> None:
    care_class = make_class(age_from_months=18, age_to_months=36)
    child = make_child(find_born_on(months))
    assert [each.reason for each in check_class(child, care_class, TODAY)] == ([reason] if reason else [])


def find_born_on(months: int) -> date:
    """Born so that the child turns that many months today."""
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - months, 12)
    return date(year, month + 1, TODAY.day)


def test_ages_turn_on_the_day() -> None:
    assert count_years(date(1946, 11, 24), TODAY) == 80
    assert count_years(date(1946, 11, 25), TODAY) == 79
    assert count_months(date(2023, 11, 24), TODAY) == 36
    assert count_months(date(2023, 11, 25), TODAY) == 35
    for born in (date(2024, 2, 29), date(2024, 1, 31), date(2023, 12, 31), date(2024, 8, 30)):
        for months in (6, 12, 24, 36, 37):
            turn = find_month_birthday(born, months)
            assert count_months(born, turn) == months
            assert count_months(born, date.fromordinal(turn.toordinal() - 1)) == months - 1


@pytest.mark.parametrize(
    ("born_on", "end_rule", "last"),
    [
        (date(2023, 10, 10), EndRule.at_36_months, date(2026, 10, 9)),
        (date(2023, 10, 10), EndRule.end_of_nursery_year, date(2027, 8, 31)),
        (date(2023, 8, 31), EndRule.end_of_nursery_year, date(2026, 8, 31)),
        (date(2023, 9, 1), EndRule.end_of_nursery_year, date(2027, 8, 31)),
        (date(2023, 9, 1), EndRule.none, None),
    ],
)
def test_last_day_by_age(born_on, end_rule, last) -> None:
    assert find_last_day(born_on, end_rule, DEFAULT_POLICIES) == last
