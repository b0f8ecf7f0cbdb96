"""The library's front door: a problem in, a plan out; it chooses the method and turns results into plans."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.params import Params
from solver.plan import LevelResult, Plan
from solver.problem import Worst
from solver.welfare.conflict import explain_conflict
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.run import Infeasible, improve
from solver.welfare.state import NothingFound, OutOfTime, Run
from solver.welfare.warm import apply_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats, Ints
    from solver.params import Report, Stop
    from solver.problem import Problem


def solve(
    problem: Problem,
    params: Params | None = None,
    start: Plan | None = None,
    progress: Report | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Decide a night.

    Parameters
    ----------
    problem : Problem
        Checked by `read_problem`; a problem built by hand should pass `solver.limits.check_limits`.
    params : Params, optional
        Mode, limits, gap and seed.
    start : Plan, optional
        An earlier plan with its prices; ids that no longer exist are passed over.
    progress : callable, optional
        Called with `Progress` from this thread.
    stop : callable, optional
        Asked often; True ends the run with the best plan so far (``cut_short``).

    Returns
    -------
    Plan
        Infeasible and no-answer are results, not exceptions.

    """
    params = params or Params()
    return solve_observed(problem, params, start, progress, stop, None)


def solve_observed(
    problem: Problem,
    params: Params,
    start: Plan | None,
    progress: Report | None,
    stop: Stop | None,
    keep: Callable[[Plan | Interim], None] | None,
) -> Plan:
    """Do what `solve` does, and hand every better plan to ``keep`` at once: turning it into ids is left to the other side."""
    if params.mode == "stable":
        from solver.stable import solve_stable  # noqa: PLC0415 - another method, loaded only when asked for

        return solve_stable(problem, params, start, progress, stop, keep)
    began = time.monotonic()
    model = build_model(problem.arrays)

    def hand_over(run: Run) -> None:
        if keep is not None:
            keep(Interim.of(run, began, cut_short=True))

    run = Run(prepare(model), params, progress, stop, hand_over, began)
    cut_short = False
    try:
        if start is not None:
            apply_start(run, problem, start)
        improve(run)
        cut_short = run.late
    except NothingFound:
        cut_short = run.late
    except OutOfTime:
        cut_short = True
    except Infeasible:
        plan = nobody(problem, params, "infeasible")
        run.model = model  # with the columns that cannot fit: they are what the sentences are about
        plan.conflict = explain_conflict(problem, run)
        plan.seconds = time.monotonic() - began
        return plan
    if run.chosen is None:
        plan = nobody(problem, params, "no_answer")
        plan.cut_short = cut_short
        plan.seconds = time.monotonic() - began
        return plan
    plan = Interim.of(run, began, cut_short=cut_short).to_plan(problem)
    plan.seconds = time.monotonic() - began
    return plan


@dataclass(frozen=True)
class Interim:
    """A plan as arrays: quickly handed from process to process, and turned into one with ids by whoever needs that.

    ``choice`` int64[N]: each request's option, counted over all requests, -1 for none; ``values`` and ``bounds`` per level;
    ``prices`` float64 per resource, or empty.
    """

    choice: Ints
    values: list[int]
    bounds: list[int | None]
    prices: Floats
    cut_short: bool
    seconds: float
    seed: int

    @staticmethod
    def of(run: Run, began: float, *, cut_short: bool) -> Interim:
        """The best columns so far of a run that began at ``began`` on the monotonic clock."""
        assert run.chosen is not None
        mask = np.zeros(run.model.columns, dtype=np.bool_)
        mask[run.chosen[run.chosen >= 0]] = True
        choice = run.model.choice(mask)
        seconds = time.monotonic() - began
        return Interim(
            choice, list(run.values), list(run.bounds), run.prices, cut_short, seconds, run.params.seed
        )

    def to_plan(self, problem: Problem) -> Plan:
        """Name everything as the problem does."""
        starts = problem.arrays.request_start.tolist()
        placements, unplaced = {}, []
        for request, first, option in zip(problem.requests, starts, self.choice.tolist(), strict=False):
            if option < 0:
                unplaced.append(request.id)
            else:
                placements[request.id] = request.options[option - first].id
        closed = self.values == self.bounds
        return Plan(
            outcome="optimal" if closed else "feasible",
            placements=placements,
            unplaced=unplaced,
            levels=[
                LevelResult(value, keep_bound(value, bound, is_worst=isinstance(level, Worst)))
                for level, value, bound in zip(problem.objective, self.values, self.bounds, strict=True)
            ],
            cut_short=self.cut_short and not closed,
            prices={
                resource.id: round(price, 6)
                for resource, price in zip(problem.resources, self.prices.tolist(), strict=True)
                if price > 0
            }
            if len(self.prices)
            else {},
            seconds=self.seconds,
            seed=self.seed,
        )


def keep_bound(value: int, bound: int | None, *, is_worst: bool) -> int | None:
    """Return a level's bound, or None where the plan itself disproves it.

    A programme whose long rows leave a floating-point library no digits may be called empty too early. What a plan
    reaches is certain, so such a bound is no proof and is not told as one.
    """
    if bound is None:
        return None
    is_beyond = bound > value if is_worst else bound < value
    return None if is_beyond else bound


def nobody(problem: Problem, params: Params, outcome: str) -> Plan:
    """The plan that places nobody: infeasible or no_answer."""
    plan = Plan("infeasible" if outcome == "infeasible" else "no_answer", params.mode)
    plan.unplaced = [request.id for request in problem.requests]
    plan.seed = params.seed
    return plan
