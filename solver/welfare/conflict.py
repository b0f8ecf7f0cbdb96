"""Why nothing is possible: sentences that name the requests and resources which cannot all hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.relax import Relaxation
from solver.welfare.state import OutOfTime, is_feasible

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.problem import Problem
    from solver.welfare.state import Run

SHOWN = 6
TRIALS = 400


def explain_conflict(problem: Problem, run: Run) -> list[str]:
    """Return at least one sentence; each names a set of requests that cannot all be placed."""
    model = run.model
    names = _names(problem, run)
    sizes = np.diff(model.unit_start)
    sentences = [
        f"{names[unit]} must be placed, but none of the options fits even alone{_tight(problem, names[unit])}"
        for unit in np.flatnonzero(model.unit_must & (sizes == 0)).tolist()
    ]
    if sentences:
        return sentences
    single = model.unit_must & (sizes == 1)
    mask = np.zeros(model.columns, dtype=np.int64)
    mask[model.unit_start[:-1][single]] = 1
    used = model.matrix @ mask
    for row in np.flatnonzero((used > model.rhs) & (model.row_resource >= 0)).tolist():
        columns = model.matrix.tocsr()[[row]].indices
        users = sorted({int(u) for u in model.column_unit[columns] if single[u]})
        resource = problem.resources[int(model.row_resource[row])]
        sentences.append(
            f"{_list([names[u] for u in users])} cannot all hold: together they need {int(used[row])} of "
            f"{resource.id!r}, which has {resource.capacity}"
        )
    return sentences or [_smallest(problem, run, names)]


def _smallest(problem: Problem, run: Run, names: list[str]) -> str:
    """Drop one must after the other as long as the rest stays impossible (a deletion filter)."""
    model = run.model
    kept = model.unit_must.copy()
    order = np.flatnonzero(kept)
    chunk = max(1, len(order) // 2)
    trials = 0
    try:
        while trials < TRIALS:
            changed = False
            for at in range(0, len(order), chunk):
                trials += 1
                trial = kept.copy()
                trial[order[at : at + chunk]] = False
                if trial.any() and not _possible(run, trial):
                    kept, changed = trial, True
            order = np.flatnonzero(kept)
            if chunk == 1 and not changed:
                break
            chunk = max(1, chunk // 2)
    except OutOfTime:
        pass
    users = np.flatnonzero(kept)
    columns = np.flatnonzero(kept[model.column_unit])
    need = np.zeros((model.matrix.shape[0], len(users)), dtype=np.int64) if len(users) < 1000 else None
    resources: list[str] = []
    if need is not None:
        dense = model.matrix[:, columns].tocoo()
        for row, column, amount in zip(dense.row, dense.col, dense.data, strict=True):
            unit = int(np.searchsorted(users, model.column_unit[columns[column]]))
            need[row, unit] = max(need[row, unit], amount)
        tight = np.flatnonzero((need.sum(axis=1) > model.rhs) & (model.row_resource >= 0))
        resources = [
            f"{problem.resources[int(model.row_resource[row])].id!r} ({int(model.rhs[row])})" for row in tight
        ]
    where = f" within {_list(resources)}" if resources else ""
    return f"{_list([names[u] for u in users.tolist()])} cannot all be placed{where}"


def _possible(run: Run, must: Bools) -> bool:
    """Whether the must units alone can all be placed; everybody else stays out."""
    model = run.model
    nobody: Ints = np.full(model.units, -1, dtype=np.int64)
    relaxation = Relaxation(model, np.ones(model.columns, dtype=np.bool_), must, model.equal.copy(), [])
    found = solve_core(run, Core(must | model.linked_units, relaxation, nobody), [0], [], 10_000)
    return not found.impossible and (found.chosen is None or _keeps_rows(run, found.chosen))


def _keeps_rows(run: Run, found: Ints) -> bool:
    must = run.model.unit_must & (found < 0)
    if not must.any():
        return is_feasible(run.model, found)
    mask = np.zeros(run.model.columns, dtype=np.int64)
    mask[found[found >= 0]] = 1
    used = run.model.matrix @ mask
    return bool((used <= run.model.rhs).all())


def _names(problem: Problem, run: Run) -> list[str]:
    """The requests behind each unit, for a sentence; units keep the order of `build_model`."""
    arrays = problem.arrays
    names: list[list[str]] = [[] for _ in range(run.model.units)]
    ruled = run.model.unit_of_request
    for request, unit in zip(problem.requests, ruled.tolist(), strict=True):
        names[unit].append(repr(request.id))
    assert len(ruled) == arrays.requests
    return [_list(each) for each in names]


def _tight(problem: Problem, name: str) -> str:
    capacity = {resource.id: resource.capacity for resource in problem.resources}
    for request in problem.requests:
        if repr(request.id) == name:
            for option in request.options:
                for resource, amount in option.uses.items():
                    if amount > capacity[resource]:
                        return f" (it needs {amount} of {resource!r}, which has {capacity[resource]})"
    return ""


def _list(names: list[str]) -> str:
    if len(names) > SHOWN:
        return ", ".join(names[:SHOWN]) + f" and {len(names) - SHOWN} more"
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
