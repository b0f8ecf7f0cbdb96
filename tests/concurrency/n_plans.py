"""N6 to N8: a solver that fails leaves the plan in force; the checker refuses corrupted plans; one seed, one plan."""

from __future__ import annotations

import copy
import json
import os
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import Plan
from app.models.enums import PlanState
from solver import check, parse_plan, parse_problem
from tests.app.planning.test_failures import SCRIPTS
from tests.concurrency.nights import finish, list_night_faults, start_night
from tests.concurrency.outcome import Outcome
from tests.concurrency.stage import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.concurrency.stage import Stage

SHORT_LIMIT = {"deadline": ("--time-limit", "1")}
"""A solver that never ends is killed at its deadline; so long would nobody want to wait."""


def run_n6(on: Stage) -> Outcome:
    """Let the solver crash, run out of memory, talk rubbish, cheat or never end: exit 4, the code says which."""
    out = Outcome("N6", on.kind)
    began = time.monotonic()
    before = _get_published(on)
    for name, script in SCRIPTS.items():
        path = on.data / f"solver-{name}.py"
        path.write_text(script, encoding="utf-8")
        words = ("--solver", shlex.join([sys.executable, str(path)]), *SHORT_LIMIT.get(name, ()))
        code, said = finish(on, start_night(on, *words))
        document = json.loads(said) if said.strip().startswith("{") else {}
        out.attempts += 1
        out.refusals[str(document.get("code"))] += 1
        out.expect((code, document.get("code")) == (4, name), f"{name}: exit {code}, {said[-200:]}")
        out.expect(_get_published(on) == before, f"{name}: another plan is in force")
    out.violations += list_night_faults(on.database)
    out.seconds = time.monotonic() - began
    return out


def _get_published(on: Stage) -> int | None:
    with on.database.reading() as session:
        return session.scalar(select(Plan.id).where(Plan.state == PlanState.published))


PROBLEM: dict[str, Any] = {
    "format": "solver-problem/1",
    "resources": [{"id": name, "capacity": 2} for name in ("a/mon", "a/wed", "b/mon", "b/wed")],
    "groups": [
        {"id": "twins", "same_site": True, "all_or_none": True},
        {"id": "pair", "joint": [{"r5": "a", "r6": "b"}, {"r5": "b", "r6": "a"}]},
    ],
    "requests": [
        {
            "id": f"r{number}",
            **({"group": "twins"} if number in {1, 2} else {"group": "pair"} if number in {5, 6} else {}),
            **({"held": "a", "pinned": True} if number == 3 else {}),
            **({"must": True} if number == 4 else {}),
            "options": [
                {
                    "id": site,
                    "site": site,
                    "uses": {f"{site}/mon": 1, **({f"{site}/wed": 1} if number % 2 else {})},
                    "terms": {"served": 1, "metres": number * 10},
                }
                for site in ("a", "b")
            ],
            "excluded": [{"id": "x", "site": "c", "uses": {}, "terms": {}, "reason": "too_far", "data": {}}],
        }
        for number in range(1, 9)
    ],
    "objective": [{"sum": {"served": 1}}, {"sum": {"metres": -1}}],
}


def list_corruptions() -> Iterator[tuple[str, Callable[[dict[str, Any]], None]]]:
    """Give twenty ways to spoil a sound plan, each with its name; every one breaks a rule or states a falsehood."""

    def place(request: str, option: str) -> Callable[[dict[str, Any]], None]:
        def spoil(plan: dict[str, Any]) -> None:
            plan["placements"][request] = option
            plan["unplaced"] = [each for each in plan["unplaced"] if each != request]

        return spoil

    def drop(*requests: str) -> Callable[[dict[str, Any]], None]:
        def spoil(plan: dict[str, Any]) -> None:
            for request in requests:
                plan["placements"].pop(request, None)
                plan["unplaced"] = sorted({*plan["unplaced"], request})

        return spoil

    def put(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
        return lambda plan: plan.__setitem__(key, value)

    def lose(request: str) -> Callable[[dict[str, Any]], None]:
        def spoil(plan: dict[str, Any]) -> None:
            plan["placements"].pop(request, None)
            plan["unplaced"] = [each for each in plan["unplaced"] if each != request]

        return spoil

    def state(level: int, key: str, value: Any) -> Callable[[dict[str, Any]], None]:
        return lambda plan: plan["levels"][level].__setitem__(key, value)

    def overfill(site: str) -> Callable[[dict[str, Any]], None]:
        def spoil(plan: dict[str, Any]) -> None:
            for request in ("r4", "r7", "r8"):
                place(request, site)(plan)

        return spoil

    yield "over capacity at a", overfill("a")
    yield "over capacity at b", overfill("b")
    yield "twins at two sites", lambda plan: (place("r1", "a")(plan), place("r2", "b")(plan))[0]
    yield "one twin alone", lambda plan: (place("r1", "b")(plan), drop("r2")(plan))[0]
    yield "the other twin alone", lambda plan: (place("r2", "b")(plan), drop("r1")(plan))[0]
    yield "pinned moved", place("r3", "b")
    yield "pinned dropped", drop("r3")
    yield "must dropped", drop("r4")
    yield "pair at one site", lambda plan: (place("r5", "a")(plan), place("r6", "a")(plan))[0]
    yield "pair at the other site", lambda plan: (place("r5", "b")(plan), place("r6", "b")(plan))[0]
    yield "excluded option", place("r7", "x")
    yield "unknown option", place("r7", "nowhere")
    yield "unknown request", place("r99", "a")
    yield "lost person", lose("r8")
    yield "placed and unplaced", lambda plan: plan["unplaced"].append("r3")
    yield "unplaced twice", lambda plan: plan["unplaced"].extend(["r98"])
    yield "value overstated", state(0, "value", 99)
    yield "value understated", state(1, "value", -9999)
    yield "bound below the value", state(0, "bound", 0)
    yield "a level missing", put("levels", [{"value": 0, "bound": 0, "gap": 0.0}])


def run_n7(on: Stage) -> Outcome:
    """Solve a small problem, spoil the plan in twenty ways: the checker refuses each, and the sound one passes."""
    out = Outcome("N7", on.kind)
    began = time.monotonic()
    folder = on.data
    (folder / "n7.json").write_text(json.dumps(PROBLEM), encoding="utf-8")
    plan = _solve(folder / "n7.json", folder / "n7.plan.json")
    out.expect(not _is_refused(plan), "the sound plan is refused")
    for name, spoil in list_corruptions():
        spoiled = copy.deepcopy(plan)
        spoil(spoiled)
        out.attempts += 1
        if spoiled != plan and _is_refused(spoiled):
            out.refusals["refused"] += 1
        else:
            out.violations.append(f"not refused: {name}")
    out.expect(out.attempts == 20, f"{out.attempts} corruptions instead of 20")
    out.seconds = time.monotonic() - began
    return out


def _is_refused(document: dict[str, Any]) -> bool:
    problem = parse_problem(PROBLEM)
    try:
        plan = parse_plan(document)
    except Exception:  # noqa: BLE001 - unreadable is refused, too
        return True
    return bool(check(problem, plan))


def run_n8(on: Stage) -> Outcome:
    """Solve the night's own problem twice on all cores and once on one: placements, levels and reasons are the same."""
    out = Outcome("N8", on.kind)
    began = time.monotonic()
    problem = on.data / "nights" / "welfare.problem.json"
    if not problem.exists():
        out.expect(False, "the night left no problem to solve again")
        return out
    plans = []
    for cores in (None, {0}, None):
        plan = _solve(problem, on.data / "n8.plan.json", cores=cores)
        out.attempts += 1
        if plan.get("cut_short"):
            out.refusals["cut_short"] += 1
        else:
            plans.append({key: plan[key] for key in ("placements", "unplaced", "levels", "blocking")})
    out.successes = len(plans)
    out.expect(len(plans) >= 2, "every run was cut short: nothing to compare")
    out.expect(all(plan == plans[0] for plan in plans[1:]), "the plans differ")
    out.seconds = time.monotonic() - began
    return out


def _solve(problem: Any, to: Any, cores: set[int] | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "solver", "solve", str(problem), "--out", str(to), "--time-limit", "120"]

    def pin() -> None:
        if cores is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)

    subprocess.run(command, cwd=ROOT, check=True, preexec_fn=pin, stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(to.read_text(encoding="utf-8"))
    return found
