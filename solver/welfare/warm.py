"""Yesterday's plan and prices as tonight's start: its placements where they still exist, and a short relaxation.

Any prices give a valid bound. Yesterday's say which columns are worth looking at: the relaxation over those alone is a
fraction of the whole one, and its prices are proven over all columns. Where that does not close the level within the
wanted gap, the night is solved as if there were no yesterday.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.inner import relax
from solver.welfare.relax import bound
from solver.welfare.state import picked

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.plan import Plan
    from solver.problem import Problem
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run


def apply_start(run: Run, problem: Problem, start: Plan) -> None:
    """Offer what is left of an earlier plan; prices are kept for the bound."""
    model = run.model
    option_of: dict[int, int] = {}
    row = 0
    for request in problem.requests:
        wanted = start.placements.get(request.id)
        for option in request.options:
            if option.id == wanted:
                option_of[row] = 1
            row += 1
    placed = np.zeros(row, dtype=np.bool_)
    placed[list(option_of)] = True
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
    run.offer(_without_too_many(run, chosen))
    price = np.array([start.prices.get(resource.id, 0.0) for resource in problem.resources])
    if price.any():
        run.start_prices = np.zeros(len(model.rhs))
        resources = model.row_resource >= 0
        run.start_prices[resources] = price[model.row_resource[resources]]


def _without_too_many(run: Run, chosen: Ints) -> Ints:
    """Leave out who no longer fits: of those on an overfull row, the last in the file."""
    model = run.model
    rows, unit_of = model.matrix.tocsr(), model.column_unit
    kept = chosen.copy()
    used = model.matrix @ picked(model, kept).astype(np.int64)
    plain = ~model.equal & (model.row_resource >= 0)
    for row in np.flatnonzero(plain & (used > model.rhs)).tolist():
        span = slice(rows.indptr[row], rows.indptr[row + 1])
        over = int((rows @ picked(model, kept).astype(np.int64))[row] - model.rhs[row])
        for column, amount in zip(
            rows.indices[span][::-1].tolist(), rows.data[span][::-1].tolist(), strict=True
        ):
            unit = int(unit_of[column]) if over > 0 else -1
            if unit >= 0 and kept[unit] == column and not model.unit_must[unit]:
                kept[unit] = -1
                over -= amount
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
