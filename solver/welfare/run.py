"""One night in welfare mode: block by block a relaxation, a plan rounded from it, a proof, and less left to decide."""

from __future__ import annotations

import numpy as np
from threadpoolctl import ThreadpoolController

from solver.welfare.basis import Infeasible
from solver.welfare.blocks import Block, make_blocks
from solver.welfare.blockwise import close_block
from solver.welfare.by_price import CITY, is_for_prices, is_near, solve_by_price
from solver.welfare.core import Core, solve_core
from solver.welfare.descent import go_down
from solver.welfare.exactly import close_open_levels
from solver.welfare.flow import solve_flow
from solver.welfare.greedy import fill
from solver.welfare.highs import INFINITY
from solver.welfare.proofs import prove_freely
from solver.welfare.relax import Relaxation
from solver.welfare.state import OutOfTime, Run, is_feasible
from solver.welfare.worst import close_worst

SIMPLEX = 4_000
MIXED = 12_000  # columns up to which a night of mixed amounts is a small one
# What numpy and scipy, imported above, multiply with.
LINEAR_ALGEBRA = ThreadpoolController().select(user_api="blas")


def improve(run: Run) -> None:
    """Fill ``run`` with the best plan and bounds; raises `Infeasible`; `OutOfTime` ends it early.

    Linear algebra on one thread, as it was before when done: its systems are small, so threads that wait for each other
    take three times as long; and sums that are split among them round differently from machine to machine.
    """
    with LINEAR_ALGEBRA.limit(limits=1):
        _improve(run)


def _improve(run: Run) -> None:
    model = run.model
    blocks = make_blocks(model)
    relaxation = Relaxation.whole(model)
    first_plan(run, relaxation, blocks)
    if solve_flow(run):
        return
    if is_for_prices(model):
        solve_by_price(run)
        if is_near(run) or model.columns > CITY:
            return
        if not model.is_mixed or model.columns > MIXED:
            _go_on(run)
            return
    elif model.columns > SIMPLEX:
        go_down(run)
        return
    try:
        _close_blocks(run, relaxation, blocks)
    finally:
        prove_freely(run, Relaxation.whole(model))


def _close_blocks(run: Run, relaxation: Relaxation, blocks: list[Block]) -> None:
    """Plan and prove block by block; what is left of ``relaxation`` shrinks."""
    floors: list[tuple[int, int]] = []
    for number, block in enumerate(blocks):
        run.done = number / len(blocks)
        run.share_out(len(run.model.levels) - block.levels[0])
        if block.worst:
            close_worst(run, relaxation, block, floors)
        else:
            close_block(run, relaxation, block, floors)
    if run.params.gap == 0:
        close_open_levels(run)
    run.done = 1.0


def _go_on(run: Run) -> None:
    """Go on level by level; what prices proved of the only level stays proven."""
    proven = run.bounds[0]
    try:
        go_down(run)
    finally:
        known = [each for each in (proven, run.bounds[0]) if each is not None]
        run.bounds[0] = min(known, default=None)


def first_plan(run: Run, relaxation: Relaxation, blocks: list[Block]) -> None:
    """Find any plan: must units exactly, the others greedily by the first block of sums."""
    model = run.model
    if run.chosen is not None and run.start_prices is not None:
        return  # yesterday's plan is one, and better than a greedy one
    chosen = np.full(model.units, -1, dtype=np.int64)
    if model.unit_must.any():
        sizes = np.diff(model.unit_start)
        if (model.unit_must & (sizes == 0)).any():
            raise Infeasible
        sure = np.flatnonzero(model.unit_must & (sizes == 1))
        chosen[sure] = model.unit_start[sure]
        free = (model.unit_must & (sizes > 1)) | (model.linked_units & (chosen < 0))
        core = Core(free, relaxation, chosen, slack=INFINITY)  # the first one that fits will do
        found = solve_core(run, core, [0], [], 100_000)
        if found.impossible:
            raise Infeasible
        if found.chosen is None:
            return  # not found within the work: the relaxation may still lead to one
        chosen = found.chosen
        if not is_feasible(model, chosen):
            raise Infeasible  # what is pinned alone breaks a row
    run.offer(chosen)
    score = np.zeros(model.columns)
    for block in reversed([block for block in blocks if not block.worst]):
        cost = block.cost(model).astype(np.float64)
        score = cost + score / (1.0 + 4.0 * float(np.abs(score).max(initial=0.0)))
    run.offer(fill(model, score, chosen))
    run.tell("first plan")


__all__ = ["Infeasible", "OutOfTime", "improve"]
