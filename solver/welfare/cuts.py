"""Rows that every whole plan keeps and a fractional corner does not: Chvatal-Gomory cuts with multipliers k/p.

The corner of a night's relaxation is nearly always half whole: an odd number of places is left and everybody who could
take them takes two. Full rows times k/p that add up to whole amounts on every fractional column, but not on the right
side, give a row that the corner breaks by (p - 1)/p; such k are the solutions of a linear system modulo p, so they are
found by elimination, not by search (Caprara and Fischetti 1996 for p = 2; Caprara, Fischetti and Letchford 2000).
Rows of units that have their column whole join wherever they are needed to round up: they cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.model import Model
    from solver.welfare.relax import Relaxation

MODULI = (2, 3)
NEAR = 1e-6
MOST = 60  # cuts a round
DRAWS = 4  # orders of elimination: each gives other cuts
LARGEST_SYSTEM = 3_000  # fractional columns beyond which x is no corner worth cutting


@dataclass(frozen=True)
class Cuts:
    """``matrix`` csr int64[K, C] @ x <= ``rhs`` int64[K] for every whole plan."""

    matrix: Any
    rhs: Ints


def separate(relaxation: Relaxation, x: Floats) -> Cuts | None:
    """Return rows that the corner ``x`` (float64[C]) of a relaxation breaks; None where this finds none.

    What earlier levels keep is a row like others: a cut then holds for the plans that keep it.
    """
    model = relaxation.model
    matrix, rhs, _ = relaxation.rows()
    unit = model.column_unit
    loose = np.flatnonzero((x > NEAR) & (x < 1 - NEAR))
    if not 0 < len(loose) <= LARGEST_SYSTEM:
        return None
    whole = np.flatnonzero(x >= 1 - NEAR)
    chosen = np.zeros(model.columns, dtype=np.int64)
    chosen[whole] = 1
    room = rhs - matrix @ chosen
    rows = np.flatnonzero(np.abs(matrix @ x - rhs) < NEAR)
    table = matrix[:, loose].tocsr()[rows]
    touched = np.diff(table.indptr) > 0
    rows, table = rows[touched], table[touched].toarray()
    units = np.unique(unit[loose])
    units = units[np.abs(np.bincount(unit, x, minlength=model.units)[units] - 1) < NEAR]
    members = (unit[loose][np.newaxis, :] == units[:, np.newaxis]).astype(np.int64)
    system = np.concatenate([table, members]).T
    side = np.concatenate([room[rows], np.ones(len(units), dtype=np.int64)])
    by_row = matrix.tocsr()[rows].T.tocsr()
    for p in MODULI:
        parts, sides = [], []
        for k in _multipliers(system, side, p):
            of_rows, of_units = k[: len(rows)], np.zeros(model.units, dtype=np.int64)
            of_units[units] = k[len(rows) :]
            amounts = by_row @ of_rows
            of_units[unit[whole]] = -amounts[whole] % p
            coefficients = (amounts + of_units[unit]) // p
            parts.append(sparse.csr_array(coefficients[np.newaxis, :]))
            sides.append((int(of_rows @ rhs[rows]) + int(of_units.sum())) // p)
        if parts:
            return Cuts(sparse.vstack(parts, format="csr"), np.array(sides, dtype=np.int64))
    return None


def _multipliers(system: Ints, side: Ints, p: int) -> list[Ints]:
    """Solutions from several orders of elimination, each once, those with the fewest rows first."""
    found: dict[bytes, Ints] = {}
    rng = np.random.default_rng(p)
    for draw in range(DRAWS):
        order = np.arange(len(side)) if draw == 0 else rng.permutation(len(side))
        for solution in solve_modulo(system[:, order], side[order], p):
            k = np.zeros(len(side), dtype=np.int64)
            k[order] = solution
            found[k.tobytes()] = k
    return sorted(found.values(), key=np.count_nonzero)[:MOST]


def solve_modulo(system: Ints, side: Ints, p: int) -> list[Ints]:
    """Return k in 0..p-1 with ``system @ k = 0`` and ``side @ k = p - 1`` modulo the prime ``p``; ``system`` int64[E, V]."""
    a = system % p
    variables = a.shape[1]
    pivots: list[int] = []
    row = 0
    for column in range(variables):
        candidates = np.flatnonzero(a[row:, column])
        if not len(candidates):
            continue
        at = row + int(candidates[0])
        a[[row, at]] = a[[at, row]]
        a[row] = a[row] * pow(int(a[row, column]), -1, p) % p
        others = np.flatnonzero(a[:, column])
        others = others[others != row]
        a[others] = (a[others] - a[others, column][:, np.newaxis] * a[row]) % p
        pivots.append(column)
        row += 1
        if row == len(a):
            break
    free = np.setdiff1d(np.arange(variables), pivots)
    found = []
    for column in free.tolist():
        k = np.zeros(variables, dtype=np.int64)
        k[column] = 1
        k[pivots] = -a[: len(pivots), column] % p
        odd = int(side @ k) % p
        if odd:
            found.append(k * (pow(odd, -1, p) * (p - 1)) % p)
    return found


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
