"""Unit demand: the flow proves what brute force finds, and steps aside where the shape is another."""

from __future__ import annotations

import random

import numpy as np
import pytest

from solver import Params, Problem, Request, Resource, Sum, Worst, check, solve
from solver.generate.classical import draw_unit_demand
from solver.generate.draft import to_arrays
from solver.welfare.flow import Network, _longest_paths, has_unit_demand, solve_flow
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.state import Run
from tests.solver.brute import best
from tests.solver.samples import option, problem


def unit_problem(seed: int) -> Problem:
    """Up to six requests, each option one resource or none, amounts equal per resource, every kind of level."""
    rng = random.Random(seed)
    amounts = {f"s{i}": rng.choice([1, 1, 2, 3]) for i in range(rng.randint(1, 3))}
    requests = []
    for i in range(rng.randint(1, 6)):
        options = []
        for j in range(rng.randint(0, 4)):
            site = rng.choice([*amounts, None]) if rng.random() < 0.3 else rng.choice(list(amounts))
            terms = {"metres": rng.randint(0, 9), "draw": rng.randint(-4, 4), "rank": j + 1}
            options.append(option(f"o{j}", {} if site is None else {site: amounts[site]}, **terms))
        held = options[0].id if options and rng.random() < 0.1 else None
        requests.append(
            Request(f"r{i}", options, must=rng.random() < 0.1, held=held, pinned=held is not None)
        )
    pool = [
        Sum({"served": 1}),
        Sum({"draw": 1}),
        Sum({"metres": -1}),
        Worst("metres"),
        Sum({"rank": -1}),
        Sum({"served": 5, "metres": -1}),
        Worst("rank"),
    ]
    resources = [Resource(name, rng.randint(0, 3) * amount) for name, amount in amounts.items()]
    return Problem(resources, [], requests, rng.sample(pool, rng.randint(1, 4)))


def flow_run(night: Problem) -> tuple[Run, bool]:
    run = Run(prepare(build_model(night.arrays)), Params())
    return run, solve_flow(run)


def test_a_flow_reaches_and_proves_what_brute_force_finds():
    done = 0
    for seed in range(250):
        night = unit_problem(seed)
        run, is_solved = flow_run(night)
        expected = best(night)
        if is_solved:
            done += 1
            assert run.values == run.bounds == expected, seed
        else:
            assert expected is None or run.model.columns == 0, seed
    assert done > 150


def test_a_flow_is_what_solving_such_a_night_takes():
    night = unit_problem(3)
    steps = []
    plan = solve(night, Params(), progress=lambda each: steps.append(each.step))
    assert "flow" in steps
    assert plan.outcome == "optimal"
    assert check(night, plan) == []


def test_levels_are_solved_one_by_one_where_weights_grow_too_large():
    draft = draw_unit_demand(2_000, 40, 1)
    draft.objective = [
        {"sum": {"served": 1}},
        {"worst": "metres"},
        {"sum": {"metres": -1}},
        {"sum": {"lot": 1}},
    ]
    draft.terms["lot"] = np.random.default_rng(1).integers(-(2**40), 2**40, len(draft.site))
    run = Run(prepare(build_model(to_arrays(draft))), Params())
    assert solve_flow(run)
    assert run.values == run.bounds
    assert run.values[0] == int(draft.capacity.sum())


def test_costs_beyond_the_range_are_left_to_another_method():
    night = problem(
        {"a": 1},
        [Request(f"r{i}", [option("o", {"a": 1}, worth=2**53 - i)]) for i in range(3)],
        objective=[Sum({"worth": 250})],
    )
    run, is_solved = flow_run(night)
    assert not is_solved
    assert run.chosen is None
    assert solve(night, Params()).levels[0].value == 250 * 2**53


@pytest.mark.parametrize(
    "options",
    [
        [option("o", {"a": 1, "b": 1})],  # a bundle
        [option("o", {"a": 1}), option("p", {"a": 2})],  # unequal amounts
    ],
)
def test_other_shapes_are_left_alone(options):
    requests = [Request(f"r{i}", options) for i in range(3)]
    model = prepare(build_model(problem({"a": 2, "b": 2}, requests).arrays))
    assert not has_unit_demand(model)


def test_prices_refuse_a_plan_that_is_not_the_best():
    night = problem(
        {"a": 1},
        [Request(f"r{i}", [option("o", {"a": 1}, worth=i)]) for i in (1, 2)],
        objective=[Sum({"worth": 1})],
    )
    run, is_solved = flow_run(night)
    assert is_solved
    network = Network(run.model)
    from solver.welfare.flow import Face

    face = Face(np.ones(2, dtype=np.bool_), np.zeros(2, dtype=np.bool_), np.zeros(1, dtype=np.bool_))
    value = run.model.levels[0].value
    assert network.price(face, value, np.array([-1, 1])).tolist() == [1, 0]
    assert network.price(face, value, np.array([0, -1])) is None


def test_ways_that_grow_without_end_have_no_longest():
    nodes, gain = np.array([0, 1, 2]), np.array([1, 1, -1])
    assert _longest_paths(nodes, np.roll(nodes, -1), gain, 3) is None
    assert _longest_paths(nodes, np.roll(nodes, -1), gain - 1, 3).tolist() == [-2, -2, 0]
