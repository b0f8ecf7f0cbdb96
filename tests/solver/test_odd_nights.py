"""Nights of unusual structure: chains of people who must be placed, large groups held by rows, nobody placed at all."""

from __future__ import annotations

import random

import numpy as np
import pytest

from solver import Params, check, solve
from solver.problem import Group, Option, Problem, Request, Resource, Sum, Worst
from solver.welfare import inner
from solver.welfare.engines import KeptBasis
from solver.welfare.model import build_model
from solver.welfare.narrow import ROUNDS, prepare
from solver.welfare.relax import Relaxation
from solver.welfare.state import Run
from solver.welfare.warm import apply_start

QUICK = Params(time_limit=30)


def chain(length):
    """Each must be placed and is pushed on by the one before."""
    requests = [Request("q0", [Option("a", "s", {"r0": 1}, {"v": 1})], must=True)]
    for i in range(1, length):
        options = [
            Option(name, "s", {f"r{i - pushed}": 1}, {"v": 1}) for name, pushed in (("a", 1), ("b", 0))
        ]
        requests.append(Request(f"q{i}", options, must=True))
    return Problem([Resource(f"r{i}", 1) for i in range(length)], [], requests, [Sum({"v": 1})])


@pytest.mark.parametrize("length", [ROUNDS - 1, ROUNDS, ROUNDS + 1, 3 * ROUNDS])
def test_a_chain_of_people_who_must_be_placed(length):
    night = chain(length)
    plan = solve(night, QUICK)
    assert (plan.outcome, len(plan.placements), check(night, plan)) == ("optimal", length, [])


def town(tag, people, sites, metres, served, capacity):
    rng = random.Random(people)
    resources = [Resource(f"{tag}{i}/{day}", capacity) for i in range(sites) for day in ("mon", "tue")]
    requests = [
        Request(
            f"{tag}q{q}",
            [
                Option(
                    f"o{k}",
                    f"{tag}{at}",
                    {f"{tag}{at}/mon": 1, f"{tag}{at}/tue": 1},
                    {served: 1, "served": 1, "metres": rng.randint(*metres)},
                )
                for k, at in enumerate(rng.sample(range(sites), 3))
            ],
        )
        for q in range(people)
    ]
    return resources, requests


def test_a_part_that_no_level_so_far_asks_for_may_stay_empty_for_a_worst_level():
    near, far = town("a", 200, 5, (10, 50), "first", 100), town("b", 2300, 40, (100, 900), "second", 30)
    levels = [Sum({"first": 1}), Worst("metres"), Sum({"served": 1})]
    night = Problem(near[0] + far[0], [], near[1] + far[1], levels)
    plan = solve(night, QUICK)
    assert check(night, plan) == []
    assert plan.outcome == "optimal"
    assert plan.levels[0].value == 200  # all of part a
    assert plan.levels[1].value <= 50  # nobody of part b, whose nearest place is 100 m away
    assert not any(request.startswith("b") for request in plan.placements)


def held_by_rows():
    """Six siblings with twelve options each: too many combinations for columns."""

    def options(number, best, spread):
        return [
            Option(f"o{s}{k}", f"s{s}", {f"s{s}/{k}": 1}, {"v": best + (number * 7 + s * 3 + k) % spread})
            for s in range(3)
            for k in range(4)
        ]

    siblings = [Request(f"g{m}", options(m, 10, 5), group="g") for m in range(6)]
    others = [Request(f"x{m}", options(m, 5, 3)) for m in range(12)]
    resources = [Resource(f"s{s}/{k}", 3) for s in range(3) for k in range(4)]
    return Problem(resources, [Group("g", same_site=True)], siblings + others, [Sum({"v": 1})])


def test_both_ways_to_a_corner_place_a_large_group():
    model = prepare(build_model(held_by_rows().arrays))
    assert (model.row_resource < 0).any()
    run, root, value = Run(model, QUICK), Relaxation.whole(model), model.levels[0].value
    found, _ = inner.relax(run, root, value, None, corner=0)
    x, _ = KeptBasis(run, root).relax(root, value, None)
    assert value @ found.x == pytest.approx(value @ x, rel=1e-5)
    assert np.allclose((model.matrix @ x)[model.equal], model.rhs[model.equal])


def test_an_earlier_plan_of_a_large_group_is_a_start():
    night = held_by_rows()
    plan = solve(night, QUICK)
    run = Run(prepare(build_model(night.arrays)), QUICK)
    apply_start(run, night, plan)
    assert run.chosen is not None
    assert run.values == [level.value for level in plan.levels]


@pytest.mark.parametrize("seed", [-1, -(2**53), 2**53])
def test_every_seed_of_the_contract_is_taken(seed):
    night = held_by_rows()
    plan = solve(night, Params(time_limit=30, seed=seed))
    assert (plan.outcome, plan.seed, check(night, plan)) == ("optimal", seed, [])


def test_another_seed_is_refused():
    with pytest.raises(ValueError, match="2\\^53"):
        Params(seed=2**53 + 1)
    assert Params(seed=-1).entropy != Params(seed=1).entropy
