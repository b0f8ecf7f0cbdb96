"""A first plan within a moment: units in the order of what they bring, each takes its best column that still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.model import Model


def fill(model: Model, score: Floats, chosen: Ints) -> Ints:
    """Place unplaced units greedily by ``score`` (float64[C], what a column is worth); others stay.

    Units that large groups link by rows stay as they are. O(C log C).
    """
    result = chosen.copy()
    mask = np.zeros(model.columns, dtype=np.int64)
    mask[result[result >= 0]] = 1
    space = model.rhs - model.matrix @ mask
    room = space.tolist()
    unit_of = model.column_unit
    wanted = np.flatnonzero((score > 0) & (result[unit_of] < 0) & ~model.linked)
    wanted = wanted[np.argsort(-score[wanted], kind="stable")]
    uses = model.matrix[:, wanted]
    tight = np.repeat(np.arange(len(wanted)), np.diff(uses.indptr))[uses.data > space[uses.indices]]
    fits = np.ones(len(wanted), dtype=np.bool_)
    fits[tight] = False  # what does not fit now never will: most columns, once a plan is good
    wanted = wanted[fits]
    uses = model.matrix[:, wanted]
    start, rows, amounts = (part.tolist() for part in (uses.indptr, uses.indices, uses.data))
    taken = (result >= 0).tolist()
    for at, (column, unit) in enumerate(zip(wanted.tolist(), unit_of[wanted].tolist(), strict=True)):
        if taken[unit]:
            continue
        span = range(start[at], start[at + 1])
        if all(room[rows[i]] >= amounts[i] for i in span):
            for i in span:
                room[rows[i]] -= amounts[i]
            taken[unit] = True
            result[unit] = column
    return result


def score_columns(model: Model) -> Floats:
    """float64[C]: what a column brings over the sum levels, each below all earlier ones."""
    score = np.zeros(model.columns)
    for level in reversed(model.levels):
        if not level.worst:
            score = level.value + score / (1.0 + 4.0 * float(np.abs(score).max(initial=0.0)))
    return score
