"""One part of a night, one level at a time: relax, round near the corner, prove; then leave what is at least as good.

The plan found so far keeps all earlier levels, so every neighbourhood has a feasible start; the relaxation's programme
keeps its basis from level to level (`solver.welfare.ladder`). `solver.welfare.descent` decides what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.ladder import Ladder
from solver.welfare.relax import Bound, Relaxation, bound, tighten
from solver.welfare.state import level_values

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.state import Run

NODES = 50
ENTER = 4_000  # columns that join plan and corner
FACE = 22_000  # columns beyond which proving a level exactly takes longer than a night may
FINE = 1e-5  # closer than this to a bound of many units, the whole face is not worth its time
NEAR = 1e-6


class Stairs:
    """A part's plan (``run.chosen``), its relaxation, and ``bounds``: one per level done, for all plans in it."""

    def __init__(self, run: Run) -> None:
        model = run.model
        self.run = run
        self.relaxation = Relaxation(
            model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
        )
        self.ladder = Ladder(run, self.relaxation)
        self.bounds: list[int] = []
        self.found: Bound | None = None

    def is_closed(self, level: int) -> bool:
        """Whether nothing is left to prove within the wanted gap."""
        value = self.run.values[level]
        return abs(self.bounds[level] - value) <= self.run.params.gap * max(1, abs(value))

    def free_bound(self, level: int) -> Bound | None:
        """Return the bound without prices: every unit takes what is best for it."""
        rows = len(self.relaxation.equal) + len(self.relaxation.level_rows)
        return bound(self.relaxation, self.run.model.levels[level].value, np.zeros(rows))

    def keep_sum(self, level: int, least: int) -> None:
        """Leave only what reaches ``least`` on a sum level."""
        if self.found is None or not tighten(self.relaxation, self.found, least):
            self.relaxation.level_rows.append((self.run.model.levels[level].value, least))

    def keep_worst(self, level: int, most: int) -> None:
        """Leave only columns up to ``most`` on a worst level; below it no part need be better than another."""
        value = self.run.model.levels[level].value
        self.relaxation.active &= value <= most
        value[value <= most] = 0  # the part's own copy
        assert self.run.chosen is not None
        self.run.values = level_values(self.run.model, self.run.chosen)

    def close_sum(self, level: int) -> None:
        """Bound a level, then raise the plan towards the bound."""
        run, before = self.run, self.relaxation
        value = run.model.levels[level].value
        zero = self.free_bound(level)
        assert zero is not None
        self.found = zero
        self.bounds.append(zero.total // zero.scale)
        if self.bounds[level] == run.values[level]:
            return
        corner = self.ladder.solve(before, value)
        found = None if corner is None else bound(before, value, corner.prices)
        if corner is None or found is None:
            return
        run.note_prices(corner.prices)
        if zero.total * found.scale >= found.total * zero.scale:
            self.found = found
            self.bounds[level] = found.total // found.scale
        target = self.bounds[level]
        for attempt in (_near_corner, between, _cheapest, _whole_face):
            if self.is_closed(level):
                return
            near = target - run.values[level] <= FINE * abs(target)
            if attempt in (_cheapest, _whole_face) and (near or run.is_late()):
                return
            proven = attempt(run, before, self.found, level, corner.x, target)
            if proven is not None:
                self.bounds[level] = max(run.values[level], min(proven, target))
            run.tell(attempt.__name__.strip("_"), level)

    def lowest(self, level: int) -> int:
        """Return the lowest threshold of a worst level that prices cannot rule out."""
        model, before = self.run.model, self.relaxation
        value = model.levels[level].value
        reached = self.run.values[level]
        candidates = np.unique(np.append(value[before.active & (value <= reached)], [0, reached]))
        low, high = 0, len(candidates) - 1
        while low < high:
            probe = (low + high) // 2
            above = -(value > candidates[probe]).astype(np.int64)
            found = self.ladder.solve(before, above)
            least = None if found is None else bound(before, above, found.prices)
            if least is not None and least.total < 0:
                low = probe + 1
            else:
                high = probe
        return int(candidates[low])

    def reach(self, level: int, least: int) -> None:
        """Lower the plan's worst value towards ``least``, threshold by threshold."""
        value = self.run.model.levels[level].value
        above = self.relaxation.active & (value > least) & (value < self.run.values[level])
        for threshold in [least, *np.unique(value[above]).tolist()]:
            if self.run.values[level] <= threshold:
                return
            _below(self.run, self.ladder, self.relaxation, level, threshold)
            self.run.tell("worst", level)


def _near_corner(run: Run, before: Relaxation, _found: Bound, level: int, x: Floats, target: int) -> None:
    """Keep what is whole at the corner, decide its fractional units."""
    model = run.model
    corner, loose = _corner_of(run, x)
    active = before.active & loose[model.column_unit]
    relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
    core = Core(loose, relaxation, corner)
    answer = solve_core(run, core, [level], floors_of(run, level), NODES, None, target)
    if answer.chosen is not None:
        run.offer(answer.chosen)


def _corner_of(run: Run, x: Floats) -> tuple[Ints, Bools]:
    """int64[U]: the whole columns of ``x``; bool[U]: the units with a fraction."""
    unit_of = run.model.column_unit
    ones = np.flatnonzero(x > 1 - NEAR)
    corner = np.full(run.model.units, -1, dtype=np.int64)
    corner[unit_of[ones]] = ones
    loose = np.zeros(run.model.units, dtype=np.bool_)
    loose[unit_of[(x > NEAR) & (x <= 1 - NEAR)]] = True
    return corner, loose


def _whole_face(
    run: Run, before: Relaxation, found: Bound, level: int, _x: Floats, target: int
) -> int | None:
    """Decide everything that could still raise ``level``: what brings nothing up to here stays out."""
    model = run.model
    assert run.chosen is not None
    trial = before.copy()
    tighten(trial, found, run.values[level])
    trial.active &= _matters(run, trial, level)
    if int(trial.active.sum()) > FACE:
        return None
    unit_of = model.column_unit
    choice = np.bincount(unit_of[trial.active], minlength=model.units)
    free = choice + ~trial.must > 1
    free &= choice > 0
    settled = np.full(model.units, -1, dtype=np.int64)
    single = np.flatnonzero(trial.active & ~free[unit_of])
    settled[unit_of[single]] = single
    core = Core(free, trial, settled)
    answer = solve_core(run, core, [level], floors_of(run, level), NODES, run.chosen, target)
    if answer.chosen is not None:
        run.offer(answer.chosen)
    return answer.bounds[0] if answer.bounds else None


def _cheapest(run: Run, before: Relaxation, found: Bound, level: int, x: Floats, target: int) -> None:
    """Decide among the plan's columns, the corner's, and those that lose least under the prices."""
    model = run.model
    assert run.chosen is not None
    unit_of = model.column_unit
    loss = np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced
    waiting = np.flatnonzero(before.active & _matters(run, before, level) & (x <= NEAR))
    active = x > NEAR
    active[waiting[np.argsort(loss[waiting], kind="stable")[:ENTER]]] = True
    active[run.chosen[run.chosen >= 0]] = True
    free = np.zeros(model.units, dtype=np.bool_)
    free[unit_of[active]] = True
    relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
    core = Core(free, relaxation, run.chosen)
    answer = solve_core(run, core, [level], floors_of(run, level), NODES, run.chosen, target)
    if answer.chosen is not None:
        run.offer(answer.chosen)


def _matters(run: Run, trial: Relaxation, level: int) -> Bools:
    """bool[C]: columns that bring something on a level so far, or that a row or a unit needs."""
    model = run.model
    matters = trial.must[model.column_unit] | model.unit_must[model.column_unit]
    for each in model.levels[: level + 1]:
        if not each.worst:
            matters |= each.value > 0
    coo = model.matrix.tocoo()
    needed = (coo.data < 0) | trial.equal[coo.row]
    matters[coo.col[needed]] = True
    return matters


def between(run: Run, before: Relaxation, _found: Bound, level: int, x: Floats, target: int) -> None:
    """Decide every unit in which plan and corner differ among the columns of both (Danna, Rothberg, Le Pape 2005)."""
    model = run.model
    assert run.chosen is not None
    unit_of = model.column_unit
    corner, loose = _corner_of(run, x)
    free = loose | (corner != run.chosen)
    active = (x > NEAR) & free[unit_of] | (before.active & loose[unit_of])
    own = run.chosen[free]
    active[own[own >= 0]] = True
    relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
    core = Core(free, relaxation, run.chosen)
    answer = solve_core(run, core, [level], floors_of(run, level), NODES, run.chosen, target)
    if answer.chosen is not None:
        run.offer(answer.chosen)


def floors_of(run: Run, level: int) -> list[tuple[int, int]]:
    """What the plan reaches on the earlier sum levels."""
    return [(i, run.values[i]) for i in range(level) if not run.model.levels[i].worst]


def _below(run: Run, ladder: Ladder, before: Relaxation, level: int, threshold: int) -> None:
    """Look for a plan without columns above ``threshold``."""
    model = run.model
    value = model.levels[level].value
    trial = before.copy()
    trial.active &= value <= threshold
    above = -(value > threshold).astype(np.int64)
    corner = ladder.solve(before, above)
    if corner is None:
        return
    unit_of = model.column_unit
    x = corner.x
    ones = np.flatnonzero((x > 1 - NEAR) & trial.active)
    settled = np.full(model.units, -1, dtype=np.int64)
    settled[unit_of[ones]] = ones
    free = np.zeros(model.units, dtype=np.bool_)
    free[unit_of[(x > NEAR) & (x <= 1 - NEAR)]] = True
    assert run.chosen is not None
    for wide in (False, True):
        if wide:
            own = run.chosen.copy()
            own[(own >= 0) & (value[own] > threshold)] = -1
            free |= settled != own
            active = trial.active & free[unit_of] & ((x > NEAR) | np.isin(np.arange(model.columns), own))
            active |= trial.active & (free & (own < 0))[unit_of]
        else:
            active = trial.active & free[unit_of]
        relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
        sums = [i for i in range(level + 1, len(model.levels)) if not model.levels[i].worst]
        answer = solve_core(
            run, Core(free, relaxation, settled), sums[:1] or [0], floors_of(run, level), NODES
        )
        if answer.chosen is not None and run.offer(answer.chosen):
            return
