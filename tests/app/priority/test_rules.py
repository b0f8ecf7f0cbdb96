"""The published order as tables of cases."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import Role
from app.policies.rules import DEFAULT_POLICIES, Policies
from app.priority.rules import count_months_waited, draw_number, get_order_key, get_priority_class

ELDERS = [
    ("low income with grade 4", ["low_income"], 4, 70, 4),
    ("extreme poverty with grade 6", ["extreme_poverty"], 6, 70, 4),
    ("low income with grade 3", ["low_income"], 3, 70, 3),
    ("lost the only child", ["lost_only_child"], None, 65, 4),
    ("severe disability", ["severe_disability"], None, 65, 4),
    ("grade 4 alone", [], 4, 65, 3),
    ("alone at 80", ["lives_alone"], None, 80, 3),
    ("alone at 79", ["lives_alone"], None, 79, 2),
    ("80", [], None, 80, 2),
    ("grade 2", [], 2, 65, 2),
    ("grade 1", [], 1, 65, 1),
    ("nothing", [], None, 65, 1),
    ("special care", ["special_care"], None, 65, 2),
    ("a child's word is no elder's", ["single_parent"], None, 65, 1),
]
CHILDREN = [
    ("low income and single parent", ["low_income", "single_parent"], 4),
    ("severe disability", ["severe_disability"], 4),
    ("low income", ["low_income"], 3),
    ("single parent", ["single_parent"], 3),
    ("both parents working", ["both_parents_working"], 2),
    ("three children", ["three_or_more_children"], 2),
    ("nothing", [], 1),
]


@pytest.mark.parametrize(("case", "words", "grade", "years", "expected"), ELDERS)
def test_elder_class(case: str, words: list[str], grade: int | None, years: int, expected: int) -> None:
    assert get_priority_class(Role.elder, words, grade, years, DEFAULT_POLICIES) == expected, case


@pytest.mark.parametrize(("case", "words", "expected"), CHILDREN)
def test_child_class(case: str, words: list[str], expected: int) -> None:
    assert get_priority_class(Role.child, words, None, 8, DEFAULT_POLICIES) == expected, case


def test_class_follows_the_policy_in_force() -> None:
    policies = Policies({"high_age_from": 85})
    assert get_priority_class(Role.elder, [], None, 84, policies) == 1
    assert get_priority_class(Role.elder, [], None, 85, policies) == 2


@pytest.mark.parametrize(
    ("entered", "on", "months"),
    [
        (date(2026, 1, 15), date(2026, 2, 14), 0),
        (date(2026, 1, 15), date(2026, 2, 15), 1),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2025, 12, 1), date(2026, 12, 1), 12),
        (date(2026, 5, 1), date(2026, 4, 1), 0),
    ],
)
def test_months_waited(entered: date, on: date, months: int) -> None:
    assert count_months_waited(entered, on) == months


def test_draw_number_depends_on_seed_and_code_only() -> None:
    assert draw_number("a", "N1") == draw_number("a", "N1")
    assert len({draw_number("a", f"N{i}") for i in range(1000)}) == 1000
    assert draw_number("a", "N1") != draw_number("b", "N1")
    assert all(0 <= draw_number("a", f"N{i}") < 2**31 for i in range(1000))


def test_order_is_class_then_months_then_draw() -> None:
    keys = [get_order_key(*row) for row in [(1, 9, 5), (4, 0, 9), (4, 2, 9), (4, 2, 3)]]
    assert sorted(keys) == [keys[3], keys[2], keys[1], keys[0]]
