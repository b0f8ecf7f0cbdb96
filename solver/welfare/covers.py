"""Rows that one row alone implies for whole columns, where amounts are mixed: lifted covers, and rounding with columns turned.

Minutes of carers, hours, seats of a bus: amounts of 10 to 45 on one row leave a corner that a few people at a time could not
have. A *cover* is a set of columns that do not fit together, so one of them stays out; lifting gives the other columns what
they are worth in it (Letchford and Souli, Oper. Res. Lett. 47, 2019). *Rounding* divides the row, some columns counted by their
absence, and rounds it (Marchand and Wolsey, Oper. Res. 49, 2001). All in whole numbers; the rows that cuts made are rows, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.cuts import BROKEN, BrokenRow, Separator, gather, length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.cuts import Cuts, Multipliers
    from solver.welfare.relax import Relaxation

NEAR = 1e-6
LARGEST = 1_000_000  # amount, and coefficient of a cut: the simplex method sees its own tolerances beyond
NEARNESS = 0.5  # of a row's largest amount: one with more room than that is hardly broken by anything that it implies
DIVISORS = 8  # amounts of fractional columns that are tried as divisors, and their halves, quarters, eighths
PARTS = np.array([1, 2, 4, 8])
TURNS = 10  # columns, the most fractional ones, that are tried the other way round
MOST = 150  # cuts a round


class RowSeparator(Separator):
    """Finds what a corner breaks by combining rows, and by single rows."""

    rounds = 12

    def separate(
        self, relaxation: Relaxation, x: Floats, tableau: Iterable[Multipliers], sure: Ints
    ) -> Cuts | None:
        """Return rows that the corner ``x`` (float64[C]) breaks; None where there is none."""
        combined = super().separate(relaxation, x, tableau, sure)
        single = gather(list(_list_broken(relaxation, x)), relaxation.model.columns, MOST)
        if combined is None or single is None:
            return combined or single
        return combined.and_also(single)


def _list_broken(relaxation: Relaxation, x: Floats) -> Iterable[BrokenRow]:
    """Yield what each row with a fractional column implies and ``x`` breaks."""
    model = relaxation.model
    rows = model.matrix.tocsr()
    sizes = abs(rows)
    is_loose = (x > NEAR) & (x < 1 - NEAR)
    is_near = model.rhs - rows @ x < NEARNESS * sizes.max(axis=1).toarray().ravel()
    for row in np.flatnonzero(is_near & (sizes @ is_loose.astype(np.int64) > 0)).tolist():
        span = slice(rows.indptr[row], rows.indptr[row + 1])
        inside = relaxation.active[rows.indices[span]] & (rows.data[span] != 0)
        columns, amounts = rows.indices[span][inside], rows.data[span][inside]
        side = int(model.rhs[row])
        if len(amounts) < 2 or amounts.min() == amounts.max() or np.abs(amounts).max() > LARGEST:
            continue
        for find in (lift_cover, round_turned):
            found = find(amounts, side, x[columns])
            if found is None:
                continue
            coefficients, least = found
            places = np.flatnonzero(coefficients)
            common = int(np.gcd.reduce(coefficients)) or 1
            coefficients, least = coefficients[places] // common, least // common
            broken = (float(coefficients @ x[columns[places]]) - least) / (length(coefficients) + NEAR)
            if broken > BROKEN and np.abs(coefficients).max() <= LARGEST:
                yield BrokenRow(columns[places], coefficients, least, broken)


def lift_cover(amounts: Ints, side: int, x: Floats) -> tuple[Ints, int] | None:
    """Return (coefficients int64[n], side) of a lifted cover of ``amounts`` (int64[n]) @ x <= ``side``; None without a cover.

    With a = the amount to which the cover's larger members shrink so that they fit, a column between two sums of the
    shrunk cover counts as many members as the lower one, and half a one more where it is a whole multiple of a.
    """
    if side <= 0 or (amounts < 0).any():
        return None
    cover = _find_cover(amounts, side, x)
    if cover is None:
        return None
    cover = cover[np.argsort(-amounts[cover], kind="stable")]
    members = amounts[cover]
    shrunk, parts = _shrink(members, side)  # a = shrunk / parts
    sums = np.cumsum(np.minimum(members * parts, shrunk))
    larger = int((members * parts > shrunk).sum())
    every = amounts * parts
    counts = 2 * np.searchsorted(sums, every)
    times, rest = np.divmod(every, shrunk)
    counts += (rest == 0) & (times >= 1) & (times < larger)
    counts[cover[members * parts <= shrunk]] = 2
    least = 2 * (len(cover) - 1)
    return (counts, least) if (counts % 2).any() else (counts // 2, least // 2)


def _find_cover(amounts: Ints, side: int, x: Floats) -> Ints | None:
    """Columns that do not fit together, of those with the most in ``x``; none of them can be left out."""
    order = np.lexsort((-amounts, -x))
    order = order[x[order] > NEAR]
    total = np.cumsum(amounts[order])
    last = int(np.searchsorted(total, side, side="right"))
    if last >= len(order):
        return None
    cover, over = order[: last + 1], int(total[last]) - side
    kept = []
    for column in cover[::-1].tolist():
        if amounts[column] < over:
            over -= int(amounts[column])
        else:
            kept.append(column)
    return np.array(kept, dtype=np.int64)


def _shrink(members: Ints, side: int) -> tuple[int, int]:
    """(numerator, denominator) of a: sum of min(member, a) = ``side``; ``members`` from the largest on, over it together."""
    over = int(members.sum()) - side
    for count in range(1, len(members)):
        step = count * int(members[count - 1] - members[count])
        if step >= over:
            return int(members[count - 1]) * count - over, count
        over -= step
    return side, len(members)


def round_turned(amounts: Ints, side: int, x: Floats) -> tuple[Ints, int] | None:
    """Return (coefficients int64[n], side) of the rounding of ``amounts`` (int64[n]) @ x <= ``side`` that x breaks most.

    Columns over a half count by their absence first; then the most fractional ones are tried the other way round.
    """
    loose = np.flatnonzero((x > NEAR) & (x < 1 - NEAR))
    sizes = np.unique(np.abs(amounts[loose]))[::-1][:DIVISORS]
    divisors = np.unique(sizes[:, None] // PARTS)
    divisors = divisors[divisors > 1]
    if not len(divisors):
        return None
    used = np.flatnonzero(x > NEAR)  # elsewhere nothing is broken
    few, inside = amounts[used], x[used]
    turned = inside > 0.5
    coefficients, least = _round(few, side, np.tile(turned, (len(divisors), 1)), divisors)
    divisor = divisors[[_most_broken(coefficients, least, inside)]]
    away = np.abs(inside - 0.5)
    first = np.argsort(away, kind="stable")[: min(TURNS, len(loose))]
    ways = np.tile(turned, (len(first) + 1, 1))
    ways[np.arange(len(first)), first] ^= True
    coefficients, least = _round(few, side, ways, np.repeat(divisor, len(ways)))
    every = np.zeros((1, len(x)), dtype=np.bool_)
    every[0, used] = ways[_most_broken(coefficients, least, inside)]
    coefficients, least = _round(amounts, side, every, divisor)
    return coefficients[0], int(least[0])


def _round(amounts: Ints, side: int, turned: Bools, divisors: Ints) -> tuple[Ints, Ints]:
    """int64[k, n], int64[k]: Gomory's rounding of the row for each way to turn its columns (bool[k, n]) and divisor (int64[k])."""
    d = divisors[:, None]
    left = side - np.where(turned, amounts, 0).sum(axis=1)
    whole, over = np.divmod(left, divisors)
    times, rest = np.divmod(np.where(turned, -amounts, amounts), d)
    rounded = times * (d - over[:, None]) + np.maximum(rest - over[:, None], 0)
    least = whole * (divisors - over) - np.where(turned, rounded, 0).sum(axis=1)
    return np.where(turned, -rounded, rounded), least


def _most_broken(coefficients: Ints, least: Ints, x: Floats) -> int:
    numbers = coefficients.astype(np.float64)
    return int(np.argmax((numbers @ x - least) / np.sqrt((numbers**2).sum(axis=1) + 1e-9)))
