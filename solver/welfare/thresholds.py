"""What the worst value of a level may be, and which is the lowest that nothing rules out. Solves nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Ints
    from solver.welfare.relax import Relaxation


def list_thresholds(relaxation: Relaxation, value: Ints, most: int | None = None) -> list[int]:
    """Worst values (``value`` int64[C]) that plans of the relaxation may have, ascending, up to ``most`` and that itself.

    The first is what those who must be placed cannot stay below; 0, nobody placed, where nobody must be.
    """
    model = relaxation.model
    filled = np.flatnonzero(np.diff(model.unit_start) > 0)
    lowest = 0
    if len(filled):
        cheap = np.where(relaxation.active, value, np.iinfo(np.int64).max)
        least = np.minimum.reduceat(cheap, model.unit_start[filled])
        lowest = int(least[relaxation.must[filled]].max(initial=0))
    kept = relaxation.active & (value >= lowest)
    ends = [lowest]
    if most is not None:
        kept &= value <= most
        ends.append(max(lowest, most))
    found: list[int] = np.unique(np.append(value[kept], ends)).tolist()
    return found


def find_lowest(thresholds: list[int], probe: int, is_impossible: Callable[[int], bool]) -> int:
    """Return the first threshold that ``is_impossible`` does not rule out, the last one unasked; ``probe``: asked first."""
    low, high = 0, len(thresholds) - 1
    while low < high:
        if is_impossible(thresholds[probe]):
            low = probe + 1
        else:
            high = probe
        probe = (low + high) // 2
    return thresholds[low]
