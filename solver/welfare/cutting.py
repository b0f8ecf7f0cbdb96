"""Cut, solve, cut again: the bound of a level comes down and its corner becomes whole, a few simplex steps a round.

The objective is the level with all later sum levels behind it at weights that decide between equal corners only, so the
corner that comes out is nearly whole on all of them (or with the plan at hand behind it); the bound is taken at the end from the level alone, in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.cuts import Separator, keep_rows, with_cuts
from solver.welfare.relax import Bound, Relaxation, bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats, Ints
    from solver.welfare.ladder import Ladder
    from solver.welfare.state import Run

ROUNDS = 8
STEPS = 6_000  # of the simplex method a round; one that needs more goes in circles
PATIENCE = 3  # rounds that left the objective where it was before the loop ends
BEHIND = 3e-3  # what all of the next level may weigh against one of this one, a column
FADING = 50.0  # how much less each later level weighs
STILL = 1e-6


@dataclass(frozen=True)
class Cut:
    """``relaxation`` with the cuts as rows, ``found``: the level's bound over it, ``x`` float64[C]: the last corner."""

    relaxation: Relaxation
    found: Bound
    x: Floats


def cut_down(
    run: Run,
    ladder: Ladder,
    before: Relaxation,
    level: int,
    aims: Floats,
    look: Callable[[Floats], bool] | None = None,
) -> Cut | None:
    """Cut the relaxation of a sum level; ``run.model`` gets the rows. None where nothing was cut or HiGHS gave up.

    ``aims`` float64[C]: the level's values and, far behind, what tells between corners. ``look(x)`` is asked at each corner
    x (float64[C]); cutting ends where it returns True.
    """
    value = run.model.levels[level].value
    corner = ladder.solve(before, aims)
    if corner is None:
        return None
    relaxation, reached, still, rounds = before, np.inf, 0, 0
    separator = Separator(before)
    while rounds < ROUNDS and still < PATIENCE:
        if look is not None and look(corner.x):
            break
        now = float(aims @ corner.x)
        still = 0 if now < reached - STILL else still + 1
        reached = min(reached, now)
        tableau = ladder.tableau(relaxation, corner.x)
        cuts = separator.separate(relaxation, corner.x, tableau, ladder.sure)
        if cuts is None:
            break
        run.model = with_cuts(run.model, cuts)
        full = np.concatenate([relaxation.equal, np.zeros(len(cuts.rhs), dtype=np.bool_)])
        relaxation = Relaxation(run.model, relaxation.active, relaxation.must, full, relaxation.level_rows)
        ladder.cut(cuts)
        solved = ladder.solve(relaxation, aims, STEPS)
        rounds += 1
        if solved is None:
            break
        corner = solved
    alone = ladder.solve(relaxation, value) if rounds else None
    found = None if alone is None else bound(relaxation, value, alone.prices)
    if found is None:
        return None
    run.note_prices(found.prices / found.scale)
    return Cut(relaxation, found, corner.x)


def trim(run: Run, cut: Cut, own: int) -> Cut:
    """Let go of the cuts (rows from ``own`` on) that have no price and that the corner does not touch."""
    model, relaxation, prices = run.model, cut.relaxation, cut.found.prices
    rows = len(model.rhs)
    loose = (model.rhs - model.matrix @ cut.x > STILL) & (prices[:rows] == 0)
    loose[:own] = False
    kept = np.flatnonzero(~loose)
    run.model = keep_rows(model, kept)
    smaller = Relaxation(
        run.model, relaxation.active, relaxation.must, relaxation.equal[kept], relaxation.level_rows
    )
    prices = np.concatenate([prices[kept], prices[rows:]])
    return Cut(smaller, replace(cut.found, prices=prices), cut.x)


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
