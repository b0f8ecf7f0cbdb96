"""Make one unit of those that share a row which is theirs alone: a person who asks for two services on one afternoon.

The relaxation gives such a person half of each; as one unit it chooses among pairs of columns, whole ones. The row is
then kept by every column and goes. The same plans, a tighter relaxation.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.model import ModelLevel

if TYPE_CHECKING:
    from solver.arrays import Ints
    from solver.welfare.model import Matrix, Model

MOST_COLUMNS = 150  # pairs of one couple; beyond, the row stays
MOST_ROWS = 20_000  # a city has towns of such persons: they are left to the rows


def couple(model: Model) -> Model:
    """Return a model with the same plans in which units that share a private row are one."""
    families = _families(model)
    if not families:
        return model
    pick_rows: list[tuple[int, ...]] = []
    sizes: list[int] = []
    musts: list[bool] = []
    joined = {unit for family in families for unit in family}
    by_first = {family[0]: family for family in families}
    old_to_new = np.full(model.units, -1, dtype=np.int64)
    columns = model.matrix
    for unit in range(model.units):
        if unit in joined and unit not in by_first:
            continue
        family = by_first.get(unit, [unit])
        old_to_new[family] = len(sizes)
        kept = _combinations(model, family, columns)
        pick_rows += kept
        sizes.append(len(kept))
        musts.append(bool(model.unit_must[family].any()))
    return _rebuild(model, pick_rows, sizes, musts, old_to_new)


def _families(model: Model) -> list[list[int]]:
    """Units that share a row with nobody else, small enough to list their combinations."""
    rows = model.matrix.tocsr()
    plain = model.plain
    unit = model.column_unit
    sizes = np.diff(model.unit_start) + 1
    family_of: dict[int, list[int]] = {}
    pairs = 0
    uses = np.diff(model.matrix.indptr)
    for row in np.flatnonzero(plain & (np.diff(rows.indptr) > 1)).tolist():
        columns = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
        users = unit[columns]
        if (
            users.min() == users.max() or uses[columns].max() == 1
        ):  # one row alone is whole, and keeps its price
            continue
        members = np.unique(users)
        if len(members) > 2:
            continue
        pairs += 1
        if pairs > MOST_ROWS:
            return []
        one, two = (family_of.get(each, [each]) for each in members.tolist())
        if one is two or int(np.prod(sizes[one + two])) > MOST_COLUMNS:
            continue
        merged = sorted(one + two)
        family_of |= dict.fromkeys(merged, merged)
    found = {id(family): family for family in family_of.values()}
    return sorted(found.values())


def _combinations(model: Model, family: list[int], columns: Matrix) -> list[tuple[int, ...]]:
    """All choices of a family (empty left out) that keep the rows by themselves and place who must be placed."""
    spans = [range(int(model.unit_start[u]), int(model.unit_start[u + 1])) for u in family]
    if len(family) == 1:
        return [(column,) for column in spans[0]]
    found = []
    for choice in product(
        *([*span] if model.unit_must[u] else [*span, -1] for u, span in zip(family, spans, strict=True))
    ):
        taken = tuple(column for column in choice if column >= 0)
        if taken and _fits(model, columns, taken):
            found.append(taken)
    return found


def _fits(model: Model, columns: Matrix, taken: tuple[int, ...]) -> bool:
    use: dict[int, int] = {}
    for column in taken:
        span = slice(columns.indptr[column], columns.indptr[column + 1])
        for row, amount in zip(columns.indices[span].tolist(), columns.data[span].tolist(), strict=True):
            use[row] = use.get(row, 0) + amount
    return all(not model.plain[row] or amount <= model.rhs[row] for row, amount in use.items())


def _rebuild(
    model: Model, picks: list[tuple[int, ...]], sizes: list[int], musts: list[bool], old_to_new: Ints
) -> Model:
    lengths = np.array([len(pick) for pick in picks], dtype=np.int64)
    flat = np.array([column for pick in picks for column in pick], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    pick = sparse.csr_array(
        (np.ones(len(flat), dtype=np.int64), flat, start), shape=(len(picks), model.columns)
    )
    owner = np.repeat(np.arange(len(picks)), lengths)
    levels = []
    for level in model.levels:
        if level.worst:
            value = np.zeros(len(picks), dtype=np.int64)
            np.maximum.at(value, owner, level.value[flat])
        else:
            value = np.asarray(pick @ level.value, dtype=np.int64)
        levels.append(ModelLevel(level.worst, value))
    options = [
        model.column_option[model.column_start[column] : model.column_start[column + 1]]
        for column in flat.tolist()
    ]
    counts = np.diff(model.column_start)[flat]
    per_pick = np.bincount(owner, counts, minlength=len(picks)).astype(np.int64)
    matrix = (model.matrix @ pick.T).tocsr()
    _drop_kept_rows(model, matrix, sizes)
    return replace(
        model,
        unit_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        unit_must=np.array(musts, dtype=np.bool_),
        matrix=matrix.tocsc(),
        levels=levels,
        column_start=np.concatenate([[0], np.cumsum(per_pick)]).astype(np.int64),
        column_option=np.concatenate(options) if options else np.zeros(0, dtype=np.int64),
        unit_of_request=np.where(model.unit_of_request >= 0, old_to_new[model.unit_of_request], -1),
    )


def _drop_kept_rows(model: Model, matrix: Matrix, sizes: list[int]) -> None:
    """Empty the rows of one unit only that each of its columns keeps by itself."""
    unit = np.repeat(np.arange(len(sizes)), sizes)
    entry_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    used = unit[matrix.indices]
    low = np.full(matrix.shape[0], len(sizes), dtype=np.int64)
    high = np.full(matrix.shape[0], -1, dtype=np.int64)
    np.minimum.at(low, entry_row, used)
    np.maximum.at(high, entry_row, used)
    most = np.zeros(matrix.shape[0], dtype=np.int64)
    np.maximum.at(most, entry_row, matrix.data)
    alone = (low == high) & (most <= model.rhs) & model.plain
    matrix.data[alone[entry_row]] = 0
    matrix.eliminate_zeros()
