"""Free everybody on a few rows, decide them anew, and keep what is better: large neighbourhood search (Shaw 1998).

First on few rows, then on more where that brings nothing. Rows are drawn by what the plan loses there against the bound's
prices. Within a neighbourhood no column is of use that loses more than all that is lost there now: reduced-cost fixing
again, for this place alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.mending import find_losses
from solver.welfare.state import picked

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.mending import Losses
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run

ROUNDS = 1_500
EVEN = 0.5  # part of the average loss that every row counts for: chance goes everywhere


@dataclass(frozen=True)
class Size:
    """How much is decided anew at once.

    ``rows``: how many are drawn, in turn; ``units``: of theirs at most; ``work``: deterministic seconds of one search.
    ``patience``: searches in a row that bring nothing before the end.
    """

    rows: tuple[int, ...]
    units: int
    work: float
    patience: int


# What a small place cannot mend a wider one may.
SIZES = (Size((2, 3, 4), 60, 0.1, 100), Size((3, 5, 7), 80, 0.2, 200))


def improve_by_rows(
    run: Run,
    face: Relaxation,
    found: Bound,
    level: int,
    floors: list[tuple[int, int]],
    rounds: int = ROUNDS,
) -> None:
    """Raise ``level`` without lowering the levels of ``floors``; ends by counted searches, ``rounds`` of each size at most."""
    assert run.chosen is not None
    rng = np.random.default_rng([run.params.entropy, level])
    own = face.copy()
    for size in SIZES:
        fruitless = 0
        for attempt in range(rounds):
            if run.values[level] == run.bounds[level] or fruitless >= size.patience or run.is_late():
                break
            losses = find_losses(run, found)
            drawn = _draw_rows(run, losses, size.rows[attempt % len(size.rows)], rng)
            free = _free_units(run, losses, drawn, size.units, rng)
            lost = int(losses.unit[free].sum() + losses.row.sum())  # rows nobody drew may be filled, too
            own.active = face.active & (_loss(run, found) <= lost) & _fits(run, free)
            own.active[run.chosen[run.chosen >= 0]] = True
            core = Core(free, own, run.chosen, run.chosen, work=size.work)
            answer = solve_core(run, core, [level], floors, 0)
            is_better = answer.chosen is not None and run.offer(answer.chosen)
            fruitless = 0 if is_better else fruitless + 1


def _loss(run: Run, found: Bound) -> Ints:
    """int64[C]: what a column loses against the best of its unit, times the bound's scale."""
    best: Ints = np.repeat(found.unit, np.diff(run.model.unit_start))
    return best - found.reduced


def _fits(run: Run, free: Bools) -> Bools:
    """bool[C]: columns that by themselves fit into what all who are not ``free`` leave."""
    model = run.model
    assert run.chosen is not None
    others = np.zeros(model.columns, dtype=np.int64)
    others[run.chosen[(run.chosen >= 0) & ~free]] = 1
    room = np.where(model.row_resource >= 0, model.rhs - model.matrix @ others, np.iinfo(np.int64).max)
    too_large = model.matrix.data > room[model.matrix.indices]
    fits = np.ones(model.columns, dtype=np.bool_)
    fits[np.repeat(np.arange(model.columns), np.diff(model.matrix.indptr))[too_large]] = False
    return fits


def _draw_rows(run: Run, losses: Losses, count: int, rng: np.random.Generator) -> Ints:
    """Return ``count`` rows, drawn by what they and the units that use them lose."""
    model = run.model
    assert run.chosen is not None
    placed = np.flatnonzero(run.chosen >= 0)
    uses = model.matrix[:, run.chosen[placed]].astype(np.bool_).astype(np.float64)
    weight = uses @ losses.unit[placed] + losses.row
    used = np.flatnonzero(np.diff(model.matrix.tocsr().indptr) > 0)
    rows: Ints = used[_draw(weight[used], count, rng)]
    return rows


def _free_units(run: Run, losses: Losses, drawn: Ints, most: int, rng: np.random.Generator) -> Bools:
    """bool[U]: up to ``most`` units that use one of the drawn rows, or are unplaced and could."""
    model = run.model
    assert run.chosen is not None
    touching = np.zeros(model.columns, dtype=np.bool_)
    touching[model.matrix.tocsr()[drawn].indices] = True
    touching &= (run.chosen < 0)[model.column_unit] | picked(model, run.chosen)
    free = np.zeros(model.units, dtype=np.bool_)
    free[model.column_unit[touching]] = True
    many = np.flatnonzero(free)
    if len(many) > most:
        free[:] = False
        free[many[_draw(losses.unit[many].astype(np.float64), most, rng)]] = True
    return free


def _draw(weight: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Positions of ``count`` draws without replacement, the heavier ones sooner (Efraimidis and Spirakis 2006)."""
    even = EVEN * float(weight.mean()) + 1e-9
    return np.argsort(rng.exponential(size=len(weight)) / (weight + even), kind="stable")[:count]
