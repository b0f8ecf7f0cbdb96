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

DENOMINATORS = np.array([d for d in range(2, 361) if d <= 12 or 5040 % d == 0 or d in (32, 96, 288, 320)])
NEAR = 1e-5
FINE = 1e-6  # parts of multipliers that differ by less are the same
DIFFERENT = 400  # parts, more than any of the denominators has
BROKEN = 1e-3  # by how much, per unit of the row's length, a corner breaks a cut that is worth its row
LARGEST = 1_000  # coefficient: larger ones cost the simplex method more than they cut
MOST = 60  # cuts a round
WEAK = 0.1  # of what the best cut of a round is broken by: less is not worth its row
WIDE = 20_000  # columns of a cut: a row of more slows the simplex method down and cuts next to nothing
SAFE = 2.0**61


@dataclass(frozen=True)
class Cuts:
    """``matrix`` csr int64[K, C] @ x <= ``rhs`` int64[K] for every whole plan of a relaxation."""

    matrix: Any
    rhs: Ints

    def and_also(self, other: Cuts) -> Cuts:
        """Return these and the other ones."""
        matrix = sparse.vstack([self.matrix, other.matrix], format="csr")
        return Cuts(matrix, np.concatenate([self.rhs, other.rhs]))


@dataclass(frozen=True)
class Multipliers:
    """What a row of the basis' inverse multiplies, zeros left out: ``units`` (their rows "at most one column") and ``rows``.

    ``of_units`` and ``of_rows`` float64, one for each; the rows are those of a relaxation.
    """

    units: Ints
    of_units: Floats
    rows: Ints
    of_rows: Floats


@dataclass(frozen=True)
class BrokenRow:
    """``coefficients`` @ x[``columns``] <= ``side``; ``broken``: by how much x breaks it, per unit of its length."""

    columns: Ints
    coefficients: Ints
    side: int
    broken: float


class Separator:
    """Finds what a corner of ``relaxation`` breaks; rows that it got since the last time are added to those known.

    What earlier levels keep is a row like others: a cut then holds for the plans that keep it.
    """

    rounds = 4  # of cutting and solving again

    def __init__(self, relaxation: Relaxation) -> None:
        self.relaxation = relaxation
        self.known = _Rows.of(relaxation)

    def separate(
        self, relaxation: Relaxation, x: Floats, tableau: Iterable[Multipliers], sure: Ints
    ) -> Cuts | None:
        """Return the rows that the corner ``x`` (float64[C]) breaks most; None where there is none.

        ``tableau``: one per fractional column; ``sure`` int64[U]: columns at one of units without a multiplier, -1 elsewhere.
        """
        self.known = self.known.with_rows_of(relaxation)
        rounding = _Rounding(relaxation, self.known, x, sure)
        found = []
        tried: set[tuple[int, bytes, bytes]] = set()
        for row in tableau:
            d = _common_denominator(np.concatenate([row.of_units, row.of_rows]))
            if d is None or d * d > rounding.room:
                continue
            of_units, of_rows = (
                np.rint(each * d).astype(np.int64) % d for each in (row.of_units, row.of_rows)
            )
            key = _key(row, of_units, of_rows, d)
            if key in tried:  # many fractional columns say the same, or its opposite
                continue
            tried |= {key, _key(row, -of_units % d, -of_rows % d, d)}
            cut = rounding.round(row.units, of_units, row.rows, of_rows, d)
            if cut is not None and cut.broken > BROKEN and len(cut.columns) <= WIDE:
                found.append(cut)
        best = max((cut.broken for cut in found), default=0.0)
        return gather([cut for cut in found if cut.broken >= WEAK * best], relaxation.model.columns)


def gather(found: list[BrokenRow], columns: int, most: int = MOST) -> Cuts | None:
    """The cuts that are broken most, of a night with so many columns."""
    if not found:
        return None
    best = sorted(found, key=lambda each: -each.broken)[:most]
    matrix = sparse.csr_array(
        (
            np.concatenate([cut.coefficients for cut in best]),
            np.concatenate([cut.columns for cut in best]),
            np.cumsum([0, *(len(cut.columns) for cut in best)]),
        ),
        shape=(len(best), columns),
    )
    return Cuts(matrix, np.array([cut.side for cut in best], dtype=np.int64))


def _key(row: Multipliers, of_units: Ints, of_rows: Ints, d: int) -> tuple[int, bytes, bytes]:
    """What tells one combination of rows from another."""
    units, rows = of_units != 0, of_rows != 0
    return (
        d,
        np.concatenate([row.units[units], of_units[units]]).tobytes(),
        np.concatenate([row.rows[rows], of_rows[rows]]).tobytes(),
    )


@dataclass(frozen=True)
class _Rows:
    """Rows over some ``columns``, each of its ``unit``: ``by_row`` csr int64[rows, columns], levels after the model's own."""

    columns: Ints
    unit: Ints
    by_row: Any
    own: int  # of the model
    size: Floats  # of each column: what its entries add up to
    of_unit: Ints  # int64[U]: zero between two sums

    @staticmethod
    def of(relaxation: Relaxation) -> _Rows:
        """Of a relaxation, over the columns it leaves."""
        model, columns = relaxation.model, np.flatnonzero(relaxation.active)
        matrix = relaxation.rows()[0][:, columns]
        size = abs(matrix).astype(np.float64).sum(axis=0)
        nothing = np.zeros(model.units, dtype=np.int64)
        return _Rows(
            columns, model.column_unit[columns], matrix.tocsr(), len(model.rhs), np.asarray(size), nothing
        )

    def with_rows_of(self, relaxation: Relaxation) -> _Rows:
        """Return these and what the model has beyond them; the columns are the same."""
        own = len(relaxation.model.rhs)
        if own == self.own:
            return self
        more = relaxation.model.matrix[self.own :, self.columns].tocsr()
        parts = [self.by_row[: self.own], more, self.by_row[self.own :]]
        size = self.size + abs(more).astype(np.float64).sum(axis=0)
        return replace(self, by_row=sparse.vstack(parts, format="csr"), own=own, size=size)

    def over(self, wanted: Ints) -> _Rows:
        """Return the same over some of the columns."""
        return replace(
            self, columns=self.columns[wanted], unit=self.unit[wanted], by_row=self.by_row[:, wanted]
        )

    def only(self, rows: Ints) -> _Rows:
        """Return some of the rows."""
        return replace(self, by_row=self.by_row[rows])

    def add_up(self, of_rows: Ints, units: Ints | None = None, of_units: Ints | None = None) -> Ints:
        """int64[columns]: what these multiples of all rows and of some units' rows have on each column."""
        sums: Ints = self.by_row.T @ of_rows
        if units is not None and of_units is not None:
            self.of_unit[units] = of_units
            sums += self.of_unit[self.unit]
            self.of_unit[units] = 0
        return sums


class _Rounding:
    """Rounds one corner's multipliers: first over the columns that ``x`` uses, then over all that are left."""

    def __init__(self, relaxation: Relaxation, left: _Rows, x: Floats, sure: Ints) -> None:
        levels = [-row.least for row in relaxation.level_rows]
        self.rhs = np.concatenate([relaxation.model.rhs, np.array(levels, dtype=np.int64)])
        self.equal = np.concatenate([relaxation.equal, np.zeros(len(levels), dtype=np.bool_)])
        self.must, self.left = relaxation.must, left
        self.used = left.over(np.flatnonzero(x[left.columns] > 0))
        self.x = x[self.used.columns]
        held = np.zeros(len(x), dtype=np.bool_)
        held[sure[sure >= 0]] = True
        self.sure = np.flatnonzero(held[self.used.columns])
        largest = max(float(np.abs(self.rhs.astype(np.float64)).sum()), float(left.size.max(initial=0.0)))
        self.room = SAFE / (largest + relaxation.model.units)  # of d x d: sums stay below 2^63

    def round(self, units: Ints, of_units: Ints, rows: Ints, of_rows: Ints, d: int) -> BrokenRow | None:
        """Return the cut by the multipliers ``of_units`` / d and ``of_rows`` / d (int64, 0..d-1).

        None where it would break too little, or its numbers are too large.
        """
        used = self.used.only(rows)
        sums = used.add_up(of_rows)
        sure = self.sure[sums[self.sure] != 0]
        units = np.concatenate([units, used.unit[sure]])
        of_units = np.concatenate([of_units, -sums[sure] % d])  # makes the column at one vanish
        over = (int(of_rows @ self.rhs[rows]) + int(of_units.sum())) % d
        if over == 0:
            return None

        def rounded(part: Ints) -> Ints:
            return np.where(part <= over, part * (d - over), (d - part) * over)

        # The room that a row leaves is a whole number too: rounded like a column, then written as right side less row.
        free_units = np.where(self.must[units], 0, rounded(of_units))
        free_rows = np.where(self.equal[rows], 0, rounded(of_rows))
        side = int(free_rows @ self.rhs[rows]) + int(free_units.sum()) - over * (d - over)

        def coefficients(of: _Rows) -> Ints:
            parts = rounded(of.add_up(of_rows, units, of_units) % d)
            return of.add_up(free_rows, units, free_units) - parts

        on_used = coefficients(used)
        excess = float(on_used @ self.x) - side
        if excess <= BROKEN * length(on_used):
            return None
        every = coefficients(self.left.only(rows))
        places = np.flatnonzero(every)
        common = int(np.gcd.reduce(every[places]))
        if int(np.abs(every).max()) > LARGEST * common:
            return None
        return BrokenRow(
            self.left.columns[places], every[places] // common, side // common, excess / length(every)
        )


def length(coefficients: Ints) -> float:
    """A row's length: how far a point lies outside of it is measured by that."""
    numbers = coefficients.astype(np.float64)
    return float(np.sqrt(numbers @ numbers))


def _common_denominator(multipliers: Floats) -> int | None:
    """The least denominator that makes all of them whole."""
    away = np.unique(np.rint(np.abs(multipliers - np.rint(multipliers)) / FINE)) * FINE
    if len(away) > DIFFERENT:
        return None
    scaled = away[:, None] * DENOMINATORS
    fits = np.flatnonzero((np.abs(scaled - np.rint(scaled)) < NEAR * DENOMINATORS).all(axis=0))
    return int(DENOMINATORS[fits[0]]) if len(fits) else None


def with_cuts(model: Model, cuts: Cuts) -> Model:
    """Return the same night with the cuts as further rows."""
    more = len(cuts.rhs)
    return replace(
        model,
        matrix=_put_below(model.matrix, cuts.matrix.tocsc()),
        rhs=np.concatenate([model.rhs, cuts.rhs]),
        equal=np.concatenate([model.equal, np.zeros(more, dtype=np.bool_)]),
        row_resource=np.concatenate([model.row_resource, np.full(more, -1, dtype=np.int64)]),
    )


def _put_below(upper: Any, lower: Any) -> Any:
    """Csc of ``upper`` and, below it, ``lower`` (csc both): each column's entries one after the other, no sorting."""
    # The few below come in behind the entries that their column has.
    places = np.repeat(upper.indptr[1:], np.diff(lower.indptr))
    indices = np.insert(upper.indices, places, lower.indices + upper.shape[0])
    data = np.insert(upper.data, places, lower.data)
    shape = (upper.shape[0] + lower.shape[0], upper.shape[1])
    return sparse.csc_array((data, indices, upper.indptr + lower.indptr), shape=shape)


def keep_rows(model: Model, kept: Ints) -> Model:
    """Return the same night with these rows only."""
    return replace(
        model,
        matrix=model.matrix.tocsr()[kept].tocsc(),
        rhs=model.rhs[kept],
        equal=model.equal[kept],
        row_resource=model.row_resource[kept],
    )
