"""The one system an interior-point step factors: rows by rows, summed at places that never change.

S = A theta A' - H sigma^-1 H' + diagonal, with H = A theta U' and U the sums over units. Which pairs of rows meet in a
column or in a unit is known once and for all. Sorted by the place in S at which they add up, the pairs are the rows of a
sparse matrix, and a step is two products of such a matrix with a vector: a fifth of the time of two sparse products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Bools, Floats, Ints

DENSE = 1_600  # rows up to which a dense factor is faster than a sparse one


@dataclass(frozen=True)
class _Pairs:
    """Pairs of entries of one owner: ``one``, ``two`` int[P] (indices of entries) and ``place`` int[P] in S's lower half."""

    one: Ints
    two: Ints
    place: Ints


class System:
    """S for ``a`` (csr float64[M, C]) and the places of H's entries, row by row (csr [M, U]: ``indptr``, ``unit`` int64[E])."""

    def __init__(self, a: Any, indptr: Ints, unit: Ints, units: int) -> None:
        self.rows = a.shape[0]
        by_column = a.tocsc()
        own = _list_pairs(by_column, np.arange(by_column.nnz))
        column = np.repeat(np.arange(by_column.shape[1]), np.diff(by_column.indptr))
        by_unit = sparse.csr_array((np.arange(len(unit)), unit, indptr), shape=(self.rows, units)).tocsc()
        met = _list_pairs(by_unit, by_unit.data)
        diagonal = np.arange(self.rows) * (self.rows + 1)
        self.place, numbers = _number(np.concatenate([own.place, met.place, diagonal]), self.rows)
        at_own, at_met, self.diagonal = np.split(numbers, [len(own.place), len(own.place) + len(met.place)])
        products = by_column.data[own.one] * by_column.data[own.two]
        self.own = sparse.csr_array(
            (products, (at_own, column[own.one])), shape=(len(self.place), by_column.shape[1])
        )
        by_place = _sort_by(at_met, len(self.place))
        self.one, self.unit = met.one[by_place.indices], unit
        self.met = sparse.csr_array(
            (np.zeros(len(self.one)), met.two[by_place.indices], by_place.indptr),
            shape=(len(self.place), len(unit)),
        )

    def factor(
        self, theta: Floats, h_data: Floats, sigma: Floats, diagonal: Floats
    ) -> Callable[[Floats], Floats]:
        """Return x -> S^-1 x for this step's ``theta`` [C], H's entries [E], ``sigma`` [U] and ``diagonal`` [M]."""
        np.take(h_data, self.one, out=self.met.data, mode="clip")  # "raise" would copy ``out``
        values = self.own @ theta - self.met @ (h_data / sigma[self.unit])
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


def _number(place: Ints, rows: int) -> tuple[Ints, Ints]:
    """Places of S that exist, in order, and for each of ``place`` its number among them."""
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
