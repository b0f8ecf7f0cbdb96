"""Leave out what no plan can use, before anything is solved: the same plans, fewer columns, tighter rows.

Whoever must be placed takes room for certain; a column that needs more than what is left is in no plan. What a row
cannot reach by whole columns is cut off its right side. Only integers, no level: true for every plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.couple import couple

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.model import Matrix, Model

ROUNDS = 20
LARGEST_ROOM = 10_000  # up to here all sums that amounts can make are tried


def narrow(model: Model) -> Model:
    """Return a model with the same plans; rows keep their places, columns that are in no plan are gone."""
    plain = model.plain
    matrix, rhs = _without_sure_uses(model, plain)
    for _ in range(ROUNDS):  # a chain of people who must be placed could have as many rounds as people
        fits = np.ones(model.columns, dtype=np.bool_)
        entry_row = matrix.indices
        entry_column = np.repeat(np.arange(model.columns), np.diff(matrix.indptr))
        fits[entry_column[plain[entry_row] & (matrix.data > rhs[entry_row])]] = False
        if fits.all():
            break
        model = _keep(model, fits)
        matrix, rhs = _without_sure_uses(model, plain)
    return _sharpen(model, matrix, rhs, plain)


def prepare(model: Model) -> Model:
    """Narrow a model, join who shares private rows, and narrow what came of it."""
    narrowed = narrow(model)
    coupled = couple(narrowed)
    return narrowed if coupled is narrowed else narrow(coupled)


def _without_sure_uses(model: Model, plain: Bools) -> tuple[Matrix, Ints]:
    """Take what a ``must`` unit uses at least off its columns and off the right side."""
    coo = model.matrix.tocoo()
    unit = model.column_unit[coo.col]
    sizes = np.diff(model.unit_start)
    relevant = plain[coo.row] & model.unit_must[unit]
    key = coo.row[relevant].astype(np.int64) * model.units + unit[relevant]
    order = np.argsort(key, kind="stable")
    rhs = model.rhs.copy()
    if not len(order):
        return model.matrix, rhs
    heads = np.flatnonzero(np.append(True, np.diff(key[order]) != 0))
    least = np.minimum.reduceat(coo.data[relevant][order], heads)
    count = np.diff(np.append(heads, len(order)))
    keys = key[order][heads]
    least = np.where(count == sizes[keys % model.units], least, 0)  # a column without an entry uses nothing
    np.subtract.at(rhs, keys // model.units, least)
    data = coo.data.copy()
    data[relevant] -= least[np.searchsorted(keys, key)]
    matrix = sparse.csc_array((data, (coo.row, coo.col)), shape=model.matrix.shape)
    matrix.eliminate_zeros()
    return matrix, rhs


def _keep(model: Model, kept: Bools) -> Model:
    """Return the model with the kept columns only."""
    columns = np.flatnonzero(kept)
    counts = np.diff(model.column_start)
    owner = np.repeat(kept, counts)
    unit = model.column_unit[columns]
    return replace(
        model,
        unit_start=np.concatenate([[0], np.cumsum(np.bincount(unit, minlength=model.units))]).astype(
            np.int64
        ),
        matrix=model.matrix[:, columns],
        levels=[replace(level, value=level.value[columns]) for level in model.levels],
        column_start=np.concatenate([[0], np.cumsum(counts[columns])]).astype(np.int64),
        column_option=model.column_option[owner],
    )


def _sharpen(model: Model, matrix: Matrix, rhs: Ints, plain: Bools) -> Model:
    """Round right sides to what the amounts can add up to; empty rows that cannot bind."""
    rows = matrix.tocsr()
    rhs, unit = rhs.copy(), model.column_unit
    most = _most(rows, model)
    loose = plain & (most <= rhs)
    coarse = np.zeros(rows.shape[0], dtype=np.bool_)  # single places add up to anything
    coarse[np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[rows.data > 1]] = True
    ones = np.flatnonzero(rows.data == 1)
    entry_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[ones]
    entry_unit = unit[rows.indices[ones]]  # ascends within a row, as columns do
    first = np.append(True, (np.diff(entry_row) != 0) | (np.diff(entry_unit) != 0))[: len(ones)]
    alone = np.bincount(entry_row[first], minlength=len(rhs))
    coarse &= alone < rhs  # enough who take one place fill any room
    for row in np.flatnonzero(plain & ~loose & coarse & (rhs > 0)).tolist():
        if rhs[row] <= LARGEST_ROOM:
            rhs[row] = _reachable(rows, row, unit, int(rhs[row]))
    rows.data[np.repeat(loose, np.diff(rows.indptr))] = 0
    rows.eliminate_zeros()
    return replace(model, matrix=rows.tocsc(), rhs=rhs)


def _most(rows: Matrix, model: Model) -> Ints:
    """int64[rows]: the most that all units together can use of a row."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    key = row * model.units + model.column_unit[rows.indices]
    order = np.argsort(key, kind="stable")
    most = np.zeros(rows.shape[0], dtype=np.int64)
    if len(order):
        heads = np.flatnonzero(np.append(True, np.diff(key[order]) != 0))
        np.add.at(most, row[order][heads], np.maximum(np.maximum.reduceat(rows.data[order], heads), 0))
    return most


def _reachable(rows: Matrix, row: int, unit: Ints, room: int) -> int:
    """Return the largest sum up to ``room`` that one amount or none of each unit can make."""
    span = slice(rows.indptr[row], rows.indptr[row + 1])
    pairs = np.unique(np.stack([unit[rows.indices[span]], rows.data[span]]), axis=1)
    sums, mask = 1, (1 << (room + 1)) - 1
    last, before = -1, 1
    for owner, amount in zip(*pairs.tolist(), strict=True):
        if owner != last:
            before, last = sums, owner
        sums |= (before << amount) & mask
        if sums >> room & 1:
            return room
    return sums.bit_length() - 1
