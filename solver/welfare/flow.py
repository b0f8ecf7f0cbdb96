"""Unit demand: where every option needs one resource, all alike, a night is a min-cost flow and flows are whole.

Each block of levels is one flow (OR-Tools, cost scaling; Goldberg 1997). The flow only suggests: integer prices are
computed from it by longest paths over the resources (Bellman 1958), and level by level they prove that nothing is better,
or the flow is not believed. Complementary slackness then leaves exactly the flows that are as good (a *face*).

Two levels share one flow where weights are proven: the difference of two flows is a sum of exchanges around simple cycles,
each passes every resource at most once, so one more on the higher level costs the lower at most (resources + 1) x spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.welfare.state import level_values

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.model import Model
    from solver.welfare.state import Run

RANGE = 2**60  # cost x nodes that cost scaling holds in int64
SAFE = 2**61
MOST_COLUMNS = 3_000_000  # a flow cannot be interrupted: beyond, other methods have plans earlier


class NoFlow(Exception):
    """The library refused the costs, or its flow proved not to be the best: another method must decide."""


@dataclass
class Face:
    """What is left: ``active`` bool[C], ``must`` bool[U], ``full`` bool[R] (rows that every plan here fills)."""

    active: Bools
    must: Bools
    full: Bools


class Network:
    """Units, rows counted in whole places, and "nowhere" (index R), where options without a row and the unplaced are."""

    def __init__(self, model: Model) -> None:
        rows = np.full(model.columns, len(model.rhs), dtype=np.int64)
        counts = np.diff(model.matrix.indptr)
        rows[counts == 1] = model.matrix.indices
        self.model = model
        self.row = rows
        self.unit = model.column_unit
        self.amount = _amounts(model)
        self.room = model.rhs // self.amount
        self.rows = len(model.rhs)

    def flow(self, face: Face, cost: Ints) -> Ints | None:
        """Maximise ``cost`` (int64[C]) over a face: the column of each unit (-1: none); None where the face is empty."""
        from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - few nights are of this shape

        units, sink = self.model.units, self.model.units + self.rows
        if int(np.abs(cost[face.active]).max(initial=0)) * (sink + 2) >= RANGE:
            raise NoFlow
        columns = np.flatnonzero(face.active)
        free = np.flatnonzero(~face.must)
        open_rows = np.flatnonzero(~face.full)
        heads = np.concatenate(
            [units + self.row[columns], np.full(len(free), sink), np.full(len(open_rows), sink)]
        )
        solver: Any = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(
            np.concatenate([self.unit[columns], free, units + open_rows]),
            heads,
            np.concatenate([np.ones(len(columns) + len(free), dtype=np.int64), self.room[open_rows]]),
            np.concatenate([-cost[columns], np.zeros(len(free) + len(open_rows), dtype=np.int64)]),
        )
        supply = np.zeros(sink + 1, dtype=np.int64)
        supply[:units] = 1
        supply[units:sink][face.full] = -self.room[face.full]
        supply[sink] = -int(supply.sum())
        if supply[sink] > 0:
            return None  # fewer people than places that must be full
        solver.set_nodes_supplies(np.arange(sink + 1), supply)
        status = solver.solve()
        if status == solver.INFEASIBLE:
            return None
        if status != solver.OPTIMAL:
            raise NoFlow  # BAD_COST_RANGE and the like are statuses, not exceptions
        taken = columns[np.asarray(solver.flows(np.arange(len(columns)))) > 0]
        chosen = np.full(units, -1, dtype=np.int64)
        chosen[self.unit[taken]] = taken
        return chosen

    def price(self, face: Face, value: Ints, chosen: Ints) -> Ints | None:
        """Integer prices (int64[R + 1]) under which nobody would rather change; None where ``chosen`` is not the best.

        ``p[there] >= p[here] + value there - value here`` for each unit and each of its columns: longest paths from
        "nowhere", whose price is 0. Rows with room to spare cost nothing, rows that must be full may cost less.
        """
        here = np.where(chosen >= 0, self.row[chosen], self.rows)
        now = np.where(chosen >= 0, value[chosen], 0)
        columns = np.flatnonzero(face.active)
        unit = self.unit[columns]
        free = np.flatnonzero(~face.must)
        spare = np.flatnonzero(~face.full & (np.bincount(here, minlength=self.rows + 1)[:-1] < self.room))
        open_rows = np.flatnonzero(~face.full)
        nowhere = np.int64(self.rows)
        edges = [
            (here[unit], self.row[columns], value[columns] - now[unit]),
            (here[free], np.full(len(free), nowhere), -now[free]),
            (np.full(len(open_rows), nowhere), open_rows, np.zeros(len(open_rows), dtype=np.int64)),
            (spare, np.full(len(spare), nowhere), np.zeros(len(spare), dtype=np.int64)),
        ]
        tail, head, gain = (np.concatenate(part) for part in zip(*edges, strict=True))
        price = _longest_paths(tail, head, gain, self.rows + 1)
        if price is None or float(np.abs(price[:-1]).astype(np.float64) @ self.room) >= SAFE:
            return None
        return price

    def bound(self, face: Face, value: Ints, price: Ints) -> tuple[int, Ints, Ints]:
        """Return the bound of ``value`` over a face, what each column loses (int64[C]), each unit's worth (int64[U])."""
        reduced = np.where(face.active, value - price[self.row], -SAFE)
        best = np.where(face.must, -SAFE, 0)
        np.maximum.at(best, self.unit, reduced)
        return int(price[:-1] @ self.room) + int(best.sum()), best[self.unit] - reduced, best


def solve_flow(run: Run) -> bool:
    """Decide a night of unit demand exactly; False where it is none: ``run`` then has no plan more, prices at most."""
    if not has_unit_demand(run.model):
        return False
    network = Network(run.model)
    model = run.model
    face = Face(
        np.ones(model.columns, dtype=np.bool_),
        model.unit_must.copy(),
        np.zeros(network.rows, dtype=np.bool_),
    )
    chosen: Ints | None = None
    try:
        level = 0
        while level < len(model.levels):
            run.seconds_left()
            run.tell("flow", level, level / len(model.levels))
            if model.levels[level].worst:
                chosen = _lower_worst(network, face, level, chosen)
                level += 1
            else:
                chosen, level = _raise_sums(run, network, face, level)
            if chosen is None:
                return False
    except NoFlow:
        return False
    if chosen is None:
        return False
    run.offer(chosen)
    if run.chosen is None or run.values != level_values(model, chosen):
        return False
    run.bounds = list(run.values)
    run.tell("proved", len(model.levels) - 1, 1.0)
    return True


def has_unit_demand(model: Model) -> bool:
    """Whether every column needs at most one row, and each row is needed in equal amounts."""
    if not 0 < model.columns <= MOST_COLUMNS or model.equal.any() or (model.row_resource < 0).any():
        return False
    if int(np.diff(model.matrix.indptr).max(initial=0)) > 1 or (model.matrix.data <= 0).any():
        return False
    return bool((_amounts(model)[model.matrix.indices] == model.matrix.data).all())


def _amounts(model: Model) -> Ints:
    """int64[R]: what one column needs of a row (1 where nobody needs it)."""
    amount = np.ones(len(model.rhs), dtype=np.int64)
    amount[model.matrix.indices] = model.matrix.data
    return amount


def _lower_worst(network: Network, face: Face, level: int, chosen: Ints | None) -> Ints | None:
    """Find the lowest threshold whose columns still hold a plan; leave only those columns."""
    value = network.model.levels[level].value
    nothing = np.zeros(network.model.columns, dtype=np.int64)
    some = np.unique(np.append(value[face.active], 0))
    low, high, best = 0, len(some) - 1, chosen
    if best is not None:
        high = int(np.searchsorted(some, value[best[best >= 0]].max(initial=0)))
    while low < high or best is None:
        middle = (low + high) // 2
        found = network.flow(Face(face.active & (value <= some[middle]), face.must, face.full), nothing)
        if found is not None:
            high, best = middle, found
        elif low >= high:
            return None  # nobody can be placed as must be
        else:
            low = middle + 1
    face.active &= value <= some[high]
    return best


def _raise_sums(run: Run, network: Network, face: Face, first: int) -> tuple[Ints | None, int]:
    """Solve the sum levels from ``first`` on that one flow can hold; return the plan and the next level."""
    levels = network.model.levels
    last, cost = first, levels[first].value
    while last + 1 < len(levels) and not levels[last + 1].worst:
        joined = _join(network, face, cost, levels[last + 1].value)
        if joined is None:
            break
        last, cost = last + 1, joined
    chosen = network.flow(face, cost)
    if chosen is None:
        return None, first
    for level in range(first, last + 1):
        value = levels[level].value
        price = network.price(face, value, chosen)
        reached = int(value[chosen[chosen >= 0]].sum())
        if price is None:
            raise NoFlow
        proven, loss, worth = network.bound(face, value, price)
        if proven != reached:
            raise NoFlow
        run.note_prices(price[:-1] / network.amount)
        face.active &= loss == 0
        face.must |= worth > 0
        face.full |= price[:-1] != 0
    return chosen, last + 1


def _join(network: Network, face: Face, above: Ints, below: Ints) -> Ints | None:
    """Weigh two levels so that the upper decides: see this module's first lines; None where numbers grow too large."""
    some = below[face.active]
    spread = max(int(some.max(initial=0)), 0) - min(int(some.min(initial=0)), 0)
    longest = min(network.rows + 1, network.model.units)
    weight = longest * spread + 1
    largest = int(np.abs(above[face.active]).max(initial=0)) * weight + spread
    if largest * (network.model.units + network.rows + 2) >= RANGE:
        return None
    return above * weight + below


def _longest_paths(tail: Ints, head: Ints, gain: Ints, nodes: int) -> Ints | None:
    """int64[nodes]: the longest way to each node from the last one; None where ways grow without end."""
    order = np.lexsort((gain, tail, head))
    tail, head, gain = tail[order], head[order], gain[order]
    last = np.append((tail[1:] != tail[:-1]) | (head[1:] != head[:-1]), True)
    last[last] = tail[last] != head[last]  # staying costs nothing, and gains nothing either
    loops = tail == head
    if (gain[loops] > 0).any():
        return None
    tail, head, gain = tail[last], head[last], gain[last]
    largest = int(np.abs(gain).max(initial=0))
    if largest * (nodes + 2) >= SAFE // 4:
        return None
    reach = np.full(nodes, -largest * (nodes + 1), dtype=np.int64)
    reach[-1] = 0
    heads = np.flatnonzero(np.append(True, head[1:] != head[:-1])) if len(head) else head
    for _ in range(nodes + 1):
        if not len(head):
            return reach
        better = reach.copy()
        better[head[heads]] = np.maximum(better[head[heads]], np.maximum.reduceat(reach[tail] + gain, heads))
        if (better == reach).all():
            return reach if reach[-1] == 0 else None
        reach = better
    return None
