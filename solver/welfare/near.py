"""Who may change at the least loss beside the fractional units of a small night: the next larger core. Solves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Bools
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run


def neighbours(run: Run, relaxation: Relaxation, fractional: Bools, last: Bound | None, size: int) -> Bools:
    """Choose ``size`` units that could change at the least loss and share rows with the fractional ones."""
    model = run.model
    near = np.zeros(model.units, dtype=np.bool_)
    if size == 0:
        return near
    if model.units <= size:
        near[:] = True
        return near
    unit_of = model.column_unit
    hot_columns = fractional[unit_of] & relaxation.active
    hot_rows = (model.load @ hot_columns.astype(np.int64)) > 0
    touching = (model.load.T @ hot_rows.astype(np.int64)) > 0
    if last is None:
        regret = np.zeros(model.units)
    else:
        loss = np.where(
            relaxation.active, np.repeat(last.unit, np.diff(model.unit_start)) - last.reduced, 2**61
        )
        chosen = run.chosen if run.chosen is not None else np.full(model.units, -1)
        loss[chosen[chosen >= 0]] = 2**61
        regret = np.full(model.units, 2.0**61)
        np.minimum.at(regret, unit_of, loss.astype(np.float64))
    spread = np.random.default_rng(run.params.entropy).random(model.units)
    reachable = np.zeros(model.units, dtype=np.bool_)
    reachable[unit_of[touching]] = True
    regret[~reachable] = np.inf
    order = np.lexsort((spread, regret))[:size]
    near[order[np.isfinite(regret[order])]] = True
    return near
