"""What must not change when a whole night is asked otherwise: middle sizes, where brute force ends and methods switch."""

from __future__ import annotations

import copy
import random

import pytest

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, RoundShape, draw_night, draw_round, draw_unit_demand, to_document

KINDS = {
    "night": ("welfare", lambda: to_document(draw_night(NightShape(300, levels="published"), 11))),
    "simple": ("welfare", lambda: to_document(draw_unit_demand(400, 12, 11))),
    "round": ("stable", lambda: draw_round(RoundShape(250, 14), 11)),
}


@pytest.fixture(scope="module", params=KINDS)
def case(request):
    mode, draw = KINDS[request.param]
    document = draw()
    return document, mode, decide(document, mode)


def decide(document, mode):
    problem = parse_problem(copy.deepcopy(document))
    plan = solve(problem, Params(mode, time_limit=60))
    assert check(problem, plan) == []
    assert plan.outcome == "optimal"
    return plan


def values(plan):
    return [level.value for level in plan.levels]


def test_a_resource_that_nobody_uses_changes_nothing(case):
    document, mode, plan = case
    more = copy.deepcopy(document)
    more["resources"].insert(len(more["resources"]) // 2, {"id": "idle", "capacity": 3})
    again = decide(more, mode)
    assert (again.placements, again.levels, again.blocking) == (plan.placements, plan.levels, plan.blocking)


def test_other_names_in_another_order_change_no_value(case):
    document, mode, plan = case
    assert values(decide(rename(document), mode)) == values(plan)


def rename(document):
    """New ids for resources, groups and requests, all lists but the options' shuffled."""
    rng = random.Random(5)
    made = copy.deepcopy(document)
    place = {
        each["id"]: f"位{i}" for i, each in enumerate(rng.sample(made["resources"], len(made["resources"])))
    }
    person = {
        each["id"]: f"{i}" for i, each in enumerate(rng.sample(made["requests"], len(made["requests"])))
    }
    for resource in made["resources"]:
        resource["id"] = place[resource["id"]]
    for group in made.get("groups", []):
        group["id"] += "/"
        if "joint" in group:
            group["joint"] = [{person[m]: o for m, o in each.items()} for each in group["joint"]]
    for request in made["requests"]:
        request["id"] = person[request["id"]]
        if "group" in request:
            request["group"] += "/"
        for option in request["options"]:
            option["uses"] = {place[name]: amount for name, amount in option["uses"].items()}
    for name in ("resources", "requests", "groups"):
        rng.shuffle(made.get(name, []))
    return made


@pytest.mark.parametrize("case", ["night", "simple"], indirect=True)
def test_more_room_never_lowers_the_first_level(case):
    """Not of a round: stability comes first there, and more room may serve fewer."""
    document, mode, plan = case
    for turn in range(2):
        wider = copy.deepcopy(document)
        for resource in wider["resources"][turn::7]:
            resource["capacity"] += 1
        assert values(decide(wider, mode))[0] >= values(plan)[0]


def test_a_night_beside_itself_is_twice_the_night(case):
    document, mode, plan = case
    both = copy.deepcopy(document)
    twin = rename(document)
    for name in ("resources", "requests", "groups"):
        both[name] = [*both.get(name, []), *twin.get(name, [])]
    expected = [
        value if "worst" in level else 2 * value
        for level, value in zip(document["objective"], values(plan), strict=True)
    ]
    assert values(decide(both, mode)) == expected
