"""Our solver on the same instances, through the doors that its users take."""

from __future__ import annotations

import copy
import random
import time

from solver import Params, check, parse_problem, solve
from solver.generate import to_arrays, to_document
from solver.generate.night import list_levels
from solver.stable import solve_stable


def report(plan):
    """Value and bound of each level, and what blocks."""
    return {
        "seconds": plan.seconds,
        "values": [level.value for level in plan.levels],
        "bounds": [level.bound for level in plan.levels],
        "blocking": len(plan.blocking) if plan.mode == "stable" else None,
        "cut": plan.cut_short,
    }


def run_file(drawn, limit, gap=1e-4):
    """A problem as read from a file, judged by the checker afterwards."""
    problem = parse_problem(drawn if isinstance(drawn, dict) else to_document(drawn))
    plan = solve(problem, Params(time_limit=limit, gap=gap))
    return report(plan) | {"violations": len(check(problem, plan))}


def run_levels(draft, limit):
    """All levels, beside the same people and places with one level: before it and after it, for machines change their pace."""
    document = to_document(draft)
    single = parse_problem(document | {"objective": list_levels("one")})
    before = solve(single, Params(time_limit=limit, gap=1e-4)).seconds
    result = run_file(document, limit)
    after = solve(single, Params(time_limit=limit, gap=1e-4)).seconds
    one = (before + after) / 2
    return result | {"note": f"one level {one:.2f} s, all of them {result['seconds'] / one:.1f} times that"}


def run_stable(document, limit):
    """Both levels of a round; the note says when nobody blocked any more and when the most served were proven."""
    problem = parse_problem(document)
    notes = {}
    began = time.monotonic()

    def keep(plan):
        if not plan.blocking:
            notes.setdefault("nobody blocks", time.monotonic() - began)

    def hear(progress):
        if progress.level == 1 and progress.bound is not None and progress.bound == progress.value:
            notes.setdefault("most served proven", time.monotonic() - began)

    plan = solve_stable(problem, Params(mode="stable", time_limit=limit), None, hear, None, keep)
    note = ", ".join(f"{what} after {seconds:.2f} s" for what, seconds in notes.items())
    return report(plan) | {"violations": len(check(problem, plan)), "note": note}


def run_arrays(draft, limit):
    """A city through the array interface; the plan is never written as objects."""
    from solver.city import solve_arrays

    plan = solve_arrays(to_arrays(draft), Params(time_limit=limit, gap=1e-4))
    return report_arrays(plan)


def report_arrays(plan):
    return {
        "seconds": plan.seconds,
        "values": [level.value for level in plan.levels],
        "bounds": [level.bound for level in plan.levels],
        "cut": plan.cut_short,
    }


def run_warm(draft, limit):
    """The cold night, then the same with 1 % of the requests changed and yesterday's plan as the start."""
    document = to_document(draft)
    cold = solve(parse_problem(document), Params(time_limit=limit, gap=1e-4))
    problem = parse_problem(change(document, 0.01))
    plan = solve(problem, Params(time_limit=limit, gap=1e-4), start=cold)
    again = solve(problem, Params(time_limit=limit, gap=1e-4))
    note = f"cold {again.seconds:.2f} s, warm is 1/{again.seconds / max(plan.seconds, 1e-3):.0f}"
    return report(plan) | {"violations": len(check(problem, plan)), "note": note}


def change(document, share):
    """Some who hold no place ask for other options: each takes those of another such request."""
    changed = copy.deepcopy(document)
    free = [r for r in changed["requests"] if "held" not in r and "group" not in r]
    rng = random.Random(1)
    for request, other in zip(
        rng.sample(free, int(share * len(changed["requests"]))), rng.sample(free, len(free)), strict=False
    ):
        request["options"] = copy.deepcopy(other["options"])
    return changed


def run_question(draft, limit):
    """One adviser's question on top of tonight's plan, laid out once: options with reasons, for 20 requests one by one."""
    from solver.explain import Explainer

    problem = parse_problem(to_document(draft))
    plan = solve(problem, Params(time_limit=limit, gap=1e-4))
    asked = plan.unplaced[:20]
    began = time.monotonic()
    explainer = Explainer(problem, plan)
    laid_out = time.monotonic() - began
    seconds = []
    for request in asked:
        began = time.monotonic()
        explainer.ask(request)
        seconds.append(time.monotonic() - began)
    return {
        "seconds": sorted(seconds)[len(seconds) // 2],
        "note": f"slowest of {len(seconds)}: {max(seconds):.4f} s; laid out once in {laid_out:.2f} s",
    }
