"""One block of sum levels of a small night: relax, prove, round, settle; then only what is still possible is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.basis import Infeasible, solve_relaxation
from solver.welfare.blocks import make_blocks
from solver.welfare.core import Core, solve_core
from solver.welfare.near import neighbours
from solver.welfare.proofs import is_closed, prove, weigh
from solver.welfare.relax import Bound, LevelRow, Relaxation, bound, tighten
from solver.welfare.settling import Closing, settle
from solver.welfare.state import NothingFound

if TYPE_CHECKING:
    from solver.arrays import Floats
    from solver.welfare.blocks import Block
    from solver.welfare.state import Run

CORES = (0, 30)  # units that are decided anew beside the fractional ones
NODES = 200
EASY = 20  # units up to which branching ends in a moment
WORK = 0.3  # deterministic seconds of a core beyond that


def close_block(run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]]) -> None:
    """Plan and prove one block of sum levels; then shrink the relaxation to what is still possible."""
    try:
        solved = solve_relaxation(run, relaxation, block)
    except Infeasible:
        if run.chosen is None:
            raise
        solved = None  # there is a plan: numbers were too large for the library
    if solved is None:
        return
    x, prices = solved
    run.tell("relaxation", block.levels[0])
    last = bound(relaxation, block.cost(run.model), prices[-1])
    earlier = np.zeros(len(prices[0]))
    for weight, each in zip(block.weights, prices, strict=True):
        run.note_prices((each - earlier) / weight)
        earlier = each
    if run.chosen is not None:
        prove(run, relaxation, block, prices)  # a bound at once, whatever the search takes
    round_plan(run, relaxation, block, floors, x, last)
    if run.chosen is None:
        raise NothingFound
    proofs = prove(run, relaxation, block, prices)
    if not all(is_closed(run, level) for level in block.levels):
        settle(run, relaxation, block, floors, prices)
        proofs = prove(run, relaxation, block, prices)
    for level in block.levels:
        floors.append((level, run.values[level]))
        run.tell("proved", level)
    if proofs is None or not tighten(relaxation, proofs, weigh(run, block)):
        relaxation.level_rows += [
            LevelRow(level, run.model.levels[level].value, run.values[level]) for level in block.levels
        ]


def raise_briefly(run: Run) -> None:
    """Raise the plan at hand on the first block by a relaxation and short searches: for a region, one of many."""
    relaxation, block = Relaxation.whole(run.model), make_blocks(run.model)[0]
    try:
        solved = solve_relaxation(run, relaxation, block)
    except Infeasible:
        return  # there is a plan: numbers were too large for the library
    if solved is None:
        return
    x, prices = solved
    found = prove(run, relaxation, block, prices)
    round_plan(run, relaxation, block, [], x, found)
    level = block.levels[-1]
    if found is not None and not is_closed(run, level):
        Closing(run, block, [], together=False, is_brief=True).close(relaxation, prices[-1])


def round_plan(
    run: Run,
    relaxation: Relaxation,
    block: Block,
    floors: list[tuple[int, int]],
    x: Floats,
    last: Bound | None,
) -> None:
    """Keep what the relaxation settled, decide the rest exactly with growing neighbourhoods."""
    model = run.model
    settled = np.full(model.units, -1, dtype=np.int64)
    ones = np.flatnonzero(x > 1 - 1e-6)
    settled[model.column_unit[ones]] = ones
    fractional = np.zeros(model.units, dtype=np.bool_)
    fractional[model.column_unit[(x > 1e-6) & (x <= 1 - 1e-6)]] = True
    fractional |= model.unit_must & (settled < 0)
    target = None if last is None else last.total // last.scale
    for size in CORES:
        run.seconds_left()
        free = fractional | neighbours(run, relaxation, fractional, last, size)
        work = WORK if int(free.sum()) > EASY else 0.0
        core = Core(free, relaxation, settled, work=work)
        found = solve_core(run, core, block.levels, floors, NODES)
        if found.chosen is not None:
            run.offer(found.chosen)
        if run.values and target is not None and weigh(run, block) >= target:
            break
        if not fractional.any() and found.chosen is not None:
            break
