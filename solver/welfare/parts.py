"""A night cut into parts that share no row: a town's canteens and its after-school classes are two problems.

The best plan of a night is the best plans of its parts side by side, level by level; solves nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from solver.arrays import Ints
    from solver.welfare.model import Model

SMALL = 500  # parts with fewer columns are solved together


@dataclass(frozen=True)
class Part:
    """``model`` of the units ``units``, its columns and rows being ``columns`` and ``rows`` of the whole."""

    model: Model
    units: Ints
    columns: Ints
    rows: Ints

    def widen(self, chosen: Ints, whole: Ints) -> None:
        """Write the part's columns (int64[U of the part]) into the whole plan."""
        whole[self.units] = (
            np.where(chosen >= 0, self.columns[np.maximum(chosen, 0)], -1) if len(self.columns) else -1
        )

    def narrow(self, whole: Ints) -> Ints:
        """Return the part of a whole plan."""
        chosen = whole[self.units]
        return np.where(chosen >= 0, np.searchsorted(self.columns, chosen), -1)


def cut(model: Model) -> list[Part]:
    """Cut into connected parts, the largest first; small ones stay together."""
    count, label = connected_components(_unit_rows(model), directed=False)
    label = label.astype(np.int64)
    size = np.bincount(label[: model.units], np.diff(model.unit_start), minlength=count)
    small = size < SMALL
    label = np.where(small[label], count, label)
    order = [*np.argsort(-np.where(small, -1, size), kind="stable")[: int((~small).sum())].tolist(), count]
    parts = []
    for number in order:
        units = np.flatnonzero(label[: model.units] == number)
        if len(units):
            parts.append(_part(model, units, np.flatnonzero(label[model.units :] == number)))
    return parts


def _unit_rows(model: Model) -> sparse.csr_array:
    """Which unit meets which row, as a graph of units and rows."""
    coo = model.matrix.tocoo()
    nodes = model.units + model.matrix.shape[0]
    return sparse.csr_array(
        (np.ones(len(coo.row)), (model.column_unit[coo.col], model.units + coo.row)), shape=(nodes, nodes)
    )


def _part(model: Model, units: Ints, rows: Ints) -> Part:
    inside = np.zeros(model.units, dtype=np.bool_)
    inside[units] = True
    columns = np.flatnonzero(inside[model.column_unit])
    counts = np.diff(model.column_start)
    owner = np.repeat(np.arange(model.columns), counts)
    sizes = np.diff(model.unit_start)[units]
    part = replace(
        model,
        unit_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        unit_must=model.unit_must[units],
        matrix=model.matrix[:, columns].tocsr()[rows].tocsc(),
        rhs=model.rhs[rows],
        equal=model.equal[rows],
        row_resource=model.row_resource[rows],
        levels=[replace(level, value=level.value[columns]) for level in model.levels],
        column_start=np.concatenate([[0], np.cumsum(counts[columns])]).astype(np.int64),
        column_option=model.column_option[np.isin(owner, columns)],
    )
    return Part(part, units, columns, rows)
