"""Levels that are looked for in one search: the weights keep their order, and what is proven of each holds."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from scipy import sparse

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document
from solver.welfare import settling
from solver.welfare.blocks import Block
from solver.welfare.clauses import NONE, Whole, solve_by_clauses
from solver.welfare.core import CoreAnswer
from solver.welfare.joint import join
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.settling import Closing
from solver.welfare.state import Run
from tests.solver.oracle import whole
from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_larger

UNIT = np.array([0, 0, 1, 1, 1, 2])
TAIL = [{"sum": {"served": 1}}, {"sum": {"rank": -1}}, {"sum": {"metres": -1}}, {"sum": {"draw": -1}}]


def draw_levels(rng):
    """Four levels over six columns of three units, each of another size."""
    return [rng.integers(-size, size + 1, len(UNIT)) for size in (3, 900, 40, 10**6)]


def list_plans(must):
    """Every plan (int64[columns], one for what is chosen) of the three units."""
    ways = [[*np.flatnonzero(unit == UNIT), *([] if must[unit] else [-1])] for unit in range(3)]
    for chosen in itertools.product(*ways):
        plan = np.zeros(len(UNIT), dtype=np.int64)
        plan[[column for column in chosen if column >= 0]] = 1
        yield plan


@pytest.mark.parametrize("seed", range(40))
def test_the_joint_objective_keeps_the_order_of_the_levels(seed):
    rng = np.random.default_rng(seed)
    values, must = draw_levels(rng), rng.random(3) < 0.4
    joint = join(values, UNIT, must)
    assert len(joint.weights) == 4
    plans = list(list_plans(must))
    cost = joint.cost(values)
    by_cost = sorted(plans, key=lambda plan: int(cost @ plan))
    by_levels = sorted(plans, key=lambda plan: [int(value @ plan) for value in values])
    assert [int(cost @ plan) for plan in by_cost] == [int(cost @ plan) for plan in by_levels]
    for plan in plans:
        assert joint.bound_first(int(cost @ plan)) == int(values[0] @ plan)
    between = (int(cost @ by_cost[0]) + int(cost @ by_cost[-1])) // 2
    reached = [int(values[0] @ plan) for plan in plans if int(cost @ plan) <= between]
    assert joint.bound_first(between) >= max(reached)


def test_levels_that_64_bits_do_not_hold_are_left_out():
    values = [np.array([5, 3]), np.array([2**40, -(2**40)]), np.array([2**30, 7])]
    joint = join(values, np.array([0, 1]), np.zeros(2, dtype=np.bool_))
    assert len(joint.weights) == 2
    assert joint.cost(values).tolist() == [5 * joint.weights[0] + 2**40, 3 * joint.weights[0] - 2**40]


def test_one_level_is_itself_however_large():
    joint = join([np.array([2**59, 1])], np.array([0, 1]), np.zeros(2, dtype=np.bool_))
    assert (joint.weights, joint.bound_first(17)) == ([1], 17)


@pytest.mark.parametrize("seed", range(4))
def test_a_bound_beyond_the_digits_of_a_double_is_rounded_outward(seed):
    rng = np.random.default_rng(seed)
    cost = rng.integers(2**50, 2**51, 60)
    rows = sparse.csr_array(rng.integers(1, 40, (8, 60)))
    night = Whole(cost, rows, np.full(8, NONE), np.full(8, 220))
    brief = solve_by_clauses(night, 1, 30, 0.01, None)
    assert brief.status == "limit"
    assert brief.bound is not None
    assert brief.bound >= int(cost @ solve_by_clauses(night, 1, 30, 0.3, None).x)


def end_together(document, rng):
    """Give a document four levels that end its list, so that small problems have a tail."""
    for request in document["requests"]:
        for option in request["options"]:
            terms = option.setdefault("terms", {})
            terms.update(rank=rng.randint(0, 4), metres=rng.randint(0, 900), draw=rng.randint(0, 999))
    return document | {"objective": TAIL}


@pytest.mark.parametrize(("work", "ends"), [(2.0, True), (1e-6, False)], ids=["ended", "given up"])
def test_levels_looked_for_together_equal_the_whole_model(monkeypatch, listen, work, ends):
    monkeypatch.setattr(settling, "FEW", -1)
    monkeypatch.setattr(settling, "TOGETHER", work)
    answers = listen(settling, "solve_together")
    for case in range(60):
        rng = random.Random(case)
        document = end_together(draw_larger(rng.randint, "welfare", 60), rng)
        assert list_differences(document, "welfare", judge=whole.find_best) == [], case
    ended = [
        answer.impossible or (answer.chosen is not None and None not in answer.bounds) for answer in answers
    ]
    assert sum(each == ends for each in ended) > 5


@pytest.mark.parametrize("seed", [1, 2])
def test_a_night_is_the_same_together_and_level_by_level(monkeypatch, listen, seed):
    monkeypatch.setattr(settling, "FEW", -1)
    night = parse_problem(to_document(draw_night(NightShape(150, several=True, levels="published"), seed)))
    joined = listen(settling, "solve_together")
    together = solve(night, Params(time_limit=60))
    assert joined
    monkeypatch.setattr(settling, "TOGETHER", 1e-6)
    alone = solve(night, Params(time_limit=60))
    assert check(night, together) == check(night, alone) == []
    assert together.outcome == alone.outcome == "optimal"
    assert [level.value for level in together.levels] == [level.value for level in alone.levels]


@pytest.mark.parametrize(("least", "proven"), [(None, [7, 5]), (7, [7, 5]), (8, [7, None])])
def test_what_is_proven_behind_a_level_holds_where_nothing_outside_is_as_good(least, proven):
    night = parse_problem(to_document(draw_night(NightShape(20, levels="published"), 1)))
    run = Run(prepare(build_model(night.arrays)), Params())
    closing = Closing(run, Block([0], [1]), [], together=True)
    run.values = [3, 3, 3]
    closing.conclude(least, CoreAnswer(None, bounds=[7, 5]))
    assert run.bounds[:2] == proven
