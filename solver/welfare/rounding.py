"""From a relaxation's x to a plan: keep what is settled, decide the rest exactly in growing neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.greedy import fill
from solver.welfare.relax import Relaxation

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.state import Run

NEVER = 10**6
NODES = 500
SIZES = (0, 60, 200, 500)  # how many other columns may enter, the least loss first
FIRST = 2  # of these: what they leave is found more quickly where levels lie below, or by clauses
SETTLED = 0.9999  # with 300 on a resource, what is above cannot add up to a place too many
CROWD = 120  # fractional units beyond which no programme by branching makes a corner whole within a second
ROUNDING = 1.0  # deterministic seconds a level that rounding such a corner may take, by clauses
LOOSE = 3_000  # more fractional units than one programme can decide: filled in by price


@dataclass
class Trail:
    """What the descent learned: at which level a column was ruled out (``depth`` int64[C], a large number: never)
    and how much it would have lost there (``loss`` float64[C]).
    """

    depth: Ints
    loss: Floats

    @staticmethod
    def start(columns: int) -> Trail:
        """Nothing is ruled out yet."""
        return Trail(np.full(columns, NEVER, dtype=np.int64), np.zeros(columns))

    def note(self, level: int, removed: Bools, loss: Floats) -> None:
        """Remember the columns that ``level`` ruled out."""
        self.depth[removed] = level
        self.loss[removed] = loss[removed]

    def nearest(self, most: int) -> Bools:
        """bool[C]: columns that were never ruled out, and of each level the ``most`` that lost least there."""
        near: Bools = self.depth == NEVER
        for level in np.unique(self.depth[~near]).tolist():
            here = np.flatnonzero(self.depth == level)
            near[here[np.argsort(self.loss[here], kind="stable")][:most]] = True
        return near

    def forget(self, level: int) -> None:
        """The descent resumes at ``level``."""
        again = self.depth >= level
        self.depth[again] = NEVER
        self.loss[again] = 0.0


def round_levels(
    run: Run, trail: Trail, x: Floats, targets: list[int | None], worth: Floats, work: float = 0.0
) -> None:
    """Offer plans near ``x`` until the targets are met (within the wanted gap) or the sizes are used up.

    ``worth`` float64[C]: what a column brings after prices, for nights with too many fractional units.
    ``work``: decide by clauses within so many deterministic seconds a level (see `Core`).
    """
    model = run.model
    unit_of = model.column_unit
    settled = np.full(model.units, -1, dtype=np.int64)
    ones = np.flatnonzero(x > SETTLED)
    settled[unit_of[ones]] = ones
    loose = np.zeros(model.units, dtype=np.bool_)
    loose[unit_of[(x > 1 - SETTLED) & (x <= SETTLED)]] = True
    loose |= model.unit_must & (settled < 0)
    sums = [i for i, level in enumerate(model.levels) if not level.worst]
    if int(loose.sum()) > LOOSE:
        run.offer(fill(model, worth, settled))
        return
    last: Ints | None = None
    for size in SIZES[:FIRST] if work or not model.is_one_level else SIZES:
        run.seconds_left()
        active = enter(run, trail, settled, loose, size)
        relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
        free = loose.copy()
        free[unit_of[active]] = True
        core = Core(free, relaxation, settled, last, work=work)
        answer = solve_core(run, core, sums, [], NODES, until=targets)
        if answer.chosen is not None:
            run.offer(answer.chosen)
            last = answer.chosen
        run.tell("rounded", 0)
        if run.chosen is not None and _meets(run, targets):
            return


def _meets(run: Run, targets: list[int | None]) -> bool:
    """Whether the plan reaches the targets that are known, within the wanted gap."""
    return all(
        target is None or abs(target - value) <= run.params.gap * max(1, abs(value))
        for target, value in zip(targets, run.values, strict=True)
    )


def enter(run: Run, trail: Trail, settled: Ints, loose: Bools, size: int) -> Bools:
    """bool[C]: the columns of a core: all of the loose units', and ``size`` others that share rows with them.

    Those ruled out last and with the least loss come first; their units may keep what they have.
    """
    model = run.model
    unit_of = model.column_unit
    load = model.load
    active = loose[unit_of] & (trail.depth > 0)
    own = np.zeros(model.columns, dtype=np.bool_)
    own[settled[settled >= 0]] = True
    hot = (load @ active.astype(np.int64)) > 0
    for _ in range(2):
        touch = (load.T @ hot.astype(np.int64)) > 0
        unit_touch = np.zeros(model.units, dtype=np.bool_)
        unit_touch[unit_of[touch & (own | (trail.depth == NEVER))]] = True
        near = (touch | unit_touch[unit_of]) & ~own & ~loose[unit_of]
        hot |= (load @ near.astype(np.int64)) > 0
    waiting = np.flatnonzero(near)
    order = np.lexsort((trail.loss[waiting], -trail.depth[waiting]))[:size]
    entering = waiting[order]
    active[entering] = True
    active[settled[unit_of[entering]][settled[unit_of[entering]] >= 0]] = True
    return active
