"""Welfare mode against brute force, and what must not change when the question does not."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver import Group, Params, Problem, Request, Resource, Sum, check, solve
from solver.generate.draft import to_document
from solver.generate.night import NightShape, draw_night
from solver.plan import Plan
from solver.read import parse_problem
from solver.welfare.model import build_model
from solver.welfare.state import Run
from solver.welfare.warm import apply_start
from tests.solver.brute import best, key
from tests.solver.samples import option, problem
from tests.solver.tiny import tiny_problem

QUICK = Params(time_limit=30)


def reached(plan) -> list[int] | None:
    return [level.value for level in plan.levels] if plan.outcome in ("optimal", "feasible") else None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_tiny_nights_equal_brute_force(seed):
    night = tiny_problem(seed, 5)
    plan = solve(night, QUICK)
    assert reached(plan) == best(night)
    assert plan.outcome in ("optimal", "infeasible")
    assert check(night, plan) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.integers(0, 5))
def test_more_capacity_never_lowers_the_first_level(seed, which):
    night = tiny_problem(seed, 6)
    if not night.resources or not isinstance(night.objective[0], Sum):
        return
    at = which % len(night.resources)
    wider = [dataclasses.replace(r, capacity=r.capacity + (i == at)) for i, r in enumerate(night.resources)]
    before, after = solve(night, QUICK), solve(dataclasses.replace(night, resources=wider), QUICK)
    if reached(before) is not None:
        assert after.levels[0].value >= before.levels[0].value


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_a_duplicated_night_is_twice_the_night(seed):
    night = tiny_problem(seed, 4)
    sums = [level for level in night.objective if isinstance(level, Sum)]
    night = dataclasses.replace(night, objective=sums or [Sum({"served": 1})])
    twin = doubled(night)
    once, twice = reached(solve(night, QUICK)), reached(solve(twin, QUICK))
    assert twice == (None if once is None else [2 * value for value in once])


def doubled(night: Problem) -> Problem:
    def again(text):
        return None if text is None else f"{text}'"

    resources = [*night.resources, *(Resource(again(r.id), r.capacity) for r in night.resources)]
    groups = [
        *night.groups,
        *(
            dataclasses.replace(
                g,
                id=again(g.id),
                joint=None if g.joint is None else [{again(m): o for m, o in c.items()} for c in g.joint],
            )
            for g in night.groups
        ),
    ]
    requests = [
        *night.requests,
        *(
            dataclasses.replace(
                r,
                id=again(r.id),
                group=again(r.group),
                options=[
                    dataclasses.replace(o, site=again(o.site), uses={again(k): v for k, v in o.uses.items()})
                    for o in r.options
                ],
            )
            for r in night.requests
        ),
    ]
    return Problem(resources, groups, requests, night.objective)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_the_order_of_the_file_changes_no_level(seed):
    night = tiny_problem(seed, 6)
    rng = random.Random(seed)
    shuffled = dataclasses.replace(
        night,
        requests=rng.sample(list(night.requests), len(night.requests)),
        resources=rng.sample(list(night.resources), len(night.resources)),
    )
    assert reached(solve(night, QUICK)) == reached(solve(shuffled, QUICK))


@pytest.mark.parametrize("kind", ["levels", "single"])
def test_a_real_night_is_proven_and_the_checker_agrees(kind):
    night = parse_problem(
        to_document(draw_night(NightShape(700, levels="published" if kind == "levels" else "one"), 5))
    )
    plan = solve(night, dataclasses.replace(QUICK, gap=1e-4))
    assert check(night, plan) == []
    assert all(level.gap is not None and level.gap <= 1e-2 for level in plan.levels)


def test_the_same_seed_gives_the_same_plan_and_a_start_keeps_the_values():
    night = parse_problem(to_document(draw_night(NightShape(400, levels="published"), 7)))
    first, second = solve(night, QUICK), solve(night, QUICK)
    assert (first.placements, first.levels) == (second.placements, second.levels)
    again = solve(night, QUICK, start=first)
    assert reached(again) == reached(first)


def test_pins_that_cannot_all_hold_are_named():
    pinned = [Request(f"r{i}", [option("o", {"a": 1})], held="o", pinned=True) for i in range(3)]
    plan = solve(problem({"a": 2}, pinned), QUICK)
    assert plan.outcome == "infeasible"
    assert plan.unplaced == ["r0", "r1", "r2"]
    assert all(name in plan.conflict[0] for name in ("'r0'", "'r1'", "'r2'", "'a'"))


def test_musts_that_fight_over_a_bundle_are_named():
    requests = [
        Request("r1", [option("o1", {"a": 1, "b": 1}), option("o2", {"c": 1})], must=True),
        Request("r2", [option("o1", {"b": 1, "c": 1})], must=True),
        Request("r3", [option("o1", {"a": 1})], must=True),
    ]
    plan = solve(problem({"a": 1, "b": 1, "c": 1}, requests), QUICK)
    assert plan.outcome == "infeasible"
    assert "'r1'" in plan.conflict[0]
    assert "'r2'" in plan.conflict[0]


def test_a_large_group_keeps_its_rules_by_rows():
    members = [
        Request(f"r{i}", [option(f"o{j}", {f"s{j}": 1}, f"s{j}") for j in range(6)], group="g")
        for i in range(6)
    ]
    night = problem(
        {f"s{j}": 4 if j else 6 for j in range(6)}, members, [Group("g", same_site=True, all_or_none=True)]
    )
    plan = solve(night, QUICK)
    assert plan.outcome == "optimal"
    assert set(plan.placements.values()) == {"o0"}
    assert check(night, plan) == []


def test_a_stop_request_gives_the_best_so_far():
    night = parse_problem(to_document(draw_night(NightShape(700, levels="published"), 5)))
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 2

    plan = solve(night, QUICK, stop=stop)
    assert plan.cut_short
    assert plan.outcome == "feasible"
    assert check(night, plan) == []


def test_brute_force_itself_prefers_higher_levels_first():
    night = tiny_problem(3, 4)
    assert key(night, best(night) or [0] * len(night.objective))


@pytest.mark.parametrize("mode", ["welfare", "stable"])
def test_amounts_near_2_53_are_added_up_exactly(mode):
    amounts = {"half": 2**52, "other": 2**52, "nearly": 2**53 - 1, "one": 1}
    requests = [
        Request(name, [option("o", {"a": amount}, worth=amount)], must=name == "one")
        for name, amount in amounts.items()
    ]
    night = problem({"a": 2**53}, requests, objective=[Sum({"worth": 1}), Sum({"served": 1})])
    plan = solve(night, dataclasses.replace(QUICK, mode=mode))
    assert check(night, plan) == []
    assert plan.outcome == "optimal"
    if mode == "welfare":
        assert plan.placements == {"nearly": "o", "one": "o"}
        assert reached(plan) == best(night) == [2**53, 2]


@pytest.mark.parametrize("mode", ["welfare", "stable"])
def test_totals_near_2_62_are_compared_exactly(mode):
    worths = [2**53, 2**53 - 1, 2**53 - 2]
    requests = [
        Request(f"r{i}", [option("o", {"a": 1, "b": 1}, worth=worth), option("p", {"b": 1}, worth=-worth)])
        for i, worth in enumerate(worths)
    ]
    night = problem({"a": 2, "b": 3}, requests, objective=[Sum({"served": 1}), Sum({"worth": 170})])
    plan = solve(night, dataclasses.replace(QUICK, mode=mode))
    assert check(night, plan) == []
    assert plan.outcome == "optimal"
    assert reached(plan) == best(night) == [3, 170 * (worths[0] + worths[1] - worths[2])]


@pytest.mark.parametrize(("beyond", "are_kept"), [(1.04, True), (1.3, False)])
def test_earlier_prices_are_a_start_only_where_they_promise_little_more(
    beyond: float, are_kept: bool
) -> None:
    night = problem({"r": 100}, [Request(f"q{i}", [option("o", {"r": 1}, served=1)]) for i in range(100)])
    model = build_model(night.arrays)
    kept = round(100 / beyond)
    start = Plan("feasible", placements={f"q{i}": "o" for i in range(kept)}, prices={"r": 1e-6})
    run = Run(model, QUICK)
    apply_start(run, night, start)
    assert (run.start_prices is not None) == are_kept
