"""A night by prices: prices settle nearly everybody, the others are decided region by region, a few times over.

For large nights with one sum level, and for a city whatever its levels. The bound of the first level comes from the
prices, over all columns. The plan comes from regions that keep out of each other's room, so it only gets better from
pass to pass; each pass is cut differently: a border of one lies inside a region of the next. On several levels prices
settle nobody, and a level below the first has the bound that costs nothing. Improvement stops by counted passes.
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
from solver.welfare.workers import count_cores, run_tasks

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.params import Stop
    from solver.welfare.model import Model

PRICED = 20_000  # columns of a night with one level
CITY = 400_000
MARGINS = (30.0, 30.0, 60.0)  # temperatures that a choice may lose and still be open, pass by pass
SHARES = (0.5, 0.35, 0.65)  # of the weight before a cut, pass by pass
REGION = 12_000  # open columns of a region: a corner is found within a second
WIDE_REGION = 30_000  # on several levels, where everybody is open
FINEST = 1e-5  # part of the value below which a region's loss is not worth a search
PROOF = 40  # steps between two bounds while prices are sought
CRUMB = 1e-4  # of a unit: less is no fraction
TASTE = 0.01  # part of the value itself beside what prices leave of it: who brings more comes first among equals


def is_for_prices(model: Model) -> bool:
    """Whether a night is decided by prices: one sum level above `PRICED` columns, anything above `CITY`."""
    one_sum = len(model.levels) == 1 and not model.levels[0].worst
    return model.columns > (PRICED if one_sum else CITY)


def solve_by_price(run: Run) -> None:
    """Bound all levels and improve the plan at hand; raises `OutOfTime` with what it has."""
    model = run.model
    root = Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )
    sums = [i for i, level in enumerate(model.levels) if not level.worst]
    _bound_freely(run, root)
    if not sums:
        return  # without a sum, placing only who must be placed is as good as anything
    first = sums[0]
    value = model.levels[first].value

    def watch(step: int, prices: Floats) -> None:
        run.seconds_left()
        if step % PROOF == PROOF - 1:
            _note(run, first, bound(root, value, prices))
            run.tell("prices", first)

    priced = find_prices(model, value, watch)
    found = bound(root, value, priced.prices)
    if found is None:
        return
    _note(run, first, found)
    losses = find_losses(model, found)
    worth = found.reduced / found.scale + TASTE * value
    if len(model.levels) == 1:
        run.offer(fill(model, worth, guess(model, losses, MARGINS[0] * priced.temperature)))
        run.tell("prices", first)
    for number in range(len(MARGINS)):
        if run.chosen is None or is_near(run):
            return
        _improve(run, losses, priced.temperature, number)
        run.offer(fill(model, worth, run.chosen))
        _bound_freely(run, root)
        run.tell("regions", first, (number + 1) / len(MARGINS))


def is_near(run: Run) -> bool:
    """Whether all levels are proven within the wanted gap."""
    return all(
        proven is not None and abs(proven - reached) <= run.params.gap * max(1, abs(reached))
        for reached, proven in zip(run.values, run.bounds, strict=True)
    )


def _bound_freely(run: Run, root: Relaxation) -> None:
    """Give every level without a bound the one that costs nothing: everybody takes what is best for it.

    It holds for all plans, so also for those no worse on earlier levels.
    """
    for level, each in enumerate(run.model.levels):
        if each.worst:
            run.bounds[level] = 0
        elif run.bounds[level] is None:
            found = bound(root, each.value, np.zeros(len(run.model.rhs)))
            run.bounds[level] = None if found is None else found.total // found.scale


def _note(run: Run, level: int, found: Bound | None) -> None:
    """Keep a bound of the first sum level and its prices."""
    if found is None:
        return
    total, old = found.total // found.scale, run.bounds[level]
    run.bounds[level] = total if old is None else min(old, total)
    run.prices = np.zeros(0)
    run.note_prices(found.prices / found.scale)


def _improve(run: Run, losses: Losses, temperature: float, number: int) -> None:
    """Decide anew, region by region, who is in doubt: pass ``number``."""
    before = run.chosen
    assert before is not None
    one = len(run.model.levels) == 1
    doubt = find_doubt(run.model, losses, MARGINS[number] * temperature if one else np.inf, before)
    limit = REGION if one else WIDE_REGION
    regions = cut_regions(run.model, doubt, losses, before, limit, SHARES[number])
    left = run.seconds_left()
    # One level needs a second or two; several take what they are given.
    seconds = left if one else left * min(count_cores(), len(regions)) / max(1, len(regions) * (3 - number))
    allowed = 0.5 * max(run.params.gap, FINEST) * abs(run.values[0]) / max(1, len(doubt.columns))
    parent, told = os.getpid(), [0]

    def decide(at: int) -> tuple[Ints, bool]:
        gone = None if len(regions) == 1 else lambda: os.getppid() != parent
        return _decide(run, regions[at], seconds, allowed * len(regions[at].columns), gone)

    def watch(done: int) -> None:
        run.seconds_left()
        if done > told[-1]:
            told.append(done)
            run.tell("regions", 0, (number + done / len(regions)) / len(MARGINS))

    # A single region needs no child: the run's own stop is asked inside.
    answers = [decide(0)] if len(regions) == 1 else run_tasks(decide, len(regions), watch)
    whole = before.copy()
    for region, answer in zip(regions, answers, strict=True):
        if answer is not None:
            whole[region.units] = answer[0]
            run.late |= answer[1]
    run.offer(whole)


def _decide(
    run: Run, region: Region, seconds: float, allowed: float, stop: Stop | None
) -> tuple[Ints, bool]:
    """Return the best columns found for a region's units (-1: none), and whether time cut the search.

    It may lose ``allowed`` against its optimum.
    """
    assert run.chosen is not None
    model = take_part(run.model, region.units, region.columns, region.room)
    own = run.chosen[region.units]
    own = np.where(own >= 0, np.searchsorted(region.columns, own), -1)
    inner = Run(model, dataclasses.replace(run.params, time_limit=seconds), stop=stop or run.stop)
    inner.offer(own)
    inner.params = dataclasses.replace(inner.params, gap=allowed / max(1, abs(inner.values[0])))
    try:
        if len(model.levels) == 1:
            _round(inner)
        else:
            go_down(inner)
    except OutOfTime:
        inner.late = True
    assert inner.chosen is not None
    return np.where(inner.chosen >= 0, region.columns[inner.chosen], -1), inner.late


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
