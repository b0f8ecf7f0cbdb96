"""Who is settled under given prices and who is in doubt: the night without the settled is a fraction of it.

A unit is settled when the plan gives it the only choice (a column, or none) that loses at most ``margin`` against its
best under the prices. The others are decided anew, in whatever room the settled leave. Heuristic: bounds never use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.welfare.model import Model

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.relax import Bound


@dataclass(frozen=True)
class Losses:
    """``column`` float64[C], ``none`` float64[U]: what each choice loses against its unit's best (infinite for ``must``).

    ``linked`` bool[U]: tied to others by rows that have to be exactly full; never settled.
    """

    column: Floats
    none: Floats
    linked: Bools


def find_losses(model: Model, found: Bound) -> Losses:
    """What every choice loses under the prices of a bound."""
    best = found.unit / found.scale
    column = np.repeat(best, np.diff(model.unit_start)) - found.reduced / found.scale
    return Losses(column, np.where(model.unit_must, np.inf, best), model.linked_units)


def guess(model: Model, losses: Losses, margin: float, before: Ints | None) -> Ints:
    """Give every settled unit its only choice; who makes a row too full is left out, the least certain first.

    Who must be placed keeps what the plan ``before`` gives, which is certain to fit.
    """
    unit_of = model.column_unit
    near = losses.column <= margin
    count = np.bincount(unit_of[near], minlength=model.units) + (losses.none <= margin)
    only = np.flatnonzero(near & ((count == 1) & (losses.none > margin) & ~losses.linked)[unit_of])
    # The next best choice of a unit that has one near column: how certain that one is.
    away = losses.column.copy()
    away[only] = np.inf
    regret = losses.none.copy()
    np.minimum.at(regret, unit_of, away)
    chosen = np.full(model.units, -1, dtype=np.int64)
    chosen[unit_of[only]] = only
    if before is not None:
        sure = np.flatnonzero(model.unit_must)
        chosen[sure] = before[sure]
        regret[sure] = np.inf
        only = np.sort(chosen[chosen >= 0])
    used = model.matrix @ _mask(model, only)
    over = used > model.rhs
    if over.any():
        uses = model.matrix[:, only]
        column = np.repeat(only, np.diff(uses.indptr))
        hit = over[uses.indices]
        row, column, amount = uses.indices[hit], column[hit], uses.data[hit]
        order = np.lexsort((regret[unit_of[column]], row))
        row, column, amount = row[order], column[order], amount[order]
        before = np.cumsum(amount) - amount
        heads = np.searchsorted(row, row)
        chosen[unit_of[column[before - before[heads] < (used - model.rhs)[row]]]] = -1
    return chosen


@dataclass(frozen=True)
class Doubt:
    """Units in doubt (ascending) with their open columns (ascending); ``room`` int64[M]: what the settled leave."""

    units: Ints
    columns: Ints
    room: Ints


def find_doubt(model: Model, losses: Losses, margin: float, chosen: Ints) -> Doubt:
    """Who may change: every unit that has another near choice than the plan's, with its near columns and its own."""
    unit_of = model.column_unit
    own = _mask(model, chosen[chosen >= 0]).astype(np.bool_)
    near = (losses.column <= margin) | losses.linked[unit_of] | own
    choices = np.bincount(unit_of[near], minlength=model.units) + ((losses.none <= margin) | (chosen < 0))
    open_ = (choices > 1) | losses.linked
    columns = np.flatnonzero(near & open_[unit_of])
    settled = chosen[(chosen >= 0) & ~open_]
    units = np.flatnonzero(open_ & (np.bincount(unit_of[columns], minlength=model.units) > 0))
    return Doubt(units, columns, model.rhs - model.matrix @ _mask(model, settled))


def take_part(model: Model, units: Ints, columns: Ints, room: Ints) -> Model:
    """Return the night of some units and columns (both ascending) in ``room``; ``column_option``: columns of the whole."""
    matrix: Any = model.matrix[:, columns].tocsr()
    rows = np.flatnonzero(np.diff(matrix.indptr) > 0)
    sizes = np.diff(np.searchsorted(model.column_unit[columns], np.append(units, model.units)))
    return Model(
        unit_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        unit_must=model.unit_must[units],
        matrix=matrix[rows].tocsc(),
        rhs=room[rows],
        equal=model.equal[rows],
        row_resource=model.row_resource[rows],
        levels=[type(level)(level.worst, level.value[columns]) for level in model.levels],
        column_start=np.arange(len(columns) + 1),
        column_option=columns,
        requests=0,
        request_of=np.zeros(0, dtype=np.int64),
        unit_of_request=np.zeros(0, dtype=np.int64),
    )


def _mask(model: Model, columns: Ints) -> Ints:
    mask = np.zeros(model.columns, dtype=np.int64)
    mask[columns] = 1
    return mask
