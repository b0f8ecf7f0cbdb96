"""Where a plan loses against its bound: decide the neighbourhoods of those places anew, one small programme after another.

The gap between a plan and a bound is a sum over places: a unit that took less than its best after prices, a row with a
price that is not full (complementary slackness). Everything else is as good as it can be, so a search that begins at
these places needs a few hundred units where the whole face has ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.faces import choices, floors_of, grow
from solver.welfare.state import picked

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Bools, Ints
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run

SIZES = (120, 300, 700)  # units decided anew around a place, tried in turn
NEARER = 0.6  # share of them that touch the place's own rows; the rest is what those rows' units touch
NODES = 100
SETTLED = (400, 1_000, 1_500)  # units around all places at once
DRAWS = 3
MOST_PLACES = 300
PATIENCE = 12  # searches in a row that brought nothing before the next size


@dataclass(frozen=True)
class Losses:
    """What a plan loses, times the bound's scale: ``unit`` int64[U], ``row`` int64[rows]."""

    unit: Ints
    row: Ints


def find_losses(run: Run, found: Bound) -> Losses:
    """Say where the present plan loses against ``found``; level rows are left out."""
    model = run.model
    assert run.chosen is not None
    unit = found.unit.copy()
    placed = np.flatnonzero(run.chosen >= 0)
    unit[placed] -= found.reduced[run.chosen[placed]]
    rows = len(model.rhs)
    slack = model.rhs - model.matrix @ picked(model, run.chosen).astype(np.int64)
    return Losses(unit, found.prices[:rows] * slack)


def mend(
    run: Run, face: Relaxation, found: Bound, level: int, is_done: Callable[[], bool], work: float = 0.0
) -> bool:
    """Raise ``level`` place by place until ``is_done()`` or no place yields; return whether it rose.

    The plan keeps every floor of ``face``. ``work``: by clauses within so many deterministic seconds (see `Core`).
    """
    assert run.chosen is not None
    before = run.values[level]
    own = face.copy()
    floors = [floor for floor in floors_of(face) if floor[0] != level]
    for attempt, size in enumerate(SIZES):
        tried: set[tuple[bool, int]] = set()
        fruitless = 0
        while not is_done() and fruitless < PATIENCE and not run.is_late():
            place = _next_place(run, found, tried)
            if place is None:
                break
            tried.add(place)
            own.active[run.chosen[run.chosen >= 0]] = True
            free = _surround(run, own, found, place, size, attempt)
            core = Core(free, own, run.chosen, run.chosen, work=work)
            answer = solve_core(run, core, [level], floors, NODES)
            has_risen = answer.chosen is not None and run.offer(answer.chosen)
            fruitless = 0 if has_risen else fruitless + 1
            if has_risen:
                run.tell("mended", level)
    return run.values[level] > before


def attain(run: Run, face: Relaxation, found: Bound, level: int) -> bool:
    """Look for a plan of ``face`` among the units near the places where the present one loses; return whether it was taken.

    The face holds only plans that reach the value aimed at, so most neighbourhoods are ruled out by presolving them, and
    many can be tried: by size, and drawn anew.
    """
    model = run.model
    assert run.chosen is not None
    losses = find_losses(run, found)
    places = losses.unit > 0
    if int(places.sum()) > MOST_PLACES:
        return False
    near = (model.load.T @ (losses.row > 0).astype(np.int64) > 0) & face.active
    around = np.setdiff1d(model.column_unit[near], np.flatnonzero(places))
    floors = floors_of(face)
    for size in SETTLED:
        for attempt in range(DRAWS):
            if run.is_late():
                return False
            inside = places.copy()
            draw = np.random.default_rng([run.params.entropy, attempt]).permutation(around)
            inside[draw[: size // 4]] = True
            free = grow(run, face, inside, size, attempt)
            answer = solve_core(run, Core(free, face, run.chosen), [level], floors, NODES)
            if answer.chosen is not None and run.offer(answer.chosen):
                run.tell("attained", level)
                return True
    return False


def _next_place(run: Run, found: Bound, tried: set[tuple[bool, int]]) -> tuple[bool, int] | None:
    """Return the place with the largest loss that was not tried: (is it a row, which)."""
    losses = find_losses(run, found)
    places = [(int(losses.unit[u]), False, int(u)) for u in np.flatnonzero(losses.unit > 0)]
    places += [(int(losses.row[m]), True, int(m)) for m in np.flatnonzero(losses.row > 0)]
    places.sort(key=lambda place: (-place[0], place[1], place[2]))
    return next(((is_row, which) for _, is_row, which in places if (is_row, which) not in tried), None)


def _surround(
    run: Run, face: Relaxation, found: Bound, place: tuple[bool, int], size: int, attempt: int
) -> Bools:
    """bool[U]: the place and up to ``size`` units near it that have a choice, those that lose least by changing first."""
    model = run.model
    assert run.chosen is not None
    unit_of = model.column_unit
    load = model.load
    is_row, which = place
    inside = np.zeros(model.units, dtype=np.bool_)
    hot = np.zeros(len(model.rhs), dtype=np.bool_)
    if is_row:
        hot[which] = True
    else:
        inside[which] = True
        mine = slice(int(model.unit_start[which]), int(model.unit_start[which + 1]))
        columns = np.zeros(model.columns, dtype=np.int64)
        columns[mine] = face.active[mine]
        hot = (load @ columns) > 0
    other = face.active.copy()
    other[run.chosen[run.chosen >= 0]] = False
    loss = np.where(
        other, np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced, np.iinfo(np.int64).max
    )
    regret = np.full(model.units, np.iinfo(np.int64).max)
    np.minimum.at(regret, unit_of, loss)
    placed = run.chosen >= 0
    regret[placed & ~face.must] = np.minimum(regret, found.unit)[placed & ~face.must]  # or leave it out
    spread = np.random.default_rng([run.params.entropy, attempt, which]).random(model.units)
    open_units = choices(face)
    for share in (NEARER, 1.0):
        touch = np.zeros(model.units, dtype=np.bool_)
        touch[unit_of[(load.T @ hot.astype(np.int64) > 0) & face.active]] = True
        ring = np.flatnonzero(touch & open_units & ~inside)
        room = int(size * share) - int(inside.sum())
        inside[ring[np.lexsort((spread[ring], regret[ring]))][: max(0, room)]] = True
        hot |= (load @ (face.active & inside[unit_of]).astype(np.int64)) > 0
    return inside
