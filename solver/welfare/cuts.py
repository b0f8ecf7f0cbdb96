"""Rows that every whole plan keeps and a fractional corner does not: Gomory's mixed-integer cuts, in whole numbers.

The corner of a night's relaxation is nearly always half whole: an odd number of places is left and everybody who could take
them takes two. A fractional column is a sum of rows, with the multipliers of its row of the basis' inverse, whose right
side is not whole. With the multipliers rounded to k/d, k and d whole, every column's amount and every row's room is a whole
number modulo d, and Gomory's rounding (1960; Nemhauser and Wolsey 1990) gives a row that holds whatever k and d are: the
simplex method's errors make it useless at worst, never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.arrays import Floats, Ints
    from solver.welfare.model import Model
    from solver.welfare.relax import Relaxation

DENOMINATORS = tuple(d for d in range(2, 361) if d <= 12 or 5040 % d == 0 or d in (32, 96, 288, 320))
NEAR = 1e-5
BROKEN = 1e-3  # by how much, per unit of the row's length, a corner breaks a cut that is worth its row
LARGEST = 1_000  # coefficient: larger ones cost the simplex method more than they cut
MOST = 60  # cuts a round
SAFE = 2.0**61


@dataclass(frozen=True)
class Cuts:
    """``matrix`` csr int64[K, C] @ x <= ``rhs`` int64[K] for every whole plan of a relaxation."""

    matrix: Any
    rhs: Ints


def separate(
    relaxation: Relaxation, x: Floats, tableau: Iterable[tuple[Floats, Floats]], sure: Ints
) -> Cuts | None:
    """Return the rows that the corner ``x`` (float64[C]) of a relaxation breaks most; None where there is none.

    ``tableau``: per fractional column, multipliers of the units' rows "at most one column" (float64[U]) and of the
    relaxation's rows (float64[rows]); ``sure`` int64[U]: columns at one of units without a multiplier, -1 elsewhere.
    What earlier levels keep is a row like others: a cut then holds for the plans that keep it.
    """
    rounding = _Rounding(relaxation, sure)
    found = []
    tried: set[tuple[int, bytes, bytes]] = set()
    for of_units, of_rows in tableau:
        d = _common_denominator(np.concatenate([of_units[of_units != 0], of_rows[of_rows != 0]]))
        if d is None or d * d > rounding.room:
            continue
        units, rows = (np.rint(each * d).astype(np.int64) % d for each in (of_units, of_rows))
        key = d, units.tobytes(), rows.tobytes()
        if key in tried:  # many fractional columns say the same, or its opposite
            continue
        tried |= {key, (d, (-units % d).tobytes(), (-rows % d).tobytes())}
        cut = rounding.round(units, rows, d)
        if cut is None:
            continue
        coefficients, side = cut
        length = float(np.sqrt(coefficients.astype(np.float64) @ coefficients))
        broken = (float(coefficients @ x[rounding.columns]) - side) / length
        if broken > BROKEN:
            found.append((broken, coefficients, side))
    if not found:
        return None
    best = sorted(found, key=lambda each: -each[0])[:MOST]
    matrix = sparse.csr_array(np.array([coefficients for _, coefficients, _ in best])).tocoo()
    places = (matrix.row, rounding.columns[matrix.col])
    return Cuts(
        sparse.csr_array((matrix.data, places), shape=(len(best), relaxation.model.columns)),
        np.array([side for _, _, side in best], dtype=np.int64),
    )


class _Rounding:
    """The rows of one relaxation over the ``columns`` it leaves, ready to be added up."""

    def __init__(self, relaxation: Relaxation, sure: Ints) -> None:
        model = relaxation.model
        matrix, self.rhs, self.equal = relaxation.rows()
        self.columns = np.flatnonzero(relaxation.active)
        self.unit = model.column_unit[self.columns]
        self.sure = np.flatnonzero(np.isin(self.columns, sure[sure >= 0]))
        self.by_column = matrix[:, self.columns].T.tocsr()
        self.must = relaxation.must
        sizes = abs(self.by_column).astype(np.float64)
        largest = max(
            float(np.abs(self.rhs.astype(np.float64)).sum()), float(sizes.sum(axis=1).max(initial=0.0))
        )
        self.room = SAFE / (largest + model.units)  # of d x d: sums stay below 2^63

    def round(self, units: Ints, rows: Ints, d: int) -> tuple[Ints, int] | None:
        """Coefficients int64[columns] and right side of the cut by ``units`` / d and ``rows`` / d (int64, 0..d-1)."""
        amounts = self.by_column @ rows
        units[self.unit[self.sure]] = -amounts[self.sure] % d  # makes the column at one vanish
        over = (int(rows @ self.rhs) + int(units.sum())) % d
        if over == 0:
            return None

        def rounded(part: Ints) -> Ints:
            return np.where(part <= over, part * (d - over), (d - part) * over)

        # The room that a row leaves is a whole number too: rounded like a column, then written as right side less row.
        free_units = np.where(self.must, 0, rounded(units))
        free_rows = np.where(self.equal, 0, rounded(rows))
        coefficients = self.by_column @ free_rows + free_units[self.unit]
        coefficients -= rounded((amounts + units[self.unit]) % d)
        side = int(free_rows @ self.rhs) + int(free_units.sum()) - over * (d - over)
        common = int(np.gcd.reduce(coefficients))
        if common == 0 or int(np.abs(coefficients).max()) > LARGEST * common:
            return None
        return coefficients // common, side // common


def _common_denominator(multipliers: Floats) -> int | None:
    """The least denominator that makes all of them whole."""
    for d in DENOMINATORS:
        scaled = multipliers * d
        if float(np.abs(scaled - np.rint(scaled)).max(initial=0.0)) < NEAR * d:
            return d
    return None


def with_cuts(model: Model, cuts: Cuts) -> Model:
    """Return the same night with the cuts as further rows."""
    more = len(cuts.rhs)
    return replace(
        model,
        matrix=sparse.vstack([model.matrix.tocsr(), cuts.matrix]).tocsc(),
        rhs=np.concatenate([model.rhs, cuts.rhs]),
        equal=np.concatenate([model.equal, np.zeros(more, dtype=np.bool_)]),
        row_resource=np.concatenate([model.row_resource, np.full(more, -1, dtype=np.int64)]),
    )


def keep_rows(model: Model, kept: Ints) -> Model:
    """Return the same night with these rows only."""
    return replace(
        model,
        matrix=model.matrix.tocsr()[kept].tocsc(),
        rhs=model.rhs[kept],
        equal=model.equal[kept],
        row_resource=model.row_resource[kept],
    )
