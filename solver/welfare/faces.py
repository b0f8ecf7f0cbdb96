"""Whole plans on a face: is there one that keeps all levels so far at what the relaxation says, and where.

A corner of the relaxation is whole but for a few units. Around these, ring by ring, units that the face leaves a choice are
decided anew by a small exact programme; at last all of them, which also proves that a face holds no plan at all.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from solver.welfare.core import Core, is_impossible, solve_core
from solver.welfare.model import ModelLevel

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.core import CoreAnswer
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run

Verdict = Literal["found", "empty", "unknown"]
NEAR = 1e-6
RINGS = (0, 120, 400)  # units decided anew; wider ones take longer than the cuts that come after
FACE = 60_000  # columns beyond which deciding a whole face takes longer than a night may
SMALL = 20_000  # columns up to which it does not need a good plan to begin with
NODES = 200
WHOLE_NODES = 60
LARGEST, TOTAL = 5e6, 5e9  # what `solver.welfare.integers` trusts to doubles, halved
LEAST_WEIGHT = 30
NEAR_ENOUGH = 0.5  # of the wanted gap that a search may leave: the rest is for rounding and the weight
PRESOLVED = 20_000  # columns up to which presolving a face is quicker than looking for a plan on it
QUICK = 6_000  # columns of a whole face that are decided at once


@dataclass(frozen=True)
class Corner:
    """``settled`` int64[U]: the whole columns, -1 elsewhere; ``loose`` bool[U]: units with a fraction."""

    settled: Ints
    loose: Bools

    @staticmethod
    def of(run: Run, x: Floats, near: float = NEAR) -> Corner:
        """Read a corner's x (float64[C])."""
        unit_of = run.model.column_unit
        ones = np.flatnonzero(x > 1 - near)
        settled = np.full(run.model.units, -1, dtype=np.int64)
        settled[unit_of[ones]] = ones
        loose = np.zeros(run.model.units, dtype=np.bool_)
        loose[unit_of[(x > near) & (x <= 1 - near)]] = True
        loose[settled >= 0] = False
        loose |= run.model.unit_must & (settled < 0)
        return Corner(settled, loose)


def search_face(  # noqa: PLR0911 - each way out is a verdict
    run: Run, face: Relaxation, corner: Corner, level: int, cap: int | None, attempt: int
) -> Verdict:
    """Offer the best plan of ``face`` on ``level`` near ``corner``, or say that the face is empty.

    ``cap``: a proven bound of ``level`` (the search ends there); None for a worst level. ``attempt`` draws other rings.
    """
    sought = _Face(run, face, level, cap)
    everybody, single = _all_choices(run, face, corner)
    if sought.is_hopeless():
        return "empty"
    size = int((face.active & everybody[face.model.column_unit]).sum())
    plain = size <= (QUICK if face.level_rows else PRESOLVED)
    if attempt == 0 and plain and sought.is_impossible(everybody, single):
        return "empty"
    if not face.level_rows and _place_by_place(run, sought, corner, attempt):
        run.tell("place by place", level)
        return "found"
    most = int(everybody.sum()) // 2  # more is as good as everybody
    for ring in RINGS[1 if attempt else 0 :]:
        run.seconds_left()
        free = grow(run, face, corner.loose, min(ring, most), attempt)
        answer = sought.decide(free, corner.settled, NODES)
        if answer.chosen is not None:
            run.offer(answer.chosen)
            run.tell("near the corner", level)
            return "found"
        if ring >= most:
            break
    if size > QUICK:
        return "unknown"
    answer = sought.decide(everybody, single, WHOLE_NODES)
    if answer.chosen is not None:
        run.offer(answer.chosen)
        return "found"
    return "empty" if answer.impossible else "unknown"


def _place_by_place(run: Run, sought: _Face, corner: Corner, attempt: int) -> bool:
    """Decide each cluster of loose units by itself, in rings as wide as it takes; return whether all came out whole.

    The small clusters first: where nothing mends one of them, the others are not worth their time.
    """
    clusters = _clusters(sought.face, corner.loose)
    if len(clusters) < 2:
        return False
    settled, open_ = corner.settled.copy(), corner.loose.copy()
    for cluster in clusters:
        if not open_[cluster].any():
            continue
        inside = np.zeros(run.model.units, dtype=np.bool_)
        inside[cluster] = True
        for ring in RINGS:
            run.seconds_left()
            free = grow(run, sought.face, inside, ring, attempt)
            core = Core(free, sought.face, settled, apart=True)
            answer = solve_core(run, core, [sought.level], [], NODES)
            if answer.chosen is not None:
                settled, open_ = answer.chosen, open_ & ~free
                break
        else:
            return False
    run.offer(settled)
    return True


def _clusters(face: Relaxation, loose: Bools) -> list[Ints]:
    """Loose units that share rows of the face, the smaller clusters first."""
    model = face.model
    columns = np.flatnonzero(face.active & loose[model.column_unit])
    part = model.matrix[:, columns].tocoo()
    rows = model.matrix.shape[0]
    graph = sparse.csr_array(
        (np.ones(len(part.row)), (part.row, rows + model.column_unit[columns[part.col]])),
        shape=(rows + model.units, rows + model.units),
    )
    label = connected_components(graph, directed=False)[1][rows:]
    units = np.flatnonzero(loose)
    groups: dict[int, list[int]] = {}
    for unit in units.tolist():
        groups.setdefault(int(label[unit]), []).append(unit)
    return [np.array(group) for group in sorted(groups.values(), key=len)]


def search_whole(run: Run, face: Relaxation, level: int, cap: int) -> int | None:
    """Decide a whole face that holds the plan; return a proven bound of ``level`` over it, or None.

    Where the face keeps an earlier level by a row, that level joins the objective with a weight instead: a search that
    knows what it costs ends, one that runs along the row does not. ``weight x earlier + value <= bound`` for all plans,
    so value <= bound - weight x least for those that keep the least. The last level ends once it is near enough.
    """
    model = run.model
    assert run.chosen is not None
    own = face.copy()
    own.active[run.chosen[run.chosen >= 0]] = True
    everybody, single = _all_choices(run, own, None)
    columns = own.active & everybody[model.column_unit]
    if int(columns.sum()) > FACE:
        return None
    is_last = level + 1 == len(model.levels)
    slack = NEAR_ENOUGH * run.params.gap * abs(run.values[level]) if is_last else 0.0
    core = Core(everybody, own, single, run.chosen, slack=slack)
    floors = [floor for floor in floors_of(face) if floor[0] != level]
    proven: int | None = None
    joint = _join(run, own, columns, floors[-1][0], level) if floors else None
    if joint is not None:
        wider = copy.copy(run)
        wider.model = dataclasses.replace(model, levels=[*model.levels, ModelLevel(False, joint.value)])
        answer = solve_core(wider, core, [len(model.levels)], floors[:-1], WHOLE_NODES)
        run.late |= wider.late
        found = answer.bounds[0] if answer.bounds else None
        proven = None if found is None else found + joint.offset - joint.weight * floors[-1][1]
        _take_whole(run, answer, level)
        # Where the weight is too small beside the level's numbers, the best sum of both keeps less than the row does.
        if proven == run.values[level] or not _is_over(answer, joint, slack):
            return proven
        core = dataclasses.replace(core, start=run.chosen)
    answer = solve_core(run, core, [level], floors, WHOLE_NODES, cap)
    _take_whole(run, answer, level)
    known = [each for each in (proven, *answer.bounds[:1]) if each is not None]
    return min(known, default=None)


def _is_over(answer: CoreAnswer, joint: _Joint, slack: float) -> bool:
    """Whether a joint search ended with its optimum, not with its work."""
    if answer.chosen is None or not answer.bounds or answer.bounds[0] is None:
        return False
    return answer.bounds[0] - int(joint.value[answer.chosen[answer.chosen >= 0]].sum()) <= slack


def _take_whole(run: Run, answer: CoreAnswer, level: int) -> None:
    if answer.chosen is not None and run.offer(answer.chosen):
        run.tell("whole face", level)


@dataclass(frozen=True)
class _Joint:
    """``value`` int64[C] + ``offset`` a plan: ``weight`` x an earlier level + the level."""

    weight: int
    value: Ints
    offset: int


def _join(run: Run, face: Relaxation, columns: Bools, earlier: int, level: int) -> _Joint | None:
    """Put an earlier level before a level at the largest weight that doubles hold; None where that is not enough.

    Whoever must be placed counts what changes against the plan: the same differences, smaller numbers.
    """
    model = run.model
    chosen, must = run.chosen, np.flatnonzero(face.must)
    assert chosen is not None

    def count_changes(value: Ints) -> tuple[Ints, int]:
        now = np.zeros(model.units, dtype=np.int64)
        now[must] = value[chosen[must]]
        return value - now[model.column_unit], int(now.sum())

    first, first_offset = count_changes(model.levels[earlier].value)
    second, second_offset = count_changes(model.levels[level].value)
    size, total = (np.abs(each[columns]).astype(np.float64) for each in (first, second))
    if not size.any():
        return None
    weight = int(
        min(
            (LARGEST - total.max(initial=0.0)) / size.max(initial=0.0),
            (TOTAL - total.sum()) / size.sum(),
        )
    )
    if weight < LEAST_WEIGHT:
        return None
    return _Joint(weight, weight * first + second, weight * first_offset + second_offset)


def _all_choices(run: Run, face: Relaxation, corner: Corner | None) -> tuple[Bools, Ints]:
    """bool[U]: who is decided where a whole face is; int64[U]: the only column of the others."""
    everybody = choices(face) if corner is None else choices(face) | corner.loose
    single = np.full(run.model.units, -1, dtype=np.int64)
    only = np.flatnonzero(face.active & ~everybody[run.model.column_unit])
    single[run.model.column_unit[only]] = only
    return everybody, single


def floors_of(face: Relaxation) -> list[tuple[int, int]]:
    """Levels that a face keeps by a row of their own: (level, least total)."""
    return [(row.level, row.least) for row in face.level_rows]


def search_between(run: Run, face: Relaxation, corner: Corner, level: int, cap: int, around: int = 0) -> bool:
    """Decide every unit in which plan and corner differ (Danna, Rothberg, Le Pape 2005); return whether it helped.

    ``around``: units near these that are decided with them.
    """
    assert run.chosen is not None
    free = _differing(run, corner)
    if around:
        free = grow(run, face, free, around, 0)
    both = face.copy()
    own = run.chosen[free]
    both.active[own[own >= 0]] = True
    if int((both.active & free[run.model.column_unit]).sum()) > SMALL:
        return False
    answer = _Face(run, both, level, cap).decide(free, run.chosen, NODES)
    better = answer.chosen is not None and run.offer(answer.chosen)
    if better:
        run.tell("between plan and corner", level)
    return better


def is_apart(run: Run, face: Relaxation, corner: Corner) -> bool:
    """Whether the face alone leaves the units in which plan and corner differ more columns than are decided at once."""
    free = _differing(run, corner)
    return int((face.active & free[run.model.column_unit]).sum()) > SMALL


def _differing(run: Run, corner: Corner) -> Bools:
    free: Bools = corner.loose | (corner.settled != run.chosen)
    return free


@dataclass(frozen=True)
class _Face:
    run: Run
    face: Relaxation
    level: int
    cap: int | None

    def is_hopeless(self) -> bool:
        """Whether a unit that must be placed has no column left."""
        face = self.face
        left = np.bincount(face.model.column_unit[face.active], minlength=face.model.units)
        return bool((left[face.must] == 0).any())

    def is_impossible(self, free: Bools, settled: Ints) -> bool:
        """Whether simple deductions already rule the whole face out."""
        return is_impossible(self.run, Core(free, self.face, settled), floors_of(self.face))

    def decide(self, free: Bools, settled: Ints, nodes: int) -> CoreAnswer:
        core = Core(free, self.face, settled)
        return solve_core(self.run, core, [self.level], floors_of(self.face), nodes, self.cap)


def choices(face: Relaxation) -> Bools:
    """bool[U]: units that the face leaves more than one way."""
    count = np.bincount(face.model.column_unit[face.active], minlength=face.model.units)
    free: Bools = (count + ~face.must > 1) & (count > 0)
    return free


def count_open(face: Relaxation) -> int:
    """How many columns units with a choice have left."""
    return int((face.active & choices(face)[face.model.column_unit]).sum())


def grow(run: Run, face: Relaxation, loose: Bools, size: int, attempt: int) -> Bools:
    """bool[U]: ``loose`` and up to ``size`` units around it that have a choice and share rows, nearer rings first.

    Within a ring by chance: what mends a row is often the odd one out.
    """
    model = run.model
    unit_of = model.column_unit
    load = model.load
    open_units = choices(face)
    inside = loose.copy()
    spread = np.random.default_rng([run.params.entropy, attempt]).random(model.units)
    room = size
    while room > 0:
        hot = (load @ (face.active & inside[unit_of]).astype(np.int64)) > 0
        touch = (load.T @ hot.astype(np.int64) > 0) & face.active
        reached = np.zeros(model.units, dtype=np.bool_)
        reached[unit_of[touch]] = True
        ring = np.flatnonzero(reached & open_units & ~inside)
        if not len(ring):
            break
        order = ring[np.argsort(spread[ring], kind="stable")][:room]
        inside[order] = True
        room -= len(order)
    return inside
