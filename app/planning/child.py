"""Runs the solver in a process of its own: deadline, memory limit, progress; whatever it does, this process goes on.

The one place from which a child is started: the night, a question and the shopping list fail in the same words.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.planning.errors import NoPlan
from app.planning.problem import Task, to_document
from solver import BadInput, Plan, check, read_plan

GRACE_SECONDS = 15.0
"""The contract grants two seconds beyond the limit; on a busy machine it may take longer until it is heard."""
OUT_OF_MEMORY = (-9, 137)
LOOK_SECONDS = 1.0
"""How often the child's memory is looked at."""
MEMORY_SLACK = 1.5
"""The solver keeps its own limit; who passes it by half is ended from here."""

Report = Callable[[str, float], None]
SOLVER: Sequence[str] = (sys.executable, "-m", "solver")


@dataclass(frozen=True)
class Limits:
    """How long and how large the child may get, and which program it is."""

    seconds: float
    memory_mib: int
    command: Sequence[str] = SOLVER


def solve(task: Task, folder: Path, limits: Limits, start: Mapping[str, Any] | None, report: Report) -> Plan:
    """Return the child's plan of a problem, read by the independent checker, or raise `NoPlan`.

    `start` is yesterday's plan as a document: its held options and prices. Files in `folder` hold codes only.
    """
    name = task.share.name.replace(":", "-")
    problem, plan, begun = (folder / f"{name}.{word}.json" for word in ("problem", "plan", "start"))
    plan.unlink(missing_ok=True)
    problem.write_text(json.dumps(to_document(task.problem), separators=(",", ":")), encoding="utf-8")
    command = [
        *limits.command,
        "solve",
        str(problem),
        "--out",
        str(plan),
        "--mode",
        task.share.mode.value,
        "--time-limit",
        str(limits.seconds),
        "--memory-limit",
        str(limits.memory_mib),
        "--progress",
    ]
    if start is not None:
        begun.write_text(json.dumps(start), encoding="utf-8")
        command += ["--start", str(begun)]
    code, said = run_child(command, Limits(limits.seconds + GRACE_SECONDS, limits.memory_mib), report)
    return judge(task, plan, code, said)


def ask(words: Sequence[str], answer: Path, limits: Limits, solves: int) -> Any:
    """Return what `python -m solver WORDS` prints as JSON after so many solves, or raise `NoPlan`.

    `answer` is the file that takes it; `limits.seconds` is each solve's deadline.
    """
    command = [*limits.command, *words, "--time-limit", str(limits.seconds)]
    whole = Limits(solves * limits.seconds + GRACE_SECONDS, limits.memory_mib)
    code, said = run_child(command, whole, lambda _step, _done: None, answer)
    raise_failure(code, said, "no_answer")
    try:
        return json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise NoPlan(reason="rubbish", detail=str(fault)[:400]) from fault


def run_child(
    command: Sequence[str], limits: Limits, report: Report, answer: Path | None = None
) -> tuple[int, str]:
    """Run a child to its end or kill it at the limits; returns its exit code and the last words it said.

    `limits.seconds` is the whole run's deadline; what the child prints goes into `answer`, or nowhere.
    If this process is asked to stop meanwhile, the child is ended first: it never outlives its parent's interest.
    """
    words: list[str] = []
    with Path(os.devnull if answer is None else answer).open("wb") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # so that the whole family can be ended at once
        )
    listener = threading.Thread(target=_listen, args=(child, words, report), daemon=True)
    listener.start()
    try:
        code = _wait(child, limits)
    except BaseException:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(2)
        _kill(child)
        raise
    finally:
        listener.join(2)
        if child.stderr is not None:
            child.stderr.close()
    return code, " ".join(words[-3:])[-400:]


def _wait(child: subprocess.Popen[str], limits: Limits) -> int:
    """Return the child's exit code; end it with its family at the deadline or where it grows too large."""
    until = time.monotonic() + limits.seconds
    while True:
        left = until - time.monotonic()
        try:
            return child.wait(max(0.0, min(LOOK_SECONDS, left)))
        except subprocess.TimeoutExpired:
            if left <= 0:
                _kill(child)
                raise NoPlan(reason="deadline", detail=f"killed after {limits.seconds:.0f} s") from None
        used = _count_mib(child.pid)
        if used > limits.memory_mib * MEMORY_SLACK:
            _kill(child)
            raise NoPlan(reason="out_of_memory", detail=f"killed at {used:.0f} MiB")


def _count_mib(family: int) -> float:
    """Return the resident memory of a process group in MiB; 0 where the system does not tell."""
    pages = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            # After the name in brackets, which may hold anything: state, parent, group, ...
            told = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            pages += int(told[21]) if int(told[2]) == family else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _kill(child: subprocess.Popen[str]) -> None:
    """End the child with whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _listen(child: subprocess.Popen[str], words: list[str], report: Report) -> None:
    """Turn progress lines into reports; keep what is no progress as the child's last words."""
    with contextlib.suppress(ValueError):  # the pipe is closed under a late listener
        for line in child.stderr or ():
            try:
                said = json.loads(line)
                report(str(said["step"]), float(said["done"]))
            except (ValueError, KeyError, TypeError):
                words.append(line.strip())


def judge(task: Task, path: Path, code: int, said: str) -> Plan:
    """Return the plan if it is what it says it is; every way to fail has its word."""
    raise_failure(code, said, _read_outcome(path) if code == 1 else "")
    try:
        plan = read_plan(path)
    except (BadInput, OSError, ValueError) as fault:
        raise NoPlan(reason="rubbish", detail=str(fault)[:400]) from fault
    if plan.outcome not in {"optimal", "feasible"}:
        raise NoPlan(reason=plan.outcome, detail="; ".join(plan.conflict[:3]))
    check_plan(task, plan)
    return plan


def raise_failure(code: int, said: str, outcome: str) -> None:
    """Raise `NoPlan` for every exit code but 0; `outcome` is the word for exit 1, an answer that is no plan."""
    if code == 1:
        raise NoPlan(reason=outcome, detail=said)
    if code == 2:
        raise NoPlan(reason="problem_refused", detail=said)
    if code in OUT_OF_MEMORY or "MemoryError" in said:
        raise NoPlan(reason="out_of_memory", detail=f"exit {code} {said}")
    if code != 0:
        raise NoPlan(reason="crashed", detail=f"exit {code} {said}")


def check_plan(task: Task, plan: Plan) -> None:
    """Let the independent checker read a plan; raises `NoPlan` with what it finds."""
    violations = check(task.problem, plan)
    if violations:
        shown = "; ".join(map(str, violations[:3]))
        raise NoPlan(reason="refused_by_checker", detail=f"{len(violations)}: {shown}")


def _read_outcome(path: Path) -> str:
    try:
        return str(read_plan(path).outcome)
    except (BadInput, OSError, ValueError):
        return "no_answer"
