"""The oracle itself on cases whose answer is known by hand, and welfare against it for a few seeds."""

from __future__ import annotations

import dataclasses
import random
from itertools import islice

import pytest

from solver.envy import blocking_pairs
from solver.read import parse_problem
from tests.solver.oracle import brute, whole
from tests.solver.oracle.brute import find_best_stable, find_best_welfare, iterate_plans
from tests.solver.oracle.compare import get_solve, list_differences
from tests.solver.oracle.deciders import list_deciders
from tests.solver.oracle.draw import draw_document, draw_larger
from tests.solver.oracle.envy import list_blocking
from tests.solver.stable.build import child, room, round_of


def test_the_refused_child_of_higher_priority_blocks():
    document = round_of([room("a")], [child("low", ("a", 1)), child("high", ("a", 2))])
    assert list_blocking(document, {"low": "a"}) == [("high", {"high": "a"})]
    assert list_blocking(document, {"high": "a"}) == []
    assert find_best_stable(document) == (0, [1, -1])


def test_an_empty_place_is_blocked_by_whoever_would_like_it():
    document = round_of([room("a")], [child("only", ("a", 1))])
    assert list_blocking(document, {}) == [("only", {"only": "a"})]


def test_a_group_prefers_more_placed_then_smaller_positions():
    members = [child("x", ("a", 1), ("b", 1), group="g"), child("y", ("a", 1), group="g")]
    (group,) = list_deciders(round_of([room("a", 2), room("b")], members, [{"id": "g"}]), "stable")
    assert [{n: o["id"] for n, o in picks.items()} for picks in group.accepted] == [
        {"x": "a", "y": "a"},
        {"x": "b", "y": "a"},
        {"x": "a"},
        {"y": "a"},
        {"x": "b"},
        {},
    ]


def test_welfare_serves_more_where_stable_may_not():
    document = round_of([room("a"), room("b")], [child("low", ("a", 1)), child("high", ("a", 2), ("b", 2))])
    assert find_best_welfare(document) == [2, -3]
    assert find_best_stable(document) == (0, [1, -1])


def test_welfare_equals_brute_force():
    wrong = {
        case: differences
        for case in range(150)
        if (differences := list_differences(draw_document(random.Random(case).randint, "welfare"), "welfare"))
    }
    assert wrong == {}


def test_the_checker_and_the_oracle_see_the_same_blocking_in_any_plan():
    for case in range(300):
        document = draw_document(random.Random(case).randint, "stable", most_requests=5)
        problem = parse_problem(document)
        for plan in islice(iterate_plans(document, list_deciders(document, "stable")), 40):
            placements = {name: option["id"] for name, option in plan.items()}
            ours = sorted((of, sorted(picks.items())) for of, picks in blocking_pairs(problem, placements))
            true = sorted((of, sorted(picks.items())) for of, picks in list_blocking(document, placements))
            assert ours == true, (case, placements)


@pytest.mark.parametrize("mode", ["welfare", "stable"])
def test_the_whole_model_is_the_same_judge_as_brute_force(mode):
    for case in range(1000, 1060):
        document = draw_document(random.Random(case).randint, mode)
        assert whole.find_best(document, mode) == brute.find_best(document, mode), case


@pytest.mark.parametrize("mode", ["welfare", "stable"])
def test_problems_too_large_to_try_all_plans_equal_the_whole_model(mode):
    for case in range(12):
        document = draw_larger(random.Random(case).randint, mode, 60)
        assert list_differences(document, mode, judge=whole.find_best) == [], case


def test_the_whole_model_turns_down_a_plan_that_is_not_the_best():
    document = round_of([room("a")], [child("only", ("a", 1))])

    def place_nobody(problem, params):
        plan = get_solve("stable")(problem, params)
        return dataclasses.replace(plan, placements={}, unplaced=["only"])

    assert list_differences(document, "stable", judge=whole.find_best) == []
    assert list_differences(document, "stable", place_nobody, whole.find_best) != []
