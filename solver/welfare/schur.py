"""The one system an interior-point step factors: rows by rows, summed at places that never change.

S = A theta A' - H sigma^-1 H' + diagonal, with H = A theta U' and U the sums over units. Which pairs of rows meet in a
column or in a unit is known once and for all; a step multiplies and adds numbers at those places, which costs a third
of two sparse products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats, Ints

DENSE = 1_600  # rows up to which a dense factor is faster than a sparse one


@dataclass(frozen=True)
class _Pairs:
    """Pairs of entries of one owner: ``one``, ``two`` int[P] (indices of entries) and ``place`` int[P] in S's lower half."""

    one: Ints
    two: Ints
    place: Ints


class System:
    """S for ``a`` (csr float64[M, C]) and the places of H's entries (``h_row``, ``h_unit`` int64[E])."""

    def __init__(self, a: Any, h_row: Ints, h_unit: Ints) -> None:
        self.rows = a.shape[0]
        by_column = a.tocsc()
        own = _list_pairs(by_column.indptr, np.arange(by_column.nnz), by_column.indices, self.rows)
        column = np.repeat(np.arange(by_column.shape[1]), np.diff(by_column.indptr))
        self.column = column[own.one]
        self.product = by_column.data[own.one] * by_column.data[own.two]
        order = np.argsort(h_unit, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(h_unit))]).astype(np.int64)
        self.h = _list_pairs(start, order, h_row, self.rows)
        self.h_unit = h_unit
        self.own_place, self.size = own.place, self.rows * self.rows
        if self.rows > DENSE:
            self._compress()

    def _compress(self) -> None:
        """Keep the places that exist only, and where they lie in a symmetric sparse matrix."""
        diagonal = np.arange(self.rows) * (self.rows + 1)
        places, where = np.unique(
            np.concatenate([self.own_place, self.h.place, diagonal]), return_inverse=True
        )
        self.own_place = where[: len(self.own_place)]
        self.h = _Pairs(self.h.one, self.h.two, where[len(self.own_place) : -self.rows])
        self.size, self.diagonal = len(places), where[-self.rows :]
        self.place_row, self.place_column = places // self.rows, places % self.rows

    def factor(
        self, theta: Floats, h_data: Floats, sigma: Floats, diagonal: Floats
    ) -> Callable[[Floats], Floats]:
        """Return x -> S^-1 x for this step's ``theta`` [C], H's entries [E], ``sigma`` [U] and ``diagonal`` [M]."""
        values = _sum_at(self.own_place, self.product * theta[self.column], self.size)
        scaled = h_data / sigma[self.h_unit]
        values -= _sum_at(self.h.place, h_data[self.h.one] * scaled[self.h.two], self.size)
        if self.rows <= DENSE:
            dense = values.reshape(self.rows, self.rows)
            both = dense[np.arange(self.rows), np.arange(self.rows)] + diagonal
            dense[np.arange(self.rows), np.arange(self.rows)] = both + _nudge(both)
            lower = _cholesky(dense)

            def solve_dense(side: Floats) -> Floats:
                solution: Floats = linalg.cho_solve((lower, True), side, check_finite=False)
                return solution

            return solve_dense
        values[self.diagonal] += diagonal
        values[self.diagonal] += _nudge(values[self.diagonal])
        below = self.place_row != self.place_column
        system = sparse.csc_array(
            (
                np.concatenate([values, values[below]]),
                (
                    np.concatenate([self.place_row, self.place_column[below]]),
                    np.concatenate([self.place_column, self.place_row[below]]),
                ),
            ),
            shape=(self.rows, self.rows),
        )
        factor = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0)

        def solve_sparse(side: Floats) -> Floats:
            solution: Floats = factor.solve(side)
            return solution

        return solve_sparse


def _sum_at(place: Ints, amounts: Floats, size: int) -> Floats:
    total: Floats = np.bincount(place, amounts, minlength=size).astype(np.float64, copy=False)
    return total


def _nudge(diagonal: Floats) -> Floats:
    """What keeps the factor positive where a row hardly moves any more."""
    nudge: Floats = 1e-10 * np.maximum(np.abs(diagonal), 1e-6) + 1e-14
    return nudge


def _list_pairs(start: Ints, entry: Ints, row: Ints, rows: int) -> _Pairs:
    """Return all pairs of each owner's entries ``entry[start[o]:start[o + 1]]``, an entry with itself included."""
    counts = np.diff(start)
    ones, twos = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for count in np.unique(counts[counts > 0]).tolist():
        owned = entry[start[:-1][counts == count][:, None] + np.arange(count)]
        left, right = np.tril_indices(count)
        ones.append(owned[:, left].ravel())
        twos.append(owned[:, right].ravel())
    one, two = np.concatenate(ones), np.concatenate(twos)
    high, low = np.maximum(row[one], row[two]), np.minimum(row[one], row[two])
    return _Pairs(one, two, high.astype(np.int64) * rows + low)


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
