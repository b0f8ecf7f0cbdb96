"""A night cut into regions of neighbouring rows, by who could use which: each is decided by itself in its share of the rows.

No coordinates: rows are near each other when units could use both. Halved again and again along breadth-first orders
(level structures, as in George and Liu's nested dissection, 1978). A row that units of several regions use is shared:
each region keeps what its units use now, the row's own region what is free. So every region's plan fits beside the others'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.doubt import Doubt, Losses
    from solver.welfare.model import Model


@dataclass(frozen=True)
class Region:
    """``units`` and ``columns`` of the night (both ascending), ``room`` int64[M]: this region's share of every row."""

    units: Ints
    columns: Ints
    room: Ints


def cut_regions(
    model: Model, doubt: Doubt, losses: Losses, chosen: Ints, limit: int, share: float
) -> list[Region]:
    """Cut who is in doubt into regions of up to about ``limit`` columns; ``share`` of the weight lies before each cut."""
    if not len(doubt.units):
        return []
    unit_of = model.column_unit[doubt.columns]
    local = np.searchsorted(doubt.units, unit_of)
    uses: Any = model.matrix[:, doubt.columns]
    size = np.bincount(local, minlength=len(doubt.units))
    seat = _seats(uses, local, losses.column[doubt.columns])
    rows = len(model.rhs)
    weight = np.bincount(seat[seat >= 0], size[seat >= 0], minlength=rows).astype(np.float64)
    label = _cut_rows(_row_graph(uses, local, len(doubt.units)), weight, limit, share)
    of_unit = np.where(seat >= 0, label[seat], 0)
    of_unit = _keep_together(model, doubt, uses, local, of_unit)
    count = int(max(label.max(initial=0), of_unit.max(initial=0))) + 1
    # What each region uses now, and who owns what is free.
    taken = chosen[doubt.units]
    own = np.zeros(len(doubt.columns), dtype=np.int64)
    own[np.searchsorted(doubt.columns, taken[taken >= 0])] = 1
    order = np.argsort(of_unit[local], kind="stable")
    ends = np.searchsorted(of_unit[local][order], np.arange(count + 1))
    free = doubt.room - uses @ own
    regions = []
    for number in range(count):
        inside = np.sort(order[ends[number] : ends[number + 1]])
        if len(inside):
            room = uses[:, inside] @ own[inside] + np.where(label == number, free, 0)
            regions.append(Region(doubt.units[of_unit == number], doubt.columns[inside], room))
    return regions


def _seats(uses: Any, local: Ints, loss: Floats) -> Ints:
    """int64[units]: a row of each unit's best column; -1 where its columns use nothing."""
    entries = np.diff(uses.indptr)
    with_rows = np.flatnonzero(entries > 0)
    order = with_rows[np.lexsort((loss[with_rows], local[with_rows]))]
    seat = np.full(int(local.max()) + 1, -1, dtype=np.int64)
    first = np.flatnonzero(np.append(True, np.diff(local[order]) != 0)) if len(order) else order
    seat[local[order[first]]] = uses.indices[uses.indptr[order[first]]]
    return seat


def _row_graph(uses: Any, local: Ints, units: int) -> Any:
    """How many units could use both of two rows."""
    column = np.repeat(np.arange(uses.shape[1]), np.diff(uses.indptr))
    meets = sparse.csr_array(
        (np.ones(uses.nnz, dtype=np.int32), (local[column], uses.indices)), shape=(units, uses.shape[0])
    )
    meets.sum_duplicates()
    meets.data[:] = 1
    return (meets.T @ meets).tocsr()


def _cut_rows(graph: Any, weight: Floats, limit: int, share: float) -> Ints:
    """int64[M]: the region of each row, 0 where nobody sits."""
    label = np.zeros(len(weight), dtype=np.int64)
    waiting = [np.flatnonzero(np.diff(graph.indptr) > 0)]
    found = 0
    while waiting:
        rows = waiting.pop()
        if weight[rows].sum() <= limit or len(rows) < 2:
            label[rows] = found
            found += 1
            continue
        ordered = rows[_order(graph[rows][:, rows])]
        heavy = np.cumsum(weight[ordered])
        at = int(np.clip(np.searchsorted(heavy, share * heavy[-1]), 1, len(rows) - 1))
        waiting += [np.sort(ordered[at:]), np.sort(ordered[:at])]
    return label


def _order(graph: Any) -> Ints:
    """From one end of a connected piece to the other; pieces one after the other where there are several."""
    count, piece = connected_components(graph, directed=False)
    if count > 1:
        order: Ints = np.argsort(piece, kind="stable")
        return order
    far = breadth_first_order(graph, 0, directed=False, return_predecessors=False)[-1]
    end: Ints = breadth_first_order(graph, int(far), directed=False, return_predecessors=False).astype(
        np.int64
    )
    return end


def _keep_together(model: Model, doubt: Doubt, uses: Any, local: Ints, of_unit: Ints) -> Ints:
    """Members of a linked group share one region: their rows are exactly full only when seen whole."""
    tied = np.flatnonzero(~model.plain)
    if not len(tied):
        return of_unit
    links = uses[tied].tocoo()
    units = len(doubt.units)
    graph = sparse.csr_array(
        (np.ones(links.nnz, dtype=np.int8), (local[links.col], units + links.row)),
        shape=(units + len(tied), units + len(tied)),
    )
    group = connected_components(graph, directed=False)[1][:units]
    first = np.unique(group, return_index=True)[1]
    result: Ints = of_unit[first[group]]
    return result
