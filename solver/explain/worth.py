"""What one more unit of a resource is worth: by solving again, since prices and truth differ with bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solver.decide import solve
from solver.explain.changes import list_gains, with_more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.params import Params
    from solver.plan import Plan
    from solver.problem import Problem

MOST = 10


def worth(problem: Problem, plan: Plan, resources: Sequence[str], params: Params) -> list[dict[str, Any]]:
    """For each resource: ``price`` (the relaxation's), ``gain`` per level of one more unit, ``served``: who gets in.

    A gain is what gets better: for a ``worst`` level, by how much its value falls. None at all where no answer was found.
    ``proven`` tells whether every level before and including the first that changes is proven on both sides.
    Without names: the `MOST` resources with the highest prices.
    """
    names = list(resources) or sorted(plan.prices, key=lambda name: (-plan.prices[name], name))[:MOST]
    binding = can_bind(problem)
    return [_one(problem, plan, name, params, can=name in binding) for name in names]


def _one(problem: Problem, plan: Plan, name: str, params: Params, *, can: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"resource": name, "price": plan.prices.get(name, 0.0)}
    if not can:  # everybody together cannot fill it
        return {**row, "gain": [0] * len(plan.levels), "proven": True, "served": []}
    after = solve(with_more(problem, name, 1), params, plan)
    gains = list_gains(problem, plan, after)
    first = next((i for i, gain in enumerate(gains) if gain), len(gains) - 1)
    compared = [level for side in (plan, after) for level in side.levels[: first + 1]]
    proven = bool(compared) and all(level.gap == 0 for level in compared)
    served = sorted(after.placements.keys() - plan.placements.keys())
    return {**row, "gain": gains, "proven": proven, "served": served}


def can_bind(problem: Problem) -> set[str]:
    """Resources that the largest uses of all requests together exceed."""
    arrays = problem.arrays
    request = arrays.option_request[arrays.use_option]
    order = np.lexsort((arrays.use_amount, request, arrays.use_resource))
    resource, who, amount = arrays.use_resource[order], request[order], arrays.use_amount[order]
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (resource[1:] != resource[:-1]) | (who[1:] != who[:-1])
    total = np.bincount(resource[last], amount[last].astype(np.float64), minlength=len(arrays.capacity))
    return {problem.resources[i].id for i in np.flatnonzero(total > arrays.capacity).tolist()}
