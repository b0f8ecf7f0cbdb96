"""The shopping list: the best increments within a budget, as variables of one solve, verified by solving with them.

All increments' capacity is added at once; each increment is a request that must be placed: either "left", which uses the
added capacity up, or "bought", which uses the budget. So single worths that do not add up need no guessing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solver.decide import solve
from solver.explain.changes import list_gains
from solver.problem import Group, Option, Problem, Request, Resource, Sum
from solver.strictjson import Checker, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from solver.params import Mode, Params
    from solver.plan import Plan

BUDGET = "shopping/budget"
BOUGHT = "shopping/bought"
PREFIX = "shopping/"


@dataclass(frozen=True, slots=True)
class Increment:
    """Something that could be had: ``adds`` units of resources for ``cost`` (1 each: at most k of them)."""

    id: str
    adds: Mapping[str, int]
    cost: int = 1


def read_increments(path: str | Path, problem: Problem) -> list[Increment]:
    """Read a JSON list of increments; raise `BadInput` with every fault."""
    reader = Checker()
    known = {resource.id for resource in problem.resources}
    found: list[Increment] = []
    for i, item in enumerate(reader.list(load(path), "")):
        at = f"[{i}]"
        entry = reader.object(item, at, frozenset({"id", "adds", "cost"}), ("id", "adds"))
        adds = reader.names(entry.get("adds", {}), at + ".adds")
        for name, amount in adds.items():
            reader.integer(amount, f"{at}.adds.{name}", 0)
            if name not in known:
                reader.fault(at + ".adds", f"unknown resource {name!r}")
        name = reader.text(entry.get("id", "?"), at + ".id")
        if any(each.id == name for each in found):
            reader.fault(at + ".id", f"the increment id {name!r} stands twice")
        found.append(Increment(name, adds, reader.integer(entry.get("cost", 1), at + ".cost", 0)))
    reader.finish()
    return found


def shop(
    problem: Problem, plan: Plan, increments: Sequence[Increment], budget: int, params: Params
) -> dict[str, Any]:
    """Choose increments of at most ``budget`` in total; return what to buy, the levels with it, whom it serves and where."""
    asked = solve(with_choices(problem, increments, budget, params.mode), params, plan)
    bought = [each for each in increments if asked.placements.get(PREFIX + each.id) == "bought"]
    verified = solve(with_increments(problem, bought), params, plan)
    return {
        "format": "solver-shopping/1",
        "outcome": verified.outcome,
        "proven": "optimal" == asked.outcome == verified.outcome,  # the choice itself, and what it serves
        "bought": [each.id for each in bought],
        "cost": sum(each.cost for each in bought),
        "levels": verified.to_json()["levels"],
        "gain": list_gains(problem, plan, verified),
        "served": {
            request: verified.placements[request]
            for request in sorted(verified.placements.keys() - plan.placements.keys())
        },
    }


def with_increments(problem: Problem, increments: Sequence[Increment]) -> Problem:
    """The same night with the increments' capacity."""
    more: dict[str, int] = {}
    for each in increments:
        for name, amount in each.adds.items():
            more[name] = more.get(name, 0) + amount
    return dataclasses.replace(
        problem,
        resources=[
            dataclasses.replace(r, capacity=r.capacity + more.get(r.id, 0)) for r in problem.resources
        ],
    )


def with_choices(
    problem: Problem, increments: Sequence[Increment], budget: int, mode: Mode = "welfare"
) -> Problem:
    """The night in which each increment is bought or left; buying less is the last level.

    In ``stable`` mode "left" is held, so nobody envies it, and a pinned companion keeps the increment from blocking.
    """
    wider = with_increments(problem, increments)
    is_stable = mode == "stable"
    requests = [
        Request(
            PREFIX + each.id,
            [
                Option("bought", PREFIX, {BUDGET: each.cost}, {BOUGHT: each.cost}),
                Option("left", PREFIX, dict(each.adds)),
            ],
            group=PREFIX + each.id if is_stable else None,
            must=True,
            held="left",
        )
        for each in increments
    ]
    companions = [
        Request(
            f"{PREFIX}{each.id}/still",
            [Option("here", PREFIX, {})],
            group=PREFIX + each.id,
            held="here",
            pinned=True,
        )
        for each in increments
        if is_stable
    ]
    return dataclasses.replace(
        wider,
        resources=[*wider.resources, Resource(BUDGET, budget)],
        groups=[*wider.groups, *(Group(PREFIX + each.id) for each in increments if is_stable)],
        requests=[*wider.requests, *requests, *companions],
        objective=[*wider.objective, Sum({BOUGHT: -1})],
    )
