"""Runs CP-SAT on a stable model: one worker and counted work, so that a plan is the same on any number of cores."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver.stable.limits import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.stable.limits import Limits
    from solver.stable.model import Model

POLL_SECONDS = 0.05


def run_search(
    model: Model,
    limits: Limits,
    work: float,
    on_better: Callable[[float, float], None] | None = None,
    *,
    by_core: bool = False,
) -> Answer:
    """Minimise the model's present objective; ``on_better(value, bound)`` hears of each better plan.

    ``by_core``: from below, by what cannot all be avoided: proves more where a little must be paid, finds plans late.
    """
    remaining = limits.deadline - time.monotonic()
    if remaining <= 0 or limits.is_over:
        return Answer(None, None, impossible=False, cut=True)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = limits.seed % 2**31
    solver.parameters.max_time_in_seconds = remaining
    solver.parameters.max_deterministic_time = work
    solver.parameters.relative_gap_limit = limits.gap
    solver.parameters.optimize_with_core = by_core and model.cp.has_objective()
    status = _solve_watched(solver, model.cp, limits, on_better)
    chosen = None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = [model.fixed.get(party, -1) for party in range(len(model.market.parties))]
        for (party, choice), literal in model.chosen.items():
            if solver.boolean_value(literal):
                chosen[party] = choice
    bound = None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN) and model.cp.has_objective():
        bound = int(solver.response_proto.inner_objective_lower_bound)
        if chosen is None and not bound:  # nothing was proven: 0 is no bound where values are negative
            bound = None
    settled = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    cut = not settled and (limits.is_over or time.monotonic() > limits.deadline - POLL_SECONDS)
    return Answer(chosen, bound, impossible=status == cp_model.INFEASIBLE, cut=cut)


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, on_better: Callable[[float, float], None]) -> None:
        super().__init__()
        self.on_better = on_better

    def on_solution_callback(self) -> None:
        self.on_better(self.objective_value, self.best_objective_bound)


def _solve_watched(
    solver: cp_model.CpSolver,
    cp: cp_model.CpModel,
    limits: Limits,
    on_better: Callable[[float, float], None] | None,
) -> object:
    """Solve while a thread watches for a stop request (CP-SAT releases the interpreter meanwhile)."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            if limits.is_over:
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(cp, None if on_better is None else _Listener(on_better))
    finally:
        done.set()
        watcher.join()
