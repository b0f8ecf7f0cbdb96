"""Yesterday's plan and prices as tonight's start: its placements where they still exist, and a short relaxation.

Any prices give a valid bound. Yesterday's say which columns are worth looking at: the relaxation over those alone is a
fraction of the whole one, and its prices are proven over all columns. Where that does not close the level within the
wanted gap, the night is solved as if there were no yesterday. Where prices decide (`solver.welfare.by_price`), theirs are
sought from yesterday's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.inner import relax
from solver.welfare.relax import Relaxation, bound
from solver.welfare.state import picked

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.plan import Plan
    from solver.problem import Problem
    from solver.welfare.model import Model
    from solver.welfare.relax import Bound
    from solver.welfare.state import Run


FAR = 0.05  # of what is left of the earlier plan: where its prices promise more than this beyond it, they mislead


def apply_start(run: Run, problem: Problem, start: Plan) -> None:
    """Offer what is left of an earlier plan; its prices are a start where they do not promise much more."""
    model = run.model
    placed = np.zeros(problem.arrays.options, dtype=np.bool_)
    placed[_find_placed(problem, start)] = True
    counts = np.diff(model.column_start)
    owner = np.repeat(np.arange(model.columns), counts)
    hits = np.bincount(owner, placed[model.column_option], minlength=model.columns)
    full = np.flatnonzero((hits == counts) & (counts > 0))
    units = model.column_unit[full]
    order = np.lexsort((-counts[full], units))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = units[order][1:] != units[order][:-1]
    chosen = np.full(model.units, -1, dtype=np.int64)
    chosen[units[order][first]] = full[order][first]
    run.offer(_with_helpers(model, _without_too_many(run, chosen)))
    price = np.array([start.prices.get(resource.id, 0.0) for resource in problem.resources])
    if price.any():
        prices = np.zeros(len(model.rhs))
        resources = model.row_resource >= 0
        prices[resources] = price[model.row_resource[resources]]
        run.start_prices = prices if _is_familiar(run, prices) else None


def _find_placed(problem: Problem, start: Plan) -> list[int]:
    """Options that the earlier plan places and that are still there."""
    found = []
    firsts = problem.arrays.request_start.tolist()  # one more than requests
    for request, first in zip(problem.requests, firsts, strict=False):
        wanted = start.placements.get(request.id)
        if wanted is None:
            continue
        for place, option in enumerate(request.options, first):
            if option.id == wanted:
                found.append(place)
                break
    return found


def _with_helpers(model: Model, chosen: Ints) -> Ints:
    """Choose the helper columns of large groups that what their members have asks for (`solver.welfare.grouping`)."""
    asking = np.flatnonzero((model.row_resource < 0) & (model.matrix @ picked(model, chosen) > model.rhs))
    if not len(asking):
        return chosen
    links = model.matrix.tocsr()[asking].tocoo()
    helpers = links.col[(links.data < 0) & (np.diff(model.column_start)[links.col] == 0)]
    kept = chosen.copy()
    kept[model.column_unit[helpers]] = helpers
    return kept


def _is_familiar(run: Run, prices: Floats) -> bool:
    """Whether the first sum level of what is left of the plan is near its bound by these prices."""
    model = run.model
    first = next((i for i, level in enumerate(model.levels) if not level.worst), None)
    if first is None or run.chosen is None:
        return False
    root = Relaxation.whole(model)
    found = bound(root, model.levels[first].value, prices)
    reached = run.values[first]
    return found is not None and found.total / found.scale - reached <= FAR * max(1, abs(reached))


def _without_too_many(run: Run, chosen: Ints) -> Ints:
    """Leave out who no longer fits: of those on an overfull row, the last in the file."""
    model = run.model
    rows, columns, unit_of = model.matrix.tocsr(), model.matrix, model.column_unit
    kept = chosen.copy()
    used = columns @ picked(model, kept).astype(np.int64)
    plain = model.plain
    for row in np.flatnonzero(plain & (used > model.rhs)).tolist():
        users = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
        users = users[(kept[unit_of[users]] == users) & ~model.unit_must[unit_of[users]]]
        for column in users[::-1].tolist():
            if used[row] <= model.rhs[row]:
                break
            kept[unit_of[column]] = -1
            span = slice(columns.indptr[column], columns.indptr[column + 1])
            used[columns.indices[span]] -= columns.data[span]
    return kept


def relax_near(run: Run, before: Relaxation, value: Ints, prices: Floats) -> tuple[Floats, Bound] | None:
    """Relax over the columns that lose little under ``prices``; return x (float64[C]) and a bound over all columns."""
    guess = bound(before, value, prices)
    if guess is None:
        return None
    model = run.model
    best = np.repeat(guess.unit, np.diff(model.unit_start))
    loss = np.where(before.active, best - guess.reduced, np.iinfo(np.int64).max)
    order = np.sort(loss[loss > 0])
    few = min(len(order), model.units)  # one column beyond its best for each unit, on average
    if few == 0:
        return None
    limit = int(order[few - 1])
    near = before.copy()
    near.active &= loss <= limit
    solved, _ = relax(run, near, value, None)
    if solved is None:
        return None
    found = bound(before, value, solved.prices)
    if found is None:
        return None
    if guess.total * found.scale < found.total * guess.scale:
        found = guess
    run.note_prices(found.prices / found.scale)
    return solved.x, found
