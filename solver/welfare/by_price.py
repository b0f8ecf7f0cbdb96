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

from solver.welfare.blockwise import raise_briefly
from solver.welfare.core import Core, solve_core
from solver.welfare.descent import go_down
from solver.welfare.doubt import Losses, find_doubt, find_losses, guess, take_part
from solver.welfare.engines import Inner, KeptBasis, choose_engine, find_corner_near_plan
from solver.welfare.faces import Corner
from solver.welfare.greedy import fill
from solver.welfare.ladder import Start
from solver.welfare.mending import mend
from solver.welfare.prices import find_prices
from solver.welfare.proofs import prove_freely
from solver.welfare.regions import Region, cut_regions
from solver.welfare.relax import Bound, Relaxation, bound
from solver.welfare.rounding import CROWD, LOOSE, ROUNDING, Trail, enter
from solver.welfare.searches import WORK
from solver.welfare.state import OutOfTime, Run, is_feasible, picked
from solver.welfare.workers import count_cores, run_tasks

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.params import Stop
    from solver.welfare.model import Model

PRICED = 4_000  # columns of a night with one level above which prices are the quicker way
CITY = 400_000  # columns above which level by level over the whole night takes too long
MARGINS = (30.0, 30.0, 60.0)  # temperatures that a choice may lose and still be open, pass by pass
SHARES = (0.5, 0.35, 0.65)  # of the weight before a cut, pass by pass
REGION = 12_000  # open columns of a region: a corner is found within a second
MIXED_REGION = 4_000  # where amounts are mixed
SEARCHED_REGION = 2_000  # the same where it is searched, not only rounded
WIDE_REGION = 30_000  # on several levels, where everybody is open
FINEST = 1e-5  # part of the value below which a region's loss is not worth a search
PROOF = 40  # steps between two bounds while prices are sought
SIZES = (0, 60, 200, 500)  # columns that may enter beside the undecided units'
SHORT = (0, 60)  # the same where amounts are mixed or the corner is crowded: such searches are long
NODES = 200  # of a search's tree: what takes longer is left to the next pass, cut differently
PACKED = 3  # rows for each unit with a fraction in a crowded region
CRUMB = 1e-4  # of a unit: less is no fraction
AMID = 400  # units with a fraction above which x lies amid many corners that are as good
COARSE = 100  # steps of the value; a wanted gap of fewer is a coarse one
TASTE = 0.01  # part of the value itself beside what prices leave: who brings more comes first among equals


def is_for_prices(model: Model) -> bool:
    """Whether a night is decided by prices: one sum level above `PRICED` columns, anything above `CITY`."""
    one_sum = model.is_one_level and not model.levels[0].worst
    return model.columns > (PRICED if one_sum else CITY)


def solve_by_price(run: Run) -> None:
    """Bound all levels and improve the plan at hand; raises `OutOfTime` with what it has."""
    model = run.model
    root = Relaxation.whole(model)
    sums = [i for i, level in enumerate(model.levels) if not level.worst]
    prove_freely(run, root)
    if not sums:
        return  # without a sum, placing only who must be placed is as good as anything
    first = sums[0]
    value = model.levels[first].value

    def watch(step: int, prices: Floats) -> None:
        run.seconds_left()
        if step % PROOF == PROOF - 1:
            _note(run, first, bound(root, value, prices))
            run.tell("prices", first)

    priced = find_prices(model, value, watch, run.start_prices)
    found = bound(root, value, priced.prices)
    if found is None:
        return
    _note(run, first, found)
    losses = find_losses(model, found)
    worth = found.reduced / found.scale + TASTE * value
    if model.is_one_level:
        anew = fill(model, worth, guess(model, losses, MARGINS[0] * priced.temperature, run.chosen))
        run.offer(anew)
        run.tell("prices", first)
    for number in range(len(MARGINS)):
        if run.chosen is None or is_near(run):
            return
        # Yesterday's plan is full: regions cut from it would have no room to share.
        is_warm = number == 0 and run.start_prices is not None and model.is_one_level
        before = anew if is_warm and is_feasible(model, anew) else run.chosen
        _improve(run, losses, priced.temperature, number, before)
        run.offer(fill(model, worth, run.chosen))
        prove_freely(run, root)
        run.tell("regions", first, _share_done(model, number + 1))
        # Where amounts are mixed a pass mends more than single places do: these come last.
        sharpened_after = len(MARGINS) - 1 if _is_searched(model) else 0
        if number == sharpened_after and _is_told_apart(run, value) and not is_near(run):
            _sharpen(run, root, first)


def is_near(run: Run) -> bool:
    """Whether all levels are proven within the wanted gap."""
    return all(
        proven is not None and abs(proven - reached) <= run.params.gap * max(1, abs(reached))
        for reached, proven in zip(run.values, run.bounds, strict=True)
    )


def _is_told_apart(run: Run, value: Ints) -> bool:
    """Whether prices tell choices apart on the only level: where the wanted gap is a few steps, most near ones cost nothing."""
    model = run.model
    if not model.is_one_level or model.columns > CITY:
        return False
    return run.params.gap * abs(run.values[0]) > COARSE * int(np.gcd.reduce(value))


def _sharpen(run: Run, root: Relaxation, level: int) -> None:
    """Take the bound from the relaxation itself, and mend the plan where it loses against that.

    What is left open after a pass is mostly a few places of the plan, and what prices lack to the best ones.
    """
    engine = choose_engine(run, root)
    if not isinstance(engine, Inner):
        return  # the simplex method takes longer than the passes that may do without it
    _, found = engine.relax(root, run.model.levels[level].value, run.values[level])
    _note(run, level, found)
    if found is not None and not is_near(run):
        mend(run, root, found, level, lambda: is_near(run), WORK)


def _share_done(model: Model, passes: float) -> float:
    """Part of the work that so many passes are: a night that is no city may go on level by level."""
    return passes / len(MARGINS) * (1.0 if model.columns > CITY else 0.5)


def _note(run: Run, level: int, found: Bound | None) -> None:
    """Keep a bound of the first sum level and its prices."""
    if found is None:
        return
    total, old = found.total // found.scale, run.bounds[level]
    run.bounds[level] = total if old is None else min(old, total)
    run.prices = np.zeros(0)
    run.note_prices(found.prices / found.scale)


def _improve(run: Run, losses: Losses, temperature: float, number: int, before: Ints) -> None:
    """Decide anew, region by region, who is in doubt in the plan ``before`` (int64[U]): pass ``number``."""
    one = run.model.is_one_level
    doubt = find_doubt(run.model, losses, MARGINS[number] * temperature if one else np.inf, before)
    limit = REGION if one else WIDE_REGION
    if one and run.model.is_mixed:
        limit = SEARCHED_REGION if number > 0 and _is_searched(run.model) else MIXED_REGION
    regions = cut_regions(run.model, doubt, losses, before, limit, SHARES[number])
    left = run.seconds_left()
    # One level needs a few seconds a region; several take what they are given: half of what is left, at the end all.
    seconds = left if one else left * min(count_cores(), len(regions)) / max(1, len(regions) * (3 - number))
    from_plan = number > 0  # the plan at hand is nearly the best
    allowed = 0.5 * max(run.params.gap, FINEST) * abs(run.values[0]) / max(1, len(doubt.columns))
    parent = os.getpid()
    whole, done = before.copy(), 0

    def decide(at: int) -> tuple[Ints, bool]:
        gone = None if len(regions) == 1 else lambda: os.getppid() != parent
        lost = allowed * len(regions[at].columns)
        return _decide(run, before, regions[at], seconds, lost, gone, from_plan=from_plan)

    def take(at: int, answer: tuple[Ints, bool]) -> None:
        nonlocal done
        whole[regions[at].units] = answer[0]  # regions share no unit: the order does not matter
        run.late |= answer[1]
        done += 1
        run.tell("regions", 0, _share_done(run.model, number + done / len(regions)))

    def watch() -> None:
        run.seconds_left()

    try:
        if len(regions) == 1:
            take(0, decide(0))  # no child: the run's own stop is asked inside
        else:
            # A region whose child died (of memory, say) keeps its plan: another run may decide it better.
            run.late |= bool(run_tasks(decide, len(regions), take, watch))
    finally:
        run.offer(whole)  # whatever ended early, the regions decided so far are better


def _decide(
    run: Run,
    before: Ints,
    region: Region,
    seconds: float,
    allowed: float,
    stop: Stop | None,
    *,
    from_plan: bool,
) -> tuple[Ints, bool]:
    """Return the best columns found for a region's units (-1: none), and whether time cut the search.

    It may lose ``allowed`` against its optimum; ``from_plan``: the plan at hand is a good corner to begin at.
    """
    model = take_part(run.model, region.units, region.columns, region.room)
    own = before[region.units]
    own = np.where(own >= 0, np.searchsorted(region.columns, own), -1)
    inner = Run(model, dataclasses.replace(run.params, time_limit=seconds), stop=stop or run.stop)
    inner.offer(own)
    inner.params = dataclasses.replace(inner.params, gap=allowed / max(1, abs(inner.values[0])))
    try:
        if from_plan and _is_searched(run.model):
            raise_briefly(inner)
        elif model.is_one_level:
            _round(inner, from_plan=from_plan)
        else:
            go_down(inner)
    except OutOfTime:
        inner.late = True
    assert inner.chosen is not None
    return np.where(inner.chosen >= 0, region.columns[inner.chosen], -1), inner.late


def _is_searched(model: Model) -> bool:
    """Whether regions are searched after the first pass: where amounts are mixed rounding leaves them far from their best.

    In a city that would take hours.
    """
    return model.is_one_level and model.is_mixed and model.columns <= CITY


def _round(run: Run, *, from_plan: bool) -> None:
    """One relaxation, then the units it leaves between columns exactly, with a few others: short searches only."""
    model = run.model
    root = Relaxation.whole(model)
    value = model.levels[0].value
    x = picked(model, run.chosen).astype(np.float64) if from_plan and run.chosen is not None else None
    engine = choose_engine(run, root) if x is None else KeptBasis(run, root, Start(x))
    x, found = engine.relax(root, value, run.values[0])
    if x is None or found is None:
        return  # the plan at hand is the best already
    corner = Corner.of(run, x, CRUMB)
    if not from_plan and int(corner.loose.sum()) > AMID:
        near_plan = find_corner_near_plan(run, root, value)
        corner = corner if near_plan is None else Corner.of(run, near_plan, CRUMB)
    settled, loose = corner.settled, corner.loose
    loss = (np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced) / found.scale
    trail = Trail.start(model.columns)
    trail.note(0, loss > CRUMB, loss)
    target = found.total // found.scale
    slack = run.params.gap * abs(target)
    last: Ints | None = None
    rows = int(np.count_nonzero(np.diff(model.matrix.tocsr().indptr)))
    is_crowded = int(loose.sum()) > min(CROWD, rows // PACKED)
    sizes = SHORT if is_crowded or model.is_mixed else SIZES
    work = ROUNDING if is_crowded else 0.0
    for size in sizes if int(loose.sum()) <= LOOSE else ():
        active = enter(run, trail, settled, loose, size)
        free = loose.copy()
        free[model.column_unit[active]] = True
        near = Relaxation(model, active, model.unit_must, model.equal, [])
        core = Core(free, near, settled, last, slack=slack / 2, work=work)
        answer = solve_core(run, core, [0], [], NODES)
        if answer.chosen is not None:
            run.offer(answer.chosen)
            last = answer.chosen
        if target - run.values[0] <= slack:
            return
    run.offer(fill(model, found.reduced / found.scale + TASTE * value, settled))
