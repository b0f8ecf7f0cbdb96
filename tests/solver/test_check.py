"""For each violation the smallest plan that has only that."""

from __future__ import annotations

import dataclasses

import pytest

from solver import Blocking, Group, LevelResult, Plan, Request, Sum, Worst, check, parse_plan
from tests.solver.samples import option, problem

TWO = problem(
    {"a": 1, "b": 2},
    [
        Request("r1", [option("o1", {"a": 1}, metres=3), option("o2", {"b": 1}, "s2", metres=5)]),
        Request("r2", [option("o1", {"a": 1}, metres=4)]),
    ],
    objective=[Sum({"served": 1}), Worst("metres")],
)


def plan(placements, levels, **more) -> Plan:
    names = [name for name in ("r1", "r2") if name not in placements]
    fields = {"unplaced": names, **more}
    return Plan("feasible", placements=placements, levels=[LevelResult(*each) for each in levels], **fields)


def codes(night, made) -> list[str]:
    return [violation.code for violation in check(night, made)]


def test_a_true_plan_has_no_violation():
    assert codes(TWO, plan({"r1": "o2", "r2": "o1"}, [(2, 2), (5, 4)])) == []


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (plan({"r1": "o1", "r2": "o1"}, [(2,), (4,)]), "over_capacity"),
        (plan({"r1": "o9"}, [(0,), (0,)], unplaced=["r2"]), "unknown_option"),
        (plan({"r9": "o1"}, [(0,), (0,)], unplaced=["r1", "r2"]), "unknown_request"),
        (plan({"r1": "o1"}, [(1,), (3,)], unplaced=[]), "left_out"),
        (plan({"r1": "o1"}, [(1,), (3,)], unplaced=["r1", "r2"]), "both"),
        (plan({"r1": "o1"}, [(1,), (3,)], unplaced=["r2", "r2"]), "listed_twice"),
        (plan({"r1": "o1"}, [(2,), (3,)]), "level_value"),
        (plan({"r1": "o1"}, [(1,)]), "levels_count"),
        (plan({"r1": "o1"}, [(1, 0), (3,)]), "bound_beyond_value"),
        (plan({"r1": "o1"}, [(1, 2, 0.5), (3,)]), "gap_untrue"),
        (plan({"r1": "o1"}, [(1, 2, 1.0), (3, None, 0.0)]), "gap_untrue"),
        (plan({"r1": "o1"}, [(1, 1), (3, 4)]), "bound_beyond_value"),
        (dataclasses.replace(plan({"r1": "o1"}, [(1, 2), (3, 3)]), outcome="optimal"), "not_proven"),
        (dataclasses.replace(plan({"r1": "o1"}, []), outcome="infeasible"), "placed_without_answer"),
        (dataclasses.replace(plan({}, [(0,)]), outcome="no_answer"), "levels_without_answer"),
    ],
)
def test_one_violation_alone(made, code):
    assert codes(TWO, made) == [code]


def test_promises_and_groups_are_judged():
    pinned = problem({"a": 1}, [Request("r1", [option("o1", {}), option("o2", {})], held="o1", pinned=True)])
    assert codes(pinned, Plan("feasible", placements={"r1": "o2"}, levels=[LevelResult(1)])) == ["pin_broken"]
    must = problem({"a": 1}, [Request("r1", [option("o1", {})], must=True)])
    assert codes(must, Plan("feasible", unplaced=["r1"], levels=[LevelResult(0)])) == ["must_unplaced"]
    pair = [
        Request("r1", [option("o1", {}), option("o2", {}, "s2")], group="g"),
        Request("r2", [option("o1", {})], group="g"),
    ]
    split = Plan("feasible", placements={"r1": "o2", "r2": "o1"}, levels=[LevelResult(2)])
    assert codes(problem({}, pair, [Group("g", same_site=True)]), split) == ["group_split"]
    alone = Plan("feasible", placements={"r1": "o1"}, unplaced=["r2"], levels=[LevelResult(1)])
    assert codes(problem({}, pair, [Group("g", all_or_none=True)]), alone) == ["group_incomplete"]
    assert codes(problem({}, pair, [Group("g", joint=[{"r1": "o1", "r2": "o1"}])]), alone) == ["not_joint"]


def test_envy_is_recomputed_in_stable_mode():
    night = problem(
        {"a": 1},
        [
            Request("low", [option("o", {"a": 1}, priority=1)]),
            Request("high", [option("o", {"a": 1}, priority=2)]),
        ],
    )
    envied = Plan(
        "feasible", "stable", {"low": "o"}, ["high"], [LevelResult(1)], [Blocking("high", {"high": "o"})], 0
    )
    assert codes(night, envied) == []
    assert codes(night, dataclasses.replace(envied, blocking=[])) == ["blocking_missing"]
    fair = Plan("feasible", "stable", {"high": "o"}, ["low"], [LevelResult(1)], [], 0)
    assert codes(night, fair) == []
    assert codes(night, dataclasses.replace(fair, blocking=[Blocking("low", {"low": "o"})])) == [
        "blocking_untrue"
    ]


def test_a_guarantee_is_not_envy_and_ties_are_in_the_way():
    night = problem(
        {"a": 1},
        [
            Request("keeps", [option("o", {"a": 1}, priority=0)], held="o"),
            Request("high", [option("o", {"a": 1}, priority=9)]),
        ],
    )
    kept = Plan("feasible", "stable", {"keeps": "o"}, ["high"], [LevelResult(1)], [], 0)
    assert codes(night, kept) == []
    lost = Plan("feasible", "stable", {"high": "o"}, ["keeps"], [LevelResult(1)], [], 0)
    assert codes(night, lost)[0] == "guarantee_broken"


def test_a_gap_that_is_told_smaller_than_it_is_does_not_pass():
    night = problem({"a": 1}, [Request("r", [option("o", {"a": 1})])], objective=[Sum({"served": 1})])
    document = Plan("feasible", placements={"r": "o"}, levels=[LevelResult(1, 3)]).to_json()
    assert check(night, parse_plan(document)) == []
    for gap, code in ((0.0, "gap_untrue"), (1.99, None), (2.5, "gap_untrue"), (None, None)):
        document["levels"][0]["gap"] = gap
        assert [each.code for each in check(night, parse_plan(document))] == ([code] if code else [])
    unproven = {**document, "levels": [{"value": 1, "bound": None, "gap": 0.0}]}
    assert [each.code for each in check(night, parse_plan(unproven))] == ["gap_untrue"]


def test_a_cutoff_that_is_not_the_last_one_admitted_does_not_pass():
    night = problem({"a": 1, "b": 9}, [Request("r", [option("o", {"a": 1})])], objective=[Sum({"served": 1})])
    plan = Plan("feasible", "stable", {"r": "o"}, levels=[LevelResult(1)], cutoffs={"a": 0})
    assert check(night, plan) == []
    for told in ({"a": 1}, {"a": 0, "b": 0}, {"b": 0, "a": 0, "c": 2}):
        found = check(night, dataclasses.replace(plan, cutoffs=told))
        assert {each.code for each in found} == {"cutoff_untrue"}
