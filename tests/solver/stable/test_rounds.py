"""A round of the published size: stable, proven, the same each time, cut when asked."""

from __future__ import annotations

import random
import time

import pytest

from solver.check import check
from solver.generate import RoundShape, draw_round
from solver.params import Params
from solver.read import parse_problem
from solver.stable import solve_stable
from tests.solver.oracle.envy import list_blocking

STABLE = Params(mode="stable")


@pytest.fixture(scope="module")
def document():
    return draw_round(RoundShape(605, 33))


@pytest.fixture(scope="module")
def problem(document):
    return parse_problem(document)


@pytest.fixture(scope="module")
def plan(problem):
    return solve_stable(problem, STABLE)


def test_605_children_nobody_blocks_and_the_most_are_served_with_proof(document, problem, plan):
    assert plan.outcome == "optimal"
    assert plan.blocking == []
    assert check(problem, plan) == []
    assert list_blocking(document, plan.placements) == []


def test_the_same_round_gives_the_same_plan(problem, plan):
    again = solve_stable(problem, STABLE)
    assert again.placements == plan.placements
    assert again.levels == plan.levels


def test_yesterdays_plan_is_a_start_and_changes_no_value(problem, plan):
    assert solve_stable(problem, STABLE, start=plan).levels == plan.levels


def test_a_stop_request_ends_with_a_plan_that_keeps_all_rules():
    problem = parse_problem(draw_round(RoundShape(1200, 60)))
    plan = solve_stable(problem, STABLE, stop=lambda: True)
    assert plan.cut_short
    assert plan.outcome == "feasible"
    assert check(problem, plan) == []


def test_every_better_plan_is_handed_over(problem):
    kept = []
    plan = solve_stable(problem, STABLE, keep=kept.append)
    assert kept
    assert all(check(problem, each) == [] for each in kept)
    assert kept[-1].placements == plan.placements


def test_the_time_limit_is_kept():
    problem = parse_problem(draw_round(RoundShape(1589, 86)))
    began = time.monotonic()
    plan = solve_stable(problem, Params(mode="stable", time_limit=0.2))
    assert time.monotonic() - began < 10  # a loaded machine builds slowly; searching must not go on
    assert check(problem, plan) == []


@pytest.mark.parametrize("seed", [0, 9, 17])
def test_where_lots_split_families_one_blocking_is_proven_to_be_needed(seed):
    document = draw_round(RoundShape(60, 4, siblings=0.6, ties=False), seed)
    rng = random.Random(seed)
    for request in document["requests"]:
        lot = rng.randrange(10**6)
        for option in request["options"]:
            option["priority"] += 30 * lot
    problem = parse_problem(document)
    plan = solve_stable(problem, STABLE)
    assert check(problem, plan) == []
    assert len(plan.blocking) == plan.blocking_bound == 1
    assert plan.outcome == "optimal"
