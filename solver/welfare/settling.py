"""Close the levels that rounding left open: cut, guess how near to its bound the optimum lies, and decide what that leaves.

Where amounts are mixed the relaxation lies far above all whole plans, and nobody is settled; so rows that only whole columns
keep come first (`covers.py`). Reduced-cost fixing leaves less the nearer a plan is to the bound. So first only plans within
a small part of the gap are looked for, then twice that, and so on: each search either finds a better plan or lowers the
bound to its guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.blocks import Block
from solver.welfare.core import Core, CoreAnswer, solve_core
from solver.welfare.covers import RowSeparator
from solver.welfare.cutting import cut_down, trim
from solver.welfare.faces import NEAR_ENOUGH, choices, count_open
from solver.welfare.ladder import Ladder
from solver.welfare.neighbourhoods import improve_by_rows
from solver.welfare.proofs import is_closed, prove, weigh
from solver.welfare.relax import Bound, Relaxation, bound, tighten

if TYPE_CHECKING:
    from solver.arrays import Floats
    from solver.welfare.state import Run

BRANCH = 2_500  # units with a choice up to which all of them are decided at once
FEW = 120  # columns that branching decides in a moment
NODES = 2_000
CUT = 800  # columns with a choice above which a level is cut; fewer are decided as quickly
DIRECT = 450  # columns that need no guess
NEARLY, LARGE = 200, 1_200  # columns of the first guess, and of the last that has a chance to end
FIRST_NODES = 60  # of the branching that comes before neighbourhoods where clauses did not end
WIDE = 3_000  # columns that clauses are tried on
GUESS, PROOF = 1.0, 10.0  # deterministic seconds of one guess, and of the last one
WHOLE = 20.0  # the same of all that is left where it is too much for guesses
BRANCHING = 0.0  # the other way: what clauses leave open may yield to cuts


def settle(
    run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]], prices: list[Floats]
) -> None:
    """Raise plan and lower bounds of a block level by level; each reached value binds the next."""
    kept = list(floors)
    for i, level in enumerate(block.levels):
        if not is_closed(run, level):
            run.share_out(len(run.model.levels) - level)
            upto = Block(block.levels[: i + 1], block.weights[: i + 1])
            _settle_last(run, relaxation, upto, kept, prices[i])
            prove(run, relaxation, block, prices)
        kept.append((level, run.values[level]))


def _settle_last(
    run: Run, relaxation: Relaxation, block: Block, kept: list[tuple[int, int]], prices: Floats
) -> None:
    found = bound(relaxation, block.cost(run.model), prices)
    if found is None:  # too large for whole prices: nothing can be left out
        _decide(run, relaxation, block, kept, None, PROOF)
        return
    if count_open(_within(relaxation, found, weigh(run, block))) > CUT:
        relaxation, found = _cut(run, relaxation, block, found)
    own, run.model = run.model, relaxation.model
    try:
        _close(run, relaxation, block, kept, found)
    finally:
        run.model = own


def _cut(run: Run, relaxation: Relaxation, block: Block, found: Bound) -> tuple[Relaxation, Bound]:
    """Return a block's relaxation with the rows that only whole columns keep, and its bound."""
    value, noted = block.cost(run.model), run.prices
    ladder, proven = Ladder(run, relaxation), found.total // found.scale
    cut = cut_down(
        run,
        ladder,
        RowSeparator(relaxation),
        value,
        value.astype(np.float64),
        proven,
        lambda _x, _proven: run.is_late(),
    )
    run.prices = noted  # a block's are weighted
    if cut is None:
        return relaxation, found
    cut = trim(cut, len(run.model.rhs))
    _lower(run, block, cut.found.total // cut.found.scale)
    return cut.relaxation, cut.found


def _close(run: Run, relaxation: Relaxation, block: Block, kept: list[tuple[int, int]], found: Bound) -> None:
    """Raise the last level of a block, or lower its bound, until both meet: guesses, neighbourhoods, and all that is left."""
    level = block.levels[-1]
    _guess(run, relaxation, block, kept, found)
    if is_closed(run, level):
        return
    before = run.values[level]
    least = weigh(run, block)
    trial = _within(relaxation, found, least)
    size = count_open(trial)
    if size <= LARGE:
        _decide(run, trial, block, kept, least, BRANCHING, FIRST_NODES)
    elif size <= WIDE:
        _decide(run, trial, block, kept, least, WHOLE)
    if is_closed(run, level):
        return
    improve_by_rows(run, relaxation, found, level, kept)
    for work in (PROOF, BRANCHING):
        least = weigh(run, block)
        trial = _within(relaxation, found, least)
        has_chance = work == BRANCHING or (run.values[level] > before and count_open(trial) <= WIDE)
        if not is_closed(run, level) and has_chance:
            _decide(run, trial, block, kept, least, work)


def _guess(run: Run, relaxation: Relaxation, block: Block, kept: list[tuple[int, int]], found: Bound) -> None:
    """Decide what is left within a guessed gap, twice as wide until a better plan is found; then within its own.

    A wider guess that leaves the same is not searched again: what was said of it holds, and what is outside weighs less.
    The last one is, with more work, unless all was said: nothing fits, or nothing better than the plan.
    """
    level = block.levels[-1]
    top = found.total // found.scale
    guess = top - weigh(run, block)
    is_wide = count_open(_within(relaxation, found, weigh(run, block))) > DIRECT
    while is_wide and guess > 0 and count_open(_within(relaxation, found, top - guess)) > NEARLY:
        guess //= 2
    last: Relaxation | None = None
    answer = CoreAnswer(None)
    while not is_closed(run, level):
        least = max(top - guess, weigh(run, block))
        is_last = least == weigh(run, block)
        trial = _within(relaxation, found, least)
        if count_open(trial) > LARGE:
            break
        before = run.values[level]
        is_said = answer.impossible or answer.bounds == [before]
        if last is None or not _is_same(trial, last) or (is_last and not is_said):
            answer, last = _search(run, trial, block, kept, PROOF if is_last else GUESS), trial
        _conclude(run, block, least, answer)
        if is_last:
            break
        guess = max(1, 2 * guess) if run.values[level] == before else top - weigh(run, block)


def _is_same(one: Relaxation, two: Relaxation) -> bool:
    """Whether two relaxations of one night, with the same levels kept, leave the same."""
    return bool(
        (one.active == two.active).all() and (one.must == two.must).all() and (one.equal == two.equal).all()
    )


def _within(relaxation: Relaxation, found: Bound, least: int) -> Relaxation:
    """Return what plans of at least ``least`` can use."""
    trial = relaxation.copy()
    tighten(trial, found, least)
    return trial


def _decide(
    run: Run,
    trial: Relaxation,
    block: Block,
    kept: list[tuple[int, int]],
    least: int | None,
    work: float,
    nodes: int = NODES,
) -> None:
    """Look for the best plan of ``trial``; what is outside weighs less than ``least`` (None: nothing is)."""
    _conclude(run, block, least, _search(run, trial, block, kept, work, nodes))


def _search(
    run: Run,
    trial: Relaxation,
    block: Block,
    kept: list[tuple[int, int]],
    work: float,
    nodes: int = NODES,
) -> CoreAnswer:
    """Look for the best plan of ``trial`` on a block's last level, and offer it."""
    model = run.model
    open_units = choices(trial)
    if int(open_units.sum()) > BRANCH:
        return CoreAnswer(None)
    settled = np.full(model.units, -1, dtype=np.int64)
    single = np.flatnonzero(trial.active & ~open_units[model.column_unit])
    settled[model.column_unit[single]] = single
    level = block.levels[-1]
    is_last = level + 1 == len(model.levels)  # what another one leaves open loosens the bounds below it
    slack = NEAR_ENOUGH * run.params.gap * abs(run.values[level]) if is_last else 0.0
    work = BRANCHING if count_open(trial) <= FEW else work
    core = Core(open_units, trial, settled, run.chosen, slack=slack, work=work)
    answer = solve_core(run, core, [level], kept, nodes)
    if answer.chosen is not None:
        run.offer(answer.chosen)
    return answer


def _conclude(run: Run, block: Block, least: int | None, answer: CoreAnswer) -> None:
    """Lower the bound to the larger of what a search proved and what is outside of it."""
    inside = answer.bounds[0] if answer.bounds else None
    if inside is None and not answer.impossible:
        return
    earlier, weight = _weigh_earlier(run, block), block.weights[-1]
    proven = [] if inside is None else [earlier + weight * inside]
    proven += [] if least is None else [least - 1]
    if proven:
        _lower(run, block, max(proven))


def _lower(run: Run, block: Block, total: int) -> None:
    """Lower the bound of a block's last level: no plan weighs more than ``total`` on the block."""
    level = block.levels[-1]
    proven, old = (total - _weigh_earlier(run, block)) // block.weights[-1], run.bounds[level]
    run.bounds[level] = proven if old is None else min(proven, old)


def _weigh_earlier(run: Run, block: Block) -> int:
    return weigh(run, Block(block.levels[:-1], block.weights[:-1]))
