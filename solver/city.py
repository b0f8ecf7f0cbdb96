"""The entrance for nights too large for files: index arrays in, chosen options out. Same method, same proofs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.decide import keep_bound
from solver.plan import LevelResult, Outcome
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.run import Infeasible, improve
from solver.welfare.state import NothingFound, OutOfTime, Run, picked

if TYPE_CHECKING:
    from solver.arrays import Arrays, Floats, Ints
    from solver.params import Params, Report, Stop


@dataclass(frozen=True)
class ArrayPlan:
    """``choice`` int64[N]: the option of each request, -1 unplaced; ``prices`` float64[R], or none at all where nothing was priced."""

    outcome: Outcome
    choice: Ints
    levels: list[LevelResult]
    prices: Floats
    cut_short: bool
    seconds: float


def solve_arrays(
    arrays: Arrays, params: Params, progress: Report | None = None, stop: Stop | None = None
) -> ArrayPlan:
    """Decide a night given as `solver.arrays.Arrays`; results as `solver.solve` gives them.

    Welfare mode only (ValueError for another); the numbers' limits are the caller's to keep (`solver.limits`).
    """
    if params.mode != "welfare":
        raise ValueError("solve_arrays decides in welfare mode only")
    began = time.monotonic()
    run = Run(prepare(build_model(arrays)), params, progress, stop, None, began)
    nobody = np.full(arrays.requests, -1, dtype=np.int64)
    cut_short = False
    try:
        improve(run)
        cut_short = run.late
    except NothingFound:
        cut_short = run.late
    except OutOfTime:
        cut_short = True
    except Infeasible:
        return ArrayPlan(
            "infeasible", nobody, [], run.prices, cut_short=False, seconds=time.monotonic() - began
        )
    if run.chosen is None:
        return ArrayPlan("no_answer", nobody, [], run.prices, cut_short, time.monotonic() - began)
    levels = [
        LevelResult(value, keep_bound(value, bound, is_worst=level.worst))
        for level, value, bound in zip(arrays.levels, run.values, run.bounds, strict=True)
    ]
    proven = all(level.gap == 0 for level in levels)
    return ArrayPlan(
        "optimal" if proven else "feasible",
        run.model.choice(picked(run.model, run.chosen)),
        levels,
        run.prices,
        cut_short and not proven,
        time.monotonic() - began,
    )
