"""The fewest blocking combinations: none where that is possible, one with proof, more by counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.stable.model import build_model
from solver.stable.reduce import open_market, settle
from solver.stable.run import WORK
from solver.stable.space import Space
from solver.stable.suspects import find_suspects

if TYPE_CHECKING:
    from solver.stable.limits import Answer
    from solver.stable.model import Model
    from solver.stable.run import Run


# Work, and whether from below: mostly that ends at once; where it does not, plans are found the other way.
COUNTINGS = ((2.0, True), (5.0, False), (WORK, True))


def find_any(run: Run) -> None:
    """Find a plan that keeps all rules, whoever blocks it, where deferred acceptance left none; or mark the run infeasible."""
    model = build_model(open_market(run.parties, run.capacity, range(len(run.parties))))
    run.infeasible = run.search(model, 0).impossible


def reach_fewest(run: Run) -> Space | None:
    """Reach the fewest blocking combinations from the run's plan, or mark the run infeasible.

    Returns the space of all plans with as many as the best plan has; None where time is over before there is one.
    """
    if run.chosen is not None and run.limits.is_over:
        run.cut = True
        return None
    market = open_market(run.parties, run.capacity)
    if settle(market):
        if run.chosen is not None and not run.list_blocking():
            return Space(market)
        model = build_model(market)
        answer = run.search(model, 0)
        if answer.chosen is not None:
            return Space(market, model)
        if not answer.impossible:  # cut off before anybody knew whether somebody must block
            return _bound_by_counting(run)
    run.blocking_bound = 1
    return _bound_by_suspects(run) or _bound_by_counting(run)


def _bound_by_suspects(run: Run) -> Space | None:
    """All plans in which exactly one combination blocks; None where there is none, or no plan to start from."""
    if run.chosen is None:
        return None

    def run_test(model: Model, work: float) -> Answer:
        return run.search(model, 0, work)

    seeds = [party for party, _ in run.list_blocking()]
    half = run.limits.for_half()  # the levels get the rest
    suspects = find_suspects(run.parties, run.capacity, seeds, half, run_test)
    run.cut |= half.is_over  # whoever was not looked at stays suspected
    if not suspects:
        run.blocking_bound = 2
        return None
    market = open_market(run.parties, run.capacity, set(suspects))
    if run.limits.is_over or len(run.list_blocking()) > 1 or not settle(market):
        return None
    model = build_model(market)
    model.cp.add(sum(model.blocking) <= 1)
    return Space(market, model)


def _bound_by_counting(run: Run) -> Space | None:
    """The whole question at once: any combination may block and is counted."""
    if run.limits.is_over:
        run.cut = True
        return None
    model = build_model(open_market(run.parties, run.capacity, range(len(run.parties))))
    if run.chosen is None or len(run.list_blocking()) > run.blocking_bound:
        model.cp.minimize(sum(model.blocking))
        for work, by_core in COUNTINGS:
            answer = run.search(model, 0, work, by_core=by_core)
            run.blocking_bound = max(run.blocking_bound, answer.bound or 0)
            if run.chosen is not None and len(run.list_blocking()) <= run.blocking_bound:
                break
        model.clear_objective()
    if run.chosen is not None:
        model.cp.add(sum(model.blocking) <= len(run.list_blocking()))
    return Space(model.market, model)
