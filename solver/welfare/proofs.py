"""What prices prove: a bound per level, and which levels are closed by it. Solves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.welfare.relax import Bound, Relaxation, bound, bound_freely

if TYPE_CHECKING:
    from solver.arrays import Floats
    from solver.welfare.blocks import Block
    from solver.welfare.state import Run


def prove(run: Run, relaxation: Relaxation, block: Block, prices: list[Floats]) -> Bound | None:
    """Bound each level of a block for plans no worse on the earlier ones; return the whole block's bound."""
    found = None
    earlier = 0
    for i, (level, weight) in enumerate(zip(block.levels, block.weights, strict=True)):
        found = bound(relaxation, block.cost(run.model, i + 1), prices[i])
        if found is not None:
            total = found.total // found.scale
            best = (total - earlier) // weight
            old = run.bounds[level]
            run.bounds[level] = best if old is None else min(old, best)
        earlier += weight * run.values[level]
    return found


def prove_freely(run: Run, root: Relaxation) -> None:
    """Give every level at least the bound that costs nothing: everybody takes what is best for them there.

    It holds for all plans of ``root``, so also for those no worse on earlier levels. A level that time cut off has no other;
    and what an earlier level left open may have loosened a bound beyond it.
    """
    for level, each in enumerate(run.model.levels):
        known = run.bounds[level]
        if each.worst:
            run.bounds[level] = known or 0
        else:
            free = bound_freely(root, each.value)
            run.bounds[level] = free if known is None else min(known, free)


def weigh(run: Run, block: Block) -> int:
    return sum(w * run.values[level] for level, w in zip(block.levels, block.weights, strict=True))


def is_closed(run: Run, level: int) -> bool:
    """Whether a level's gap is within the wanted one."""
    reached, proven = run.values[level], run.bounds[level]
    return proven is not None and abs(proven - reached) <= run.params.gap * max(1, abs(reached))
