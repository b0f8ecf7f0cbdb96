"""What closes one sum level of a part: searches for better plans and proofs that there are none, the quick ones first.

A search either raises the plan (``run.chosen``) or lowers the level's bound; the next is tried until both meet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solver.welfare.cuts import Separator
from solver.welfare.cutting import cut_down, lean, perturb, trim
from solver.welfare.engines import KeptBasis, choose_engine
from solver.welfare.faces import (
    QUICK,
    SMALL,
    Corner,
    count_open,
    is_apart,
    search_between,
    search_face,
    search_whole,
)
from solver.welfare.ladder import Start
from solver.welfare.mending import attain, mend
from solver.welfare.rounding import CROWD

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats
    from solver.welfare.stairs import Stairs

    Search = Callable[[Stairs, int], None]

RINGS = 3  # searches around the corner before a whole face is decided
FEW = 20  # steps between plan and bound up to which the bound itself is tried
NEAREST = 1_500  # columns ruled out on a level that the simplex method begins with, those that lost least
CUTTINGS = 3  # times the corner is cut in either way before other searches
WORK = 1.0  # deterministic seconds of one place that is filled
AROUND = 200  # units decided with those in which plan and corner differ, where these alone were not enough
CUT = 150_000  # columns up to which the simplex method follows cuts quickly
WIDE = 0.2  # part of the value by which plan and bound differ


def search(stairs: Stairs, level: int) -> None:
    """Raise the plan, or lower the bound, by one search after another until the level is closed.

    A small face is decided as a whole at once. In a larger one a plan too far from the corner is brought nearer; then the
    corner is cut, in turn towards the later levels and towards the plan, and plans are looked for between it and the present
    one at every round; what that leaves open is looked for where the plan loses, and at last in the whole face. A face
    between the two is cut once before it is decided as a whole, where levels lie below: these cuts are theirs too, what a
    whole search finds out is forgotten. Where the corner is crowded the plan is mended place by place before anything else; an only level's is cut first,
    and before each of its long searches what could still raise the plan is decided as a whole where that is little.
    Even what is near enough is closed: what a level leaves open loosens all bounds below it.
    """
    if stairs.steps[level].target is None:
        return
    rings: list[Search] = [_near_bound] * RINGS
    cuttings: list[Search] = [_cut, _between, _cut_near, _between]
    searches: list[Search]
    size = count_open(stairs.steps[level].before)
    if stairs.is_crowded and stairs.run.model.is_one_level:
        searches = [each for slow in (_cut, _fill_places) * 2 for each in (_quick, slow)]
        searches += [_attain, _quick]
    elif stairs.is_crowded:
        searches = [_fill_places, _cut, _fill_places, _attain, _quick]
    elif size > SMALL:
        searches = [_approach, _between, *cuttings, _attain, *cuttings * CUTTINGS]
        searches += [_attain, _few, _around]
        searches += [_attain, _mend, _attain, _few, _cut, _near_bound, _whole]
    elif size > QUICK and level + 1 < len(stairs.run.model.levels):
        searches = [_approach, _between, _cut, _between, _whole, *cuttings * CUTTINGS]
        searches += [_attain, _around, _attain, _mend, _attain, _cut, _near_bound]
    elif _is_wide(stairs, level):
        searches = [_deepen, _between, _whole, _cut, *rings]
    else:
        searches = [_whole, _deepen, _between, _cut, _between, _attain, *rings]
    for each in searches:
        if _is_done(stairs, level) or stairs.run.is_late():
            break
        each(stairs, level)


def _is_done(stairs: Stairs, level: int) -> bool:
    """Whether a level needs no search: near enough if it is the last, exact if others lie below."""
    if level + 1 == len(stairs.run.model.levels):
        return stairs.is_closed(level)
    return stairs.run.values[level] == stairs.bounds[level]


def _is_wide(stairs: Stairs, level: int) -> bool:
    """Whether the plan is so far from the bound that any better one should be looked for first."""
    reached, proven = stairs.run.values[level], stairs.bounds[level]
    return proven is not None and abs(proven - reached) > WIDE * max(1, abs(reached))


def _between(stairs: Stairs, level: int, around: int = 0) -> None:
    """Look between plan and corner, and ``around`` units about, for more on ``level``."""
    step, proven = stairs.steps[level], stairs.bounds[level]
    assert proven is not None
    if stairs.corner is None:
        return
    face = stairs.face(step, level, stairs.run.values[level] + step.grain)
    search_between(stairs.run, face, stairs.corner, level, proven, around)


def _deepen(stairs: Stairs, level: int) -> None:
    """Find the corner below ``level``, where the last dive ended."""
    if len(stairs.steps) == level + 1 < len(stairs.run.model.levels):
        step = stairs.steps[level]
        if step.target is not None:
            kept, stairs.kept = stairs.kept, stairs.face(step, level, step.target)
            stairs.dive(len(stairs.run.model.levels))
            stairs.kept = kept


def _mend(stairs: Stairs, level: int) -> None:
    """Decide anew where the plan loses against the bound's prices."""
    step, proven = stairs.steps[level], stairs.bounds[level]
    assert proven is not None
    if step.found is not None and stairs.mended != (level, stairs.run.values[level]):
        mend(stairs.run, step.before, step.found, level, lambda: stairs.run.values[level] >= proven)
        stairs.mended = (level, stairs.run.values[level])


def _fill_places(stairs: Stairs, level: int) -> None:
    """Mend the plan by clauses: first with the columns of the deepest face, which suit all later levels, then face by face.

    Where hundreds of units are fractional no programme around the corner ends, but each place of the plan that loses
    is mended by some hundred units (docs/decisions/0022).
    """
    run, step = stairs.run, stairs.steps[level]
    if step.found is None:
        return

    def is_enough() -> bool:
        return _is_done(stairs, level) or (
            stairs.run.model.is_one_level and _count_raising(stairs, level) <= QUICK
        )

    for deeper in reversed(stairs.steps[level:]):
        if is_enough() or run.is_late():
            return
        face = replace(step.before, active=deeper.before.active)
        mend(run, face, step.found, level, is_enough, WORK)


def _approach(stairs: Stairs, level: int) -> None:
    """Look around the corner where the plan lies too far from it to be compared: cuts would be of no use to it."""
    step, reached = stairs.steps[level], stairs.run.values[level]
    if stairs.corner is not None and is_apart(
        stairs.run, stairs.face(step, level, reached + step.grain), stairs.corner
    ):
        _around(stairs, level)


def _around(stairs: Stairs, level: int) -> None:
    """Look around the corner for any better plan, as long as there is one."""
    for _ in range(RINGS):
        step, reached = stairs.steps[level], stairs.run.values[level]
        if stairs.corner is None or _is_done(stairs, level) or stairs.run.is_late():
            return
        face = stairs.face(step, level, reached + step.grain)
        search_face(stairs.run, face, stairs.corner, level, stairs.bounds[level], 0)
        if stairs.run.values[level] <= reached:
            return


def _attain(stairs: Stairs, level: int) -> None:
    """Try for the bound itself around the places where the plan loses, where it is few steps away."""
    step, proven = stairs.steps[level], stairs.bounds[level]
    assert proven is not None
    below = next(
        (i for i in range(level + 1, len(stairs.steps)) if not stairs.run.model.levels[i].worst), level
    )
    for _ in range(RINGS):
        reached = stairs.run.values[level]
        away = (proven - reached) // step.grain
        if step.found is None or not 0 < away <= FEW or stairs.attempted == (level, reached, proven):
            return
        stairs.attempted = (level, reached, proven)
        aims = [proven, proven - step.grain, proven - away // 2 * step.grain][:away]
        if not any(attain(stairs.run, stairs.face(step, level, aim), step.found, below) for aim in aims):
            return


def _cut_near(stairs: Stairs, level: int) -> None:
    """Cut the corners nearest to the plan: where a few halves make one as good as the bound, only cuts drive it away."""
    assert stairs.run.chosen is not None
    _cut(stairs, level, lean(stairs.run, level, stairs.run.chosen))


def _cut(stairs: Stairs, level: int, aims: Floats | None = None) -> None:
    """Cut off fractional corners until the bound meets the plan, no cut is found, or cuts bring nothing.

    ``aims`` float64[C]: what tells between corners; None: the later levels.
    """
    step, run = stairs.steps[level], stairs.run
    if stairs.x is None or step.target is None or count_open(step.before) > CUT:
        return
    if not isinstance(stairs.engine, KeptBasis):
        few = stairs.trail.nearest(NEAREST) | (stairs.x > 0)
        stairs.engine = KeptBasis(run, step.before, Start(stairs.x, few))

    # Where looking between is not enough, a smaller face is decided whole: sooner than what lies around.
    is_large = count_open(step.before) > SMALL

    def look(x: Floats, proven: int) -> bool:
        stairs.lower_bound(level, proven)
        if _is_done(stairs, level):
            return True
        stairs.corner = Corner.of(run, x)
        is_crowded = int(stairs.corner.loose.sum()) > CROWD  # nothing that branching makes whole
        if is_crowded and run.model.is_one_level:
            return run.is_late()
        _between(stairs, level)
        if is_large and not _is_done(stairs, level) and not run.is_late():
            _between(stairs, level, AROUND)
        return _is_done(stairs, level) or run.is_late()

    aims = perturb(run, level) if aims is None else aims
    ladder = stairs.engine.ladder
    proven = stairs.bounds[level]
    assert proven is not None
    value = run.model.levels[level].value
    cut = cut_down(run, ladder, Separator(step.before), value, aims, proven, look)
    if cut is None:
        if ladder.model is not run.model:  # HiGHS gave up between two rounds: go on without its cuts
            stairs.engine = choose_engine(run, step.before)
        return
    stairs.adopt(level, trim(cut, len(stairs.root.equal)))
    run.tell("cut", level)


def _near_bound(stairs: Stairs, level: int) -> None:
    """Look around the corner for a plan at the bound, or as near as the wanted gap asks; lower the bound where none is."""
    run, step = stairs.run, stairs.steps[level]
    if stairs.corner is None:
        return
    stairs.attempt += 1
    for _ in range(FEW):
        proven, reached = stairs.bounds[level], run.values[level]
        assert proven is not None
        if _is_done(stairs, level) or proven - reached > FEW * step.grain or run.is_late():
            return
        aim = max(reached + step.grain, proven)
        verdict = search_face(
            run, stairs.face(step, level, aim), stairs.corner, level, proven, stairs.attempt % RINGS
        )
        if verdict != "empty":
            return
        stairs.lower_bound(level, aim - step.grain)


def _few(stairs: Stairs, level: int, most: int = SMALL) -> None:
    """Decide all that could still raise ``level`` where that is at most so many columns."""
    if _count_raising(stairs, level) <= most:
        _whole(stairs, level)


def _quick(stairs: Stairs, level: int) -> None:
    """Decide all that could still raise ``level`` where that is decided at once."""
    _few(stairs, level, QUICK)


def _count_raising(stairs: Stairs, level: int) -> int:
    """How many columns a plan that is better on ``level`` may choose from."""
    step = stairs.steps[level]
    return count_open(stairs.face(step, level, stairs.run.values[level] + step.grain))


def _whole(stairs: Stairs, level: int) -> None:
    """Decide all that could still raise ``level``."""
    run, step, proven = stairs.run, stairs.steps[level], stairs.bounds[level]
    assert proven is not None
    found = search_whole(run, stairs.face(step, level, run.values[level]), level, proven)
    if found is not None:
        stairs.lower_bound(level, found)
