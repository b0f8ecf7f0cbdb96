"""The small combinatorial core: most units keep their column, a few hundred are decided exactly, level by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.highs import INFINITY, Linear, solve_integer

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run


@dataclass(frozen=True)
class Core:
    """``free`` bool[U]: units that are decided anew, by the relaxation's columns and full rows;
    ``chosen`` int64[U]: what all others keep.
    """

    free: Bools
    relaxation: Relaxation
    chosen: Ints


def solve_core(  # noqa: C901, PLR0911 - one recipe: each way out is a core without a plan
    run: Run, core: Core, levels: list[int], floors: list[tuple[int, int]], nodes: int
) -> Ints | None:
    """Optimise ``levels`` in turn over the core; ``floors``: (level, least total) that must be kept.

    Returns int64[U] of the whole night, or None where the core has no such plan (or none was found).
    """
    model = run.model
    must, equal = core.relaxation.must, core.relaxation.equal
    unit_of = model.column_unit
    if not core.free.any():
        return core.chosen.copy()
    columns = np.flatnonzero(core.free[unit_of] & core.relaxation.active)
    if not len(columns):
        return None
    units, local = np.unique(unit_of[columns], return_inverse=True)
    if (core.free & must).sum() > must[units].sum():
        return None
    kept = core.chosen[(core.chosen >= 0) & ~core.free]
    mask = np.zeros(model.columns, dtype=np.int64)
    mask[kept] = 1
    rest = model.rhs - model.matrix @ mask
    matrix = model.matrix[:, columns].tocsr()
    touched = np.flatnonzero(np.diff(matrix.indptr) > 0)
    untouched = np.ones(len(rest), dtype=np.bool_)
    untouched[touched] = False
    if (rest[untouched] < 0).any() or (rest[untouched & equal] != 0).any():
        return None
    pick = sparse.csr_array(
        (np.ones(len(columns)), (local, np.arange(len(columns)))), shape=(len(units), len(columns))
    )
    parts = [pick, matrix[touched].astype(np.float64)]
    lower = [
        np.where(must[units], 1.0, 0.0),
        np.where(equal[touched], rest[touched], -INFINITY),
    ]
    upper = [np.ones(len(units)), rest[touched].astype(np.float64)]
    for level, least in floors:
        value = model.levels[level].value
        if value[columns].any():
            parts.append(sparse.csr_array(value[columns][np.newaxis, :].astype(np.float64)))
            lower.append(np.array([float(least - int(value[kept].sum()))]))
            upper.append(np.array([INFINITY]))
        elif int(value[kept].sum()) < least:
            return None
    answer: Ints | None = None
    for level in levels:
        value = model.levels[level].value
        if not value[columns].any() and answer is not None:
            continue
        problem = Linear(
            value[columns].astype(np.float64),
            sparse.vstack(parts).tocsc(),
            np.concatenate(lower),
            np.concatenate(upper),
            np.zeros(len(columns)),
            np.ones(len(columns)),
        )
        start = None if answer is None else answer
        found = solve_integer(problem, run.params.seed, run.seconds_left(), nodes, start)
        if found.x is None:
            break
        answer = np.rint(found.x).astype(np.int64)
        parts.append(sparse.csr_array(problem.cost[np.newaxis, :]))
        lower.append(np.array([float(int(value[columns] @ answer))]))
        upper.append(np.array([INFINITY]))
    if answer is None:
        return None
    whole = core.chosen.copy()
    whole[core.free] = -1
    taken = columns[answer == 1]
    whole[unit_of[taken]] = taken
    return whole
