"""Yesterday's plan as tonight's start: its placements where they still exist, for the search only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.plan import Plan
    from solver.problem import Problem
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
    run.offer(chosen)
