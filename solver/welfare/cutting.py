"""Cut, solve, cut again: the bound of a level comes down and its corner becomes whole, a few simplex steps a round.

The objective is the level with all later sum levels behind it at weights that decide between equal corners only, so the
corner that comes out is nearly whole on all of them (or with the plan at hand behind it); the bound is taken at the end from the level alone, in whole numbers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.cuts import keep_rows, with_cuts
from solver.welfare.relax import bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats, Ints
    from solver.welfare.cuts import Cuts, Separator
    from solver.welfare.ladder import Basis, Corner, Ladder
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run

STEPS = 6_000  # of the simplex method a round; one that needs more goes in circles
PATIENCE = 3  # rounds that left the objective where it was before the loop ends
BEHIND = 3e-3  # what all of the next level may weigh against one of this one, a column
FADING = 50.0  # how much less each later level weighs
STILL = 1e-6


@dataclass(frozen=True)
class Cut:
    """``relaxation`` of a night with the cuts as rows, ``found``: the level's bound over it.

    ``x`` float64[C]: the last corner; ``basis``: the one that prices the level, there or nearby.
    """

    relaxation: Relaxation
    found: Bound
    x: Floats
    basis: Basis


def cut_down(
    run: Run,
    ladder: Ladder,
    separator: Separator,
    value: Ints,
    aims: Floats,
    proven: int,
    look: Callable[[Floats, int], bool],
) -> Cut | None:
    """Cut the relaxation of ``separator`` for a sum level; the cuts stay in ``ladder``. None where nothing was cut or HiGHS gave up.

    ``value`` int64[C]: the level's; ``aims`` float64[C]: the same and, far behind, what tells between corners; ``proven``: the level's bound so far.
    ``look(x, proven)`` is asked at each corner x (float64[C]) with the bound there, while that corner's cuts are sought in a
    thread of their own; cutting ends where it returns True, and after the separator's rounds.
    """
    before = separator.relaxation
    corner = ladder.solve(before, aims)
    if corner is None:
        return None
    relaxation, reached, still, rounds, tried = before, np.inf, 0, 0, proven
    with ThreadPoolExecutor(1) as beside:
        while rounds < separator.rounds and still < PATIENCE:
            seen = int(np.floor(float(value @ corner.x) + STILL))
            if seen < tried:  # the bound may have come down: a search that aims lower ends sooner
                tried = seen
                lower = _prove(ladder, relaxation, value)
                again = None if lower is None else ladder.solve(relaxation, aims, STEPS)
                if lower is None or again is None:
                    break
                proven, corner = min(proven, lower.total // lower.scale), again
            seeking = beside.submit(_seek, separator, ladder, relaxation, corner)
            is_enough = look(corner.x, proven)
            now = float(aims @ corner.x)
            still = 0 if now < reached - STILL else still + 1
            reached = min(reached, now)
            cuts = seeking.result()
            if is_enough or cuts is None:
                break
            relaxation = add_cuts(relaxation, cuts)
            ladder.cut(cuts, relaxation.model)
            solved = ladder.solve(relaxation, aims, STEPS)
            rounds += 1
            if solved is None:
                break
            corner = solved
    found = _prove(ladder, relaxation, value) if rounds else None
    if found is None:
        return None
    run.note_prices(found.prices / found.scale)
    return Cut(relaxation, found, corner.x, ladder.basis())


def _seek(separator: Separator, ladder: Ladder, relaxation: Relaxation, corner: Corner) -> Cuts | None:
    """The cuts that a corner breaks; nothing but the ladder's basis is read, and nobody else is told anything."""
    tableau = ladder.tableau(relaxation, corner.x)
    return separator.separate(relaxation, corner.x, tableau, ladder.sure)


def _prove(ladder: Ladder, relaxation: Relaxation, value: Ints) -> Bound | None:
    """The level's bound from the level alone, in whole numbers; the corner at hand is left for one that is best on it."""
    alone = ladder.solve(relaxation, value)
    return None if alone is None else bound(relaxation, value, alone.prices)


def add_cuts(relaxation: Relaxation, cuts: Cuts) -> Relaxation:
    """Return the same with the cuts as rows of its night."""
    equal = np.concatenate([relaxation.equal, np.zeros(len(cuts.rhs), dtype=np.bool_)])
    return replace(relaxation, model=with_cuts(relaxation.model, cuts), equal=equal)


def trim(cut: Cut, own: int) -> Cut:
    """Let go of the cuts (rows from ``own`` on) that have no price and that the corner does not touch."""
    model, prices, basis = cut.relaxation.model, cut.found.prices, cut.basis
    rows = len(model.rhs)
    loose = (model.rhs - model.matrix @ cut.x > STILL) & (prices[:rows] == 0)
    loose[:own] = False
    kept = np.flatnonzero(~loose)
    relaxation = replace(cut.relaxation, model=keep_rows(model, kept), equal=cut.relaxation.equal[kept])
    found = replace(cut.found, prices=np.concatenate([prices[kept], prices[rows:]]))
    return Cut(relaxation, found, cut.x, replace(basis, rows=basis.rows[kept]))


def perturb(run: Run, level: int) -> Floats:
    """float64[C]: a level's values, and behind them those of the later sum levels."""
    levels = run.model.levels
    aims, weight = _weigh(levels[level].value)
    for later in levels[level + 1 :]:
        largest = float(np.abs(later.value).max(initial=0))
        if not later.worst and largest > 0:
            aims = aims + weight / largest * later.value
            weight /= FADING
    return aims


def lean(run: Run, level: int, chosen: Ints) -> Floats:
    """float64[C]: a level's values, and behind them the columns of a plan (int64[U])."""
    aims, weight = _weigh(run.model.levels[level].value)
    aims[chosen[chosen >= 0]] += weight / FADING
    return aims


def _weigh(value: Ints) -> tuple[Floats, float]:
    """A level's values, and what a column may weigh behind them."""
    aims = value.astype(np.float64)
    grain = float(np.abs(aims[aims != 0]).min(initial=np.inf))
    return aims, BEHIND * (grain if np.isfinite(grain) else 1.0)
