"""Decides a stable round: a first plan, what is settled, the fewest blocking, then level by level. See solver.md."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.params import Params, Progress
from solver.plan import Blocking, LevelResult, Plan
from solver.stable.conflict import explain_conflict
from solver.stable.first import find_start
from solver.stable.levels import Counted, count_levels, get_bound, keep_level, set_goal
from solver.stable.model import Model, build_model
from solver.stable.parties import list_parties
from solver.stable.reduce import open_market, settle
from solver.stable.rooms import list_blocking
from solver.stable.search import Answer, Limits, run_search
from solver.stable.suspects import find_suspects

if TYPE_CHECKING:
    from solver.params import Report, Stop
    from solver.plan import Outcome
    from solver.problem import Problem
    from solver.stable.parties import Party

WORK = 40.0  # CP-SAT's deterministic units for one search; about a minute on a small machine
RESERVE_SECONDS = 0.5  # kept from the limit for ending a search and writing the plan
RESERVE_PER_PARTY = 2e-4


@dataclass(slots=True)
class _Run:
    """What the steps share: the problem as parties, the limits, and the best plan so far."""

    problem: Problem
    parties: list[Party]
    capacity: list[int]
    levels: list[Counted]
    limits: Limits
    progress: Report | None
    chosen: list[int] | None = None
    blocking_bound: int = 0
    cut: bool = False

    def list_blocking(self) -> list[tuple[int, int]]:
        """Who blocks the best plan so far."""
        assert self.chosen is not None
        return list_blocking(self.parties, self.capacity, self.chosen)

    def search(self, model: Model, number: int, work: float = WORK) -> Answer:
        """Search from the best plan so far and keep what is found."""
        model.clear_hints()
        if self.chosen is not None:
            for (party, choice), literal in model.chosen.items():
                model.cp.add_hint(literal, self.chosen[party] == choice)

        def hear(value: float, bound: float) -> None:
            if self.progress is not None:
                gap = abs(value - bound) / max(1.0, abs(value))
                self.progress(
                    Progress("stable", number, None, None, gap, min(0.99, number / (1 + len(self.levels))))
                )

        answer = run_search(model, self.limits, work, hear)
        self.cut |= answer.cut
        if answer.chosen is not None and self._is_no_worse(answer.chosen):
            self.chosen = answer.chosen
        return answer

    def _is_no_worse(self, chosen: list[int]) -> bool:
        """Fewer blocking combinations first; an equal number is what the levels are improved among."""
        if self.chosen is None:
            return True
        return len(list_blocking(self.parties, self.capacity, chosen)) <= len(self.list_blocking())


def solve_stable(
    problem: Problem,
    params: Params,
    start: Plan | None = None,
    progress: Report | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Find the plan with the fewest blocking combinations and, among those, the best levels in order.

    Parameters
    ----------
    problem : Problem
        With N requests, O options, R resources.
    params : Params
        Its ``time_limit`` counts from this call.
    start : Plan or None
        An earlier plan; used where it keeps today's rules and blocks least.
    progress, stop : callables or None
        Hear of each step; asked twenty times a second whether to end now with the best plan so far.

    Raises
    ------
    TooManyCombinations
        A group without ``joint`` has over 10,000 combinations.

    """
    began = time.monotonic()
    parties = list_parties(problem)
    reserve = min(RESERVE_SECONDS + RESERVE_PER_PARTY * len(parties), params.time_limit / 4)
    limits = Limits(began + params.time_limit - reserve, params.seed, params.gap, stop)
    levels = count_levels(problem.arrays, parties)
    run = _Run(problem, parties, problem.arrays.capacity.tolist(), levels, limits, progress)
    if all(party.picks for party in parties):
        run.chosen = find_start(run.parties, run.capacity, levels, start, problem)
        model = _bound_blocking(run)
        results = [] if model is None or run.chosen is None else _improve_levels(run, model)
    else:
        results = []
        run.chosen, model = None, None
    plan = _write(run, results, infeasible=model is None)
    plan.seed = params.seed
    plan.seconds = time.monotonic() - began
    return plan


def _bound_blocking(run: _Run) -> Model | None:
    """Reach the fewest blocking combinations; the model of all plans with that many, None where no plan is."""
    market = open_market(run.parties, run.capacity)
    if settle(market):
        model = build_model(market)
        if run.chosen is not None and not run.list_blocking():
            return model
        answer = run.search(model, 0)
        if answer.chosen is not None or not answer.impossible:
            return model  # stable, or cut off before anybody knew
    run.blocking_bound = 1
    return _bound_by_suspects(run) or _bound_by_counting(run)


def _bound_by_suspects(run: _Run) -> Model | None:
    """All plans in which exactly one combination blocks; None where there is none, or no plan to start from."""
    if run.chosen is None:
        return None

    def run_test(model: Model, work: float) -> Answer:
        return run.search(model, 0, work)

    seeds = [party for party, _ in run.list_blocking()]
    suspects = find_suspects(run.parties, run.capacity, seeds, run_test)
    if not suspects:
        run.blocking_bound = 2
        return None
    market = open_market(run.parties, run.capacity, set(suspects))
    if len(run.list_blocking()) > 1 or not settle(market):
        return None
    model = build_model(market)
    model.cp.add(sum(model.blocking) <= 1)
    return model


def _bound_by_counting(run: _Run) -> Model | None:
    """The whole question at once: any combination may block and is counted."""
    model = build_model(open_market(run.parties, run.capacity, range(len(run.parties))))
    if run.chosen is None or len(run.list_blocking()) > run.blocking_bound:
        model.cp.minimize(sum(model.blocking))
        answer = run.search(model, 0)
        if answer.impossible:
            run.chosen = None
            return None
        run.blocking_bound = max(run.blocking_bound, answer.bound or 0)
        model.clear_objective()
    if run.chosen is not None:
        model.cp.add(sum(model.blocking) <= len(run.list_blocking()))
    return model


def _improve_levels(run: _Run, model: Model) -> list[LevelResult]:
    """Solve level by level; each reached value binds the next. Bounds hold among plans that block no more."""
    assert run.chosen is not None
    blocked = len(run.list_blocking())
    if blocked > run.blocking_bound and not model.blocking:
        return [LevelResult(level.get_value(run.chosen), None) for level in run.levels]
    bounds: list[int] = []
    for number, level in enumerate(run.levels, 1):
        value = level.get_value(run.chosen)
        bound = level.get_easy_bound(model)
        if bound != value and not run.limits.is_over and set_goal(model, level):
            answer = run.search(model, number)
            if answer.bound is not None:
                proven = get_bound(model, level, answer.bound)
                bound = max(bound, proven) if level.worst else min(bound, proven)
            value = level.get_value(run.chosen)
        elif bound != value:
            run.cut |= run.limits.is_over
        model.clear_objective()
        keep_level(model, level, value)
        bounds.append(bound)
        if run.progress is not None:
            gap = abs(bound - value) / max(1, abs(value))
            run.progress(Progress("stable", number, value, bound, gap, number / len(run.levels)))
    return [
        LevelResult(level.get_value(run.chosen), bound)
        for level, bound in zip(run.levels, bounds, strict=True)
    ]


def _write(run: _Run, results: list[LevelResult], *, infeasible: bool) -> Plan:
    """The plan as ids, in file order."""
    problem, arrays = run.problem, run.problem.arrays
    if run.chosen is None:
        conflict = explain_conflict(problem, run.parties, run.capacity, run.limits) if infeasible else []
        everybody = [request.id for request in problem.requests]
        outcome: Outcome = "infeasible" if infeasible else "no_answer"
        return Plan(outcome, "stable", unplaced=everybody, conflict=conflict, cut_short=run.cut)
    owner = arrays.option_request
    taken: dict[int, int] = {}
    for party, choice in zip(run.parties, run.chosen, strict=True):
        for option in party.picks[choice] if choice >= 0 else ():
            taken[int(owner[option])] = option
    placements, unplaced = {}, []
    for number, request in enumerate(problem.requests):
        if number in taken:
            placements[request.id] = request.options[taken[number] - int(arrays.request_start[number])].id
        else:
            unplaced.append(request.id)
    blocking = []
    for index, choice in run.list_blocking():
        combination = {}
        for option in run.parties[index].picks[choice]:
            request = problem.requests[int(owner[option])]
            combination[request.id] = request.options[option - int(arrays.request_start[owner[option]])].id
        blocking.append(Blocking(run.parties[index].name, combination))
    proven = len(blocking) == run.blocking_bound and all(level.bound == level.value for level in results)
    return Plan(
        "optimal" if proven else "feasible",
        "stable",
        placements=placements,
        unplaced=unplaced,
        levels=results,
        blocking=blocking,
        blocking_bound=run.blocking_bound,
        cut_short=run.cut,
    )
