"""Decides a stable round: a first plan, what is settled, the fewest blocking, then level by level. See solver.md."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from solver.combinations import check_combinations
from solver.cutoffs import find_cutoffs
from solver.params import Params, Progress
from solver.plan import Blocking, LevelResult, Plan
from solver.stable.conflict import explain_conflict
from solver.stable.fewest import find_any, reach_fewest
from solver.stable.first import find_start
from solver.stable.levels import count_levels, get_bound, set_goal
from solver.stable.limits import Limits
from solver.stable.nearby import improve_nearby
from solver.stable.parties import list_parties
from solver.stable.programme import build_programme
from solver.stable.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.params import Report, Stop
    from solver.plan import Outcome
    from solver.problem import Problem
    from solver.stable.programme import Programme
    from solver.stable.space import Space

RESERVE_SECONDS = 0.5  # kept from the limit for ending a search and writing the plan
RESERVE_PER_PARTY = 2e-4


def solve_stable(
    problem: Problem,
    params: Params,
    start: Plan | None = None,
    progress: Report | None = None,
    stop: Stop | None = None,
    keep: Callable[[Plan], None] | None = None,
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

    keep : callable or None
        Is handed the first plan that keeps all rules, before anything is proven, and one after each level.

    Raises
    ------
    BadInput
        A group without ``joint`` has over 10,000 combinations.

    """
    began = time.monotonic()
    check_combinations(problem)
    parties = list_parties(problem)
    reserve = min(RESERVE_SECONDS + RESERVE_PER_PARTY * len(parties), params.time_limit / 4)
    limits = Limits(began + params.time_limit - reserve, params.seed, params.gap, stop)
    levels = count_levels(problem.arrays, parties)
    run = Run(problem, parties, problem.arrays.capacity.tolist(), levels, limits, progress)
    run.infeasible = not all(party.picks for party in parties)
    results: list[LevelResult] = []
    if not run.infeasible:
        run.chosen = find_start(run.parties, run.capacity, levels, start, problem)

        def hand_over() -> None:
            if keep is not None and run.chosen is not None:
                so_far = _write(run, [LevelResult(level.get_value(run.chosen)) for level in levels])
                so_far.seed, so_far.seconds, so_far.cut_short = params.seed, time.monotonic() - began, True
                keep(so_far)

        if run.chosen is None:
            find_any(run)
        hand_over()
        if run.chosen is not None:
            space = reach_fewest(run)
            results = _improve_levels(run, space, hand_over)
    plan = _write(run, results)
    plan.seed = params.seed
    plan.seconds = time.monotonic() - began
    return plan


def _improve_levels(run: Run, space: Space | None, hand_over: Callable[[], None]) -> list[LevelResult]:
    """Solve level by level; each reached value binds the next. Bounds hold among plans that block no more."""
    assert run.chosen is not None
    if space is None or (len(run.list_blocking()) > run.blocking_bound and not space.may_block):
        return [LevelResult(level.get_value(run.chosen), level.get_easy_bound(None)) for level in run.levels]
    bounds: list[int] = []
    programme = None if space.may_block else build_programme(space.market)
    for number, level in enumerate(run.levels, 1):
        bound = _close_level(run, space, programme, number)
        value = level.get_value(run.chosen)
        space.keep(level, value)
        if programme is not None:
            programme.keep_level(level, value)
        bounds.append(bound)
        hand_over()
        if run.progress is not None:
            gap = abs(bound - value) / max(1, abs(value))
            run.progress(Progress("stable", number, value, bound, gap, number / len(run.levels)))
    values = [level.get_value(run.chosen) for level in run.levels]
    if (
        not space.is_bindable and bounds != values and run.try_all(space.market)
    ):  # totals beyond what CP-SAT takes
        values = bounds = [level.get_value(run.chosen) for level in run.levels]
    return [LevelResult(value, bound) for value, bound in zip(values, bounds, strict=True)]


def _close_level(run: Run, space: Space, programme: Programme | None, number: int) -> int:
    """Raise one level and bound it: for nothing, by the linear programme, by CP-SAT, as far as it takes."""
    assert run.chosen is not None
    level = run.levels[number - 1]
    bound = level.get_easy_bound(space.market)

    def is_open() -> bool:
        assert run.chosen is not None
        value = level.get_value(run.chosen)
        return abs(bound - value) > run.limits.gap * max(1, abs(value))

    is_wide = space.market.is_wide
    if is_wide and is_open():  # the programme takes long then, and ends sooner where the plan is good
        improve_nearby(run, space, number, bound)
    if is_open() and programme is not None and not level.worst and not run.limits.is_over:
        bound = min(bound, run.raise_level(programme, number, bound))
    if not is_open():
        return bound
    if run.limits.is_over:
        run.cut = True
        return bound
    model = space.get_model()
    if space.is_bindable and set_goal(model, level):
        answer = run.search(model, number)
        if answer.bound is not None:
            proven = get_bound(model, level, answer.bound)
            bound = max(bound, proven) if level.worst else min(bound, proven)
    return bound


def _write(run: Run, results: list[LevelResult]) -> Plan:
    """The plan as ids, in file order."""
    problem, arrays = run.problem, run.problem.arrays
    if run.chosen is None:
        conflict = explain_conflict(problem, run.parties, run.capacity, run.limits) if run.infeasible else []
        everybody = [request.id for request in problem.requests]
        outcome: Outcome = "infeasible" if run.infeasible else "no_answer"
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
        cutoffs=find_cutoffs(problem, placements),
    )
