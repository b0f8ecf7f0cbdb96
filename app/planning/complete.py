"""Completes a plan that a time limit cut short: whoever still fits is placed, in the published order. Pure.

A solver that ends on its own leaves nobody out who fits (the first levels count people), so this changes nothing then.
"""

from __future__ import annotations

from dataclasses import replace

from app.models.enums import Mode
from app.planning.problem import Task
from solver import LevelResult, Option, Plan
from solver.check import level_value, placed_options


def complete(task: Task, plan: Plan) -> Plan:
    """Return the plan with everybody added who fits beside it; bounds that no longer hold are left out."""
    if not plan.cut_short or task.share.mode is Mode.stable:
        return plan
    left = {resource.id: resource.capacity for resource in task.problem.resources}
    for option in placed_options(task.problem, plan.placements).values():
        for name, amount in option.uses.items():
            left[name] -= amount
    placements = dict(plan.placements)
    waiting = [
        request
        for request in task.problem.requests
        if request.id not in placements and request.group is None and request.options
    ]
    for request in sorted(waiting, key=lambda each: task.entries[each.id].order):
        fitting = next((option for option in request.options if _fits(option, left)), None)
        if fitting is not None:
            placements[request.id] = fitting.id
            for name, amount in fitting.uses.items():
                left[name] -= amount
    if len(placements) == len(plan.placements):
        return plan
    return replace(
        plan,
        outcome="feasible",
        placements=placements,
        unplaced=[request.id for request in task.problem.requests if request.id not in placements],
        levels=_measure(task, plan, placements),
    )


def _fits(option: Option, left: dict[str, int]) -> bool:
    return all(amount <= left[name] for name, amount in option.uses.items())


def _measure(task: Task, plan: Plan, placements: dict[str, str]) -> list[LevelResult]:
    """Return the levels as they are now: a bound holds as long as nothing changed on the levels before it."""
    chosen = placed_options(task.problem, placements)
    levels: list[LevelResult] = []
    is_same = True
    for level, before in zip(task.problem.objective, plan.levels, strict=True):
        value = level_value(level, chosen)
        levels.append(LevelResult(value, before.bound if is_same else None))
        is_same = is_same and value == before.value
    return levels
