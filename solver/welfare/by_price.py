"""A night by prices: prices settle nearly everybody, the others are decided region by region, a few times over.

For nights with one sum level whatever their size, and for a city on all levels. The bound comes from the prices, over all
columns; the plan from regions that keep each other's room, so it only gets better from pass to pass. Passes are cut
differently, so that a border of one lies inside a region of the next. Improvement stops by counted passes or at the gap.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.descent import go_down
from solver.welfare.doubt import Losses, find_doubt, find_losses, guess, take_part
from solver.welfare.engines import choose_engine
from solver.welfare.greedy import fill
from solver.welfare.prices import find_prices
from solver.welfare.regions import Region, cut_regions
from solver.welfare.relax import Bound, Relaxation, bound
from solver.welfare.rounding import LOOSE, Trail, round_levels
from solver.welfare.state import OutOfTime, Run
from solver.welfare.workers import run_tasks

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.params import Stop

MARGINS = (30.0, 30.0, 60.0)  # temperatures that a choice may lose and still be open, pass by pass
SHARES = (0.5, 0.35, 0.65)  # of the weight before a cut, pass by pass
REGION = 12_000  # open columns of a region: a corner is found within a second
FINEST = 1e-5  # part of the value below which a region's loss is not worth a search
PROOF = 40  # steps between two bounds while prices are sought
CRUMB = 1e-4  # of a unit: less is no fraction
TASTE = 0.01  # part of the value itself beside what prices leave of it: who brings more comes first among equals


def solve_by_price(run: Run) -> None:
    """Bound the first level and improve the plan at hand; raises `OutOfTime` with what it has."""
    model = run.model
    root = Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )
    value = model.levels[0].value

    def watch(step: int, prices: Floats) -> None:
        run.seconds_left()
        if step % PROOF == PROOF - 1:
            _note(run, bound(root, value, prices))
            run.tell("prices", 0)

    priced = find_prices(model, value, watch)
    found = bound(root, value, priced.prices)
    _note(run, found)
    if found is None:
        return
    losses = find_losses(model, found)
    worth = found.reduced / found.scale + TASTE * value
    settled = guess(model, losses, MARGINS[0] * priced.temperature)
    run.offer(fill(model, worth, settled))
    run.tell("prices", 0)
    for number in range(len(MARGINS)):
        if run.chosen is None or is_near(run):
            return
        _improve(run, losses, priced.temperature, number)
        run.offer(fill(model, worth, run.chosen))
        run.tell("regions", 0, (number + 1) / len(MARGINS))


def is_near(run: Run) -> bool:
    """Whether the first level is proven within the wanted gap."""
    reached, proven = run.values[0], run.bounds[0]
    return proven is not None and abs(proven - reached) <= run.params.gap * max(1, abs(reached))


def _note(run: Run, found: Bound | None) -> None:
    """Keep a bound of the first level and its prices."""
    if found is None:
        return
    total, old = found.total // found.scale, run.bounds[0]
    run.bounds[0] = total if old is None else min(old, total)
    run.prices = np.zeros(0)
    run.note_prices(found.prices / found.scale)


def _improve(run: Run, losses: Losses, temperature: float, number: int) -> None:
    """Decide anew, region by region, who is in doubt: pass ``number``."""
    model, before = run.model, run.chosen
    assert before is not None
    doubt = find_doubt(model, losses, MARGINS[number] * temperature, before)
    regions = cut_regions(model, doubt, losses, before, REGION, SHARES[number])
    allowed = 0.5 * max(run.params.gap, FINEST) * abs(run.values[0]) / max(1, len(doubt.columns))
    parent, told = os.getpid(), [0]

    def decide(at: int) -> Ints | None:
        region = regions[at]
        return _decide(run, region, before, allowed * len(region.columns), lambda: os.getppid() != parent)

    def watch(done: int) -> None:
        run.seconds_left()
        if done > told[-1]:
            told.append(done)
            run.tell("regions", 0, (number + done / len(regions)) / len(MARGINS))

    plans = (
        [_decide(run, regions[0], before, allowed * len(regions[0].columns), run.stop)]
        if len(regions) == 1
        else run_tasks(decide, len(regions), watch)
    )
    whole = before.copy()
    for region, plan in zip(regions, plans, strict=True):
        if plan is not None:
            whole[region.units] = plan
    run.offer(whole)


def _decide(run: Run, region: Region, before: Ints, allowed: float, stop: Stop | None) -> Ints:
    """Return the best columns found for a region's units, -1 for none; it may lose ``allowed`` against its optimum."""
    model, _ = take_part(run.model, region.units, region.columns, region.room)
    own = before[region.units]
    own = np.where(own >= 0, np.searchsorted(region.columns, own), -1)
    inner = Run(model, run.params, stop=stop, began=run.began)
    inner.offer(own)
    gap = allowed / max(1, abs(inner.values[0]))
    inner.params = dataclasses.replace(run.params, gap=gap)
    try:
        if len(model.levels) == 1:
            _round(inner)
        else:
            go_down(inner)
    except OutOfTime:
        pass  # the best so far is the answer
    assert inner.chosen is not None
    return np.where(inner.chosen >= 0, region.columns[inner.chosen], -1)


def _round(run: Run) -> None:
    """One relaxation and the plans near its corner."""
    model = run.model
    root = Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )
    engine = choose_engine(run, root)
    value = model.levels[0].value
    x, found = engine.relax(root, value, run.values[0])
    if x is None or found is None:
        return  # the plan at hand is the best already
    if int(((x > CRUMB) & (x < 1 - CRUMB)).sum()) > 2 * LOOSE:
        other = engine.shake(root)
        x = x if other is None else other
    loss = (np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced) / found.scale
    trail = Trail.start(model.columns)
    trail.note(0, loss > CRUMB, loss)
    worth = found.reduced / found.scale + TASTE * value
    round_levels(run, trail, x, [found.total // found.scale], worth)
