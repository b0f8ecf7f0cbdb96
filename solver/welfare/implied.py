"""Rows that follow from others: what the relaxation does not see of them is added, what it sees anyway is left out.

``sum floor(a / d) x <= floor(b / d)`` holds for every divisor d of a row ``a x <= b`` (Chvatal and Gomory's rounding), but for whole
columns only. A row follows from another one, ``a' x <= b'``, where ``a / b <= a' / b'`` on every column: the places of a class
and the minutes of its carers often say the same, and so do the weeks of a term. Solves nothing; the plans stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.cuts import Cuts, keep_rows, with_cuts

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.model import Matrix, Model

MOST_FIT = 8  # rows into which more amounts fit are hardly fractional
PROBES = (0.0, 0.5, 0.99)  # where in a row, from its first column to its last, two rows are compared first
AT_ONCE = 1_000_000  # amounts compared at once
SAFE = 2**62


def imply(model: Model) -> Model:
    """Add rows that only whole columns keep; of all rows leave out those that follow from another one.

    The model's own rows keep their places: what follows is empty there.
    """
    divided = divide(model)
    rows = divided.matrix.tocsr()
    added = np.arange(len(divided.rhs)) >= len(model.rhs)
    idle = find_idle(rows, divided.rhs, divided.plain | added)
    rows.data[np.repeat(idle, np.diff(rows.indptr))] = 0
    rows.eliminate_zeros()
    return keep_rows(replace(divided, matrix=rows), np.flatnonzero(~(idle & added)))


def divide(model: Model) -> Model:
    """Add what whole numbers imply: at most k amounts above capacity / (k + 1) fit."""
    rows = model.matrix.tocsr()
    plain = model.plain & (model.rhs > 1)
    found: dict[tuple[bytes, bytes], tuple[Ints, Ints, int]] = {}
    for row in np.flatnonzero(plain & (np.diff(rows.indptr) > 1)).tolist():
        span = slice(rows.indptr[row], rows.indptr[row + 1])
        amounts, columns, room = rows.data[span], rows.indices[span], int(model.rhs[row])
        if amounts.min() == amounts.max() or room > MOST_FIT * amounts.min():
            continue
        for k in range(1, MOST_FIT):
            divisor = room // (k + 1) + 1
            small = amounts // divisor
            inside = small > 0
            if not inside.any():
                continue
            common = int(np.gcd.reduce(small))
            where, small, side = columns[inside], small[inside] // common, room // divisor // common
            key = where.tobytes(), small.tobytes()
            if key not in found or side < found[key][2]:
                found[key] = where, small, side
    if not found:
        return model
    parts = list(found.values())
    extra = sparse.csr_array(
        (
            np.concatenate([small for _, small, _ in parts]),
            np.concatenate([where for where, _, _ in parts]),
            np.cumsum([0, *(len(where) for where, _, _ in parts)]),
        ),
        shape=(len(parts), model.columns),
    )
    return with_cuts(model, Cuts(extra, np.array([side for _, _, side in parts], dtype=np.int64)))


def find_idle(rows: Matrix, rhs: Ints, some: Bools) -> Bools:
    """bool[M]: which of ``some`` rows (csr int64[M, C], none negative) follow from another one of them.

    Of rows that say the same the first stays.
    """
    idle = np.zeros(len(rhs), dtype=np.bool_)
    some = some & (rhs > 0) & (np.diff(rows.indptr) > 0)
    if not some.any() or int(rows.data.max()) * int(rhs[some].max()) > SAFE:
        return idle
    table = _Table.of(rows, rhs)
    length = np.diff(table.start)
    row, other = table.meeting(some)
    for part in PROBES:
        needs, has = table.compare(table.start[row] + (part * length[row]).astype(np.int64), other)
        row, other = row[needs <= has], other[needs <= has]
    ends = np.cumsum(length[row])
    for number in range(int(ends[-1]) // AT_ONCE + 1 if len(row) else 0):
        now = np.flatnonzero((ends // AT_ONCE == number) & ~idle[row])
        if not len(now):
            continue
        first, second = row[now], other[now]
        heads = np.cumsum(length[first]) - length[first]
        entry = np.arange(length[first].sum()) + np.repeat(table.start[first] - heads, length[first])
        needs, has = table.compare(entry, np.repeat(second, length[first]))
        less = np.logical_and.reduceat(needs <= has, heads)
        same = np.logical_and.reduceat(needs == has, heads) & (length[first] == length[second])
        idle[first[less & (~same | (second < first))]] = True
    return idle


@dataclass(frozen=True)
class _Table:
    """The entries of rows, row by row: ``row``, ``column``, ``amount`` and ``key`` int64[entries], the key ascending."""

    start: Ints
    row: Ints
    column: Ints
    amount: Ints
    key: Ints
    columns: int
    rhs: Ints

    @staticmethod
    def of(rows: Matrix, rhs: Ints) -> _Table:
        rows.sort_indices()
        start, column = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        row = np.repeat(np.arange(rows.shape[0]), np.diff(start))
        return _Table(start, row, column, rows.data, row * rows.shape[1] + column, rows.shape[1], rhs)

    def meeting(self, some: Bools) -> tuple[Ints, Ints]:
        """Pairs of ``some`` rows, each row with all others on the column of it that the fewest are on."""
        inside = some[self.row]
        row, column = self.row[inside], self.column[inside]
        count = np.bincount(column, minlength=self.columns)
        order = np.lexsort((count[column], row))
        heads = np.flatnonzero(np.append(True, np.diff(row[order]) != 0))
        one, rarest = row[order][heads], column[order][heads]
        by_column = row[np.argsort(column, kind="stable")]
        many = count[rarest]
        place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        first = np.repeat(one, many)
        other = by_column[np.repeat((np.cumsum(count) - count)[rarest], many) + place]
        return first[first != other], other[first != other]

    def compare(self, entry: Ints, other: Ints) -> tuple[Ints, Ints]:
        """What entries take of their own rows, and what another row says of their columns, over the same denominator."""
        wanted = other * self.columns + self.column[entry]
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        there = np.where(self.key[place] == wanted, self.amount[place], 0)
        return self.amount[entry] * self.rhs[other], there * self.rhs[self.row[entry]]
