"""The one system an interior-point step factors: rows by rows, summed at places that never change.

S = A theta A' - H sigma^-1 H' + diagonal, with H = A theta U' and U the sums over units. With A = each x of (kinds of
columns, `solver.welfare.kinds`) S = each x M x each' + diagonal, where M is the same formula over kinds: a unit's four
options are ten pairs of kinds, and some sixty pairs of rows. Which pairs meet is known once and for all. Sorted by the
place in M at which they add up, the pairs are the rows of a sparse matrix, and so is what M adds to S: a step is three
products of such a matrix with a vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import splu

from solver.welfare.kinds import list_ranges, slim

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.kinds import Kinds

DENSE = 1_600  # rows up to which a dense factor is faster than a sparse one


@dataclass(frozen=True)
class _Pairs:
    """Pairs of entries of one owner: ``one``, ``two`` int[P] (indices of entries) and ``place`` int[P] in M's lower half."""

    one: Ints
    two: Ints
    place: Ints


class System:
    """S for ``kinds`` and the places of H's entries, kind by kind (csr [K, U]: ``indptr``, ``unit`` int64[E])."""

    def __init__(self, kinds: Kinds, indptr: Ints, unit: Ints, units: int) -> None:
        self.rows, count = kinds.each.shape
        by_column = kinds.of.tocsc()
        own = _list_pairs(by_column, np.arange(by_column.nnz))
        column = np.repeat(np.arange(by_column.shape[1]), np.diff(by_column.indptr))
        by_unit = sparse.csr_array((np.arange(len(unit)), unit, indptr), shape=(count, units)).tocsc()
        met = _list_pairs(by_unit, by_unit.data)
        inner, numbers = _number(np.concatenate([own.place, met.place]), count)
        at_own, at_met = np.split(numbers, [len(own.place)])
        products = by_column.data[own.one] * by_column.data[own.two]
        self.own = slim(
            sparse.csr_array((products, (at_own, column[own.one])), shape=(len(inner), by_column.shape[1]))
        )
        by_place = _sort_by(at_met, len(inner))
        self.one, self.unit = met.one[by_place.indices], unit
        self.met = slim(
            sparse.csr_array(
                (np.zeros(len(self.one)), met.two[by_place.indices], by_place.indptr),
                shape=(len(inner), len(unit)),
            )
        )
        spread = _spread(kinds.each, inner)
        diagonal = np.arange(self.rows) * (self.rows + 1)
        self.place, numbers = _number(np.concatenate([spread.place, diagonal]), self.rows)
        at, self.diagonal = np.split(numbers, [len(spread.place)])
        self.spread = slim(
            sparse.csr_array((spread.weight, (at, spread.inner)), shape=(len(self.place), len(inner)))
        )

    def factor(
        self, theta: Floats, h_data: Floats, sigma: Floats, diagonal: Floats
    ) -> Callable[[Floats], Floats]:
        """Return x -> S^-1 x for this step's ``theta`` [C], H's entries [E], ``sigma`` [U] and ``diagonal`` [M]."""
        np.take(h_data, self.one, out=self.met.data, mode="clip")  # "raise" would copy ``out``
        values = self.spread @ (self.own @ theta - self.met @ (h_data / sigma[self.unit]))
        values[self.diagonal] += diagonal
        values[self.diagonal] += _nudge(values[self.diagonal])
        if self.rows <= DENSE:
            dense = np.zeros(self.rows * self.rows)
            dense[self.place] = values
            lower = _cholesky(dense.reshape(self.rows, self.rows))

            def solve_dense(side: Floats) -> Floats:
                solution: Floats = linalg.cho_solve((lower, True), side, check_finite=False)
                return solution

            return solve_dense
        row, column = self.place // self.rows, self.place % self.rows
        below = row != column
        system = sparse.csc_array(
            (
                np.concatenate([values, values[below]]),
                (np.concatenate([row, column[below]]), np.concatenate([column, row[below]])),
            ),
            shape=(self.rows, self.rows),
        )
        factor = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0)

        def solve_sparse(side: Floats) -> Floats:
            solution: Floats = factor.solve(side)
            return solution

        return solve_sparse


@dataclass(frozen=True)
class _Spread:
    """What M's entries add to S: ``weight`` float64 x the entry number ``inner``, at ``place`` in S's lower half."""

    place: Ints
    inner: Ints
    weight: Floats


def _spread(each: Any, inner: Ints) -> _Spread:
    """Return each x M x each' entry by entry; ``inner`` int64: places of M's lower half that exist."""
    rows, count = each.shape
    start, length = each.indptr.astype(np.int64), np.diff(each.indptr).astype(np.int64)
    high, low = inner // count, inner % count
    entry = np.repeat(np.arange(len(inner)), length[high])
    times = length[low[entry]]
    one = np.repeat(list_ranges(start[high], length[high]), times)
    two = list_ranges(start[low[entry]], times)
    entry = np.repeat(entry, times)
    row, column = each.indices[one].astype(np.int64), each.indices[two].astype(np.int64)
    weight = each.data[one] * each.data[two]
    # Off M's diagonal an entry stands for its mirror image, too: on S's diagonal both add up.
    is_own = (high == low)[entry]
    weight[~is_own & (row == column)] *= 2.0
    kept = ~is_own | (row >= column)
    place = np.maximum(row, column) * rows + np.minimum(row, column)
    return _Spread(place[kept], entry[kept], weight[kept])


def _number(place: Ints, rows: int) -> tuple[Ints, Ints]:
    """Places that exist of a matrix with ``rows`` rows, in order, and for each of ``place`` its number among them."""
    if rows > DENSE:
        existing, numbers = np.unique(place, return_inverse=True)
        return existing, numbers
    exists: Bools = np.zeros(rows * rows, dtype=np.bool_)
    exists[place] = True
    return np.flatnonzero(exists), (np.cumsum(exists) - 1)[place]


def _sort_by(number: Ints, count: int) -> Any:
    """Csc [len(number), count]: under each number the indices that have it. Turning csr into csc counts, it does not sort."""
    each = sparse.csr_array(
        (np.ones(len(number), dtype=np.bool_), number, np.arange(len(number) + 1)), shape=(len(number), count)
    )
    return each.tocsc()


def _nudge(diagonal: Floats) -> Floats:
    """What keeps the factor positive where a row hardly moves any more."""
    nudge: Floats = 1e-10 * np.maximum(np.abs(diagonal), 1e-6) + 1e-14
    return nudge


def _list_pairs(owners: Any, entry: Ints) -> _Pairs:
    """Return all pairs of each owner's entries, an entry with itself included.

    ``owners``: csc, an owner a column; ``entry`` int64: what each of its entries is known by.
    """
    start, row = owners.indptr.astype(np.int64), owners.indices.astype(np.int64)  # rows ascend in a column
    counts = np.diff(start)
    ones, twos = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for count in np.unique(counts[counts > 0]).tolist():
        owned = start[:-1][counts == count][:, None] + np.arange(count)
        high, low = np.tril_indices(count)
        ones.append(owned[:, high].ravel())
        twos.append(owned[:, low].ravel())
    one, two = np.concatenate(ones), np.concatenate(twos)
    return _Pairs(entry[one], entry[two], row[one] * owners.shape[0] + row[two])


def _cholesky(matrix: Floats) -> Floats:
    """Lower factor of a symmetric matrix given by its lower half, with as much of the diagonal added as it takes."""
    extra = 0.0
    diagonal = np.arange(len(matrix))
    for _ in range(12):
        try:
            found: Floats = linalg.cholesky(matrix, lower=True, check_finite=False)
        except linalg.LinAlgError:
            extra = max(extra * 100, 1e-12 * float(np.abs(matrix[diagonal, diagonal]).max(initial=1.0)))
            matrix[diagonal, diagonal] += extra
        else:
            return found
    return np.diag(np.sqrt(np.abs(matrix[diagonal, diagonal]) + 1.0))
