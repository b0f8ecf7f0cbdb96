"""What each command does, with its exit codes; it reads and writes files and leaves deciding to the library."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.check import check
from solver.combinations import check_combinations
from solver.envy import TooManyCombinations
from solver.faults import BadInput, Fault
from solver.params import Params, Progress
from solver.plan import write_plan
from solver.read import read_problem
from solver.readplan import read_plan
from solver.signals import Asked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from solver.problem import Problem

OK, NO, BAD, OWN_FAULT = 0, 1, 2, 3
LEAST = 0.2  # seconds left for solving where starting and reading used the limit up


def run_command(options: argparse.Namespace, began: float) -> int:
    """Run a parsed command; bad input gives sentences and 2, a fault of ours one sentence and 3."""
    commands: dict[str, Callable[[argparse.Namespace, float], int]] = {
        "solve": _solve,
        "check": _check,
        "explain": _explain,
        "worth": _worth,
        "shopping": _shopping,
    }
    try:
        return commands[options.command](options, began)
    except BadInput as error:
        for fault in error.faults:
            _say(str(fault))
        return BAD
    except TooManyCombinations as error:
        _say(f"groups: {error}")
        return BAD
    except KeyboardInterrupt:
        return 128 + 2
    except BrokenPipeError:
        return OWN_FAULT
    except Exception as error:  # noqa: BLE001 - the contract's exit 3: no traceback, but what happened
        _say(f"own fault: {type(error).__name__}: {error}")
        return OWN_FAULT


def _solve(options: argparse.Namespace, began: float) -> int:
    with Asked() as asked:
        return _solve_asked(options, began, asked)


def _solve_asked(options: argparse.Namespace, began: float, asked: Asked) -> int:
    _check_target(options.out)
    if options.problem == options.start == "-":
        raise BadInput([Fault("--start", "the problem and the plan cannot both come from standard input")])
    problem = _read_problem(options.problem)
    start = read_plan(options.start) if options.start else None
    if options.mode == "stable":
        check_combinations(problem)
    from solver.supervise import solve_supervised  # noqa: PLC0415 - checking needs no solving library

    params = Params(  # after the import: loading the solving libraries is time of the limit too
        mode=options.mode,
        time_limit=max(LEAST, options.time_limit - (time.monotonic() - began)),
        gap=options.gap,
        seed=options.seed,
        memory_limit=options.memory_limit,
    )
    plan = solve_supervised(problem, params, start, _print_progress if options.progress else None, asked)
    try:
        write_plan(plan, options.out)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _cannot_write(options.out, error) from None
    for sentence in plan.conflict:
        _say(sentence)
    return OK if plan.outcome in ("optimal", "feasible") else NO


def _read_problem(path: str) -> Problem:
    """Read a problem without looking for rubbish in the million objects that are made: that is a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return read_problem(path)
    finally:
        if was_on:
            gc.enable()


def _check_target(out: str) -> None:
    """Find out before the work whether the plan can be written."""
    if out == "-":
        return
    try:
        folder, is_folder = Path(out).resolve().parent, Path(out).is_dir()
        has_folder = folder.is_dir()
    except OSError as error:  # a name that no system takes
        raise _cannot_write(out, error) from None
    if not has_folder:
        raise BadInput([Fault("--out", f"the folder {str(folder)!r} does not exist")])
    if is_folder:
        raise BadInput([Fault("--out", f"{out!r} is a folder")])


def _cannot_write(out: str, error: OSError) -> BadInput:
    return BadInput([Fault("--out", f"{out!r} cannot be written: {error.strerror or error}")])


def _check(options: argparse.Namespace, _began: float) -> int:
    violations = check(_read_problem(options.problem), read_plan(options.plan))
    for violation in violations:
        print(_printable(str(violation)))
    return NO if violations else OK


def _explain(options: argparse.Namespace, _began: float) -> int:
    from solver.explain import explain  # noqa: PLC0415 - only this command needs it

    _keep_output()
    problem, plan = _read_problem(options.problem), read_plan(options.plan)
    if all(request.id != options.request for request in problem.requests):
        raise BadInput([Fault("REQUEST", f"unknown request {options.request!r}")])
    _print_json(explain(problem, plan, options.request))
    return OK


def _worth(options: argparse.Namespace, _began: float) -> int:
    from solver.explain.worth import worth  # noqa: PLC0415 - only this command needs it

    _keep_output()
    problem, plan = _read_problem(options.problem), read_plan(options.plan)
    known = {resource.id for resource in problem.resources}
    faults = [
        Fault("RESOURCE", f"unknown resource {name!r}") for name in options.resource if name not in known
    ]
    if faults:
        raise BadInput(faults)
    params = Params(plan.mode, options.time_limit, options.gap)
    _print_json({"format": "solver-worth/1", "resources": worth(problem, plan, options.resource, params)})
    return OK


def _shopping(options: argparse.Namespace, _began: float) -> int:
    from solver.explain.shopping import read_increments, shop  # noqa: PLC0415 - only this command needs it

    _keep_output()
    problem, plan = _read_problem(options.problem), read_plan(options.plan)
    increments = read_increments(options.increments, problem)
    params = Params(plan.mode, options.time_limit, options.gap)
    _print_json(shop(problem, plan, increments, options.budget, params))
    return OK


def _keep_output() -> None:
    """Keep standard output for what is printed here, until the process ends: solving libraries print a line at times."""
    ours = sys.stdout
    is_replaced = ours is not sys.__stdout__
    if is_replaced:
        return
    from solver.supervise import silence_output  # noqa: PLC0415 - as where it solves

    ours.flush()
    kept = os.dup(ours.fileno())
    silence_output()
    sys.stdout = os.fdopen(kept, "w", encoding=ours.encoding, errors=ours.errors)


def _print_json(document: dict[str, Any]) -> None:
    """Print JSON in the terminal's encoding; what that cannot hold is escaped as JSON does."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document)
    print(text)


def _print_progress(progress: Progress) -> None:
    print(json.dumps(dataclasses.asdict(progress)), file=sys.stderr, flush=True)


def _say(sentence: str) -> None:
    print(_printable(sentence), file=sys.stderr)


def _printable(text: str) -> str:
    """Text that any terminal's encoding can take."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
