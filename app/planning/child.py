"""Runs the solver in a process of its own: deadline, memory limit, progress; whatever it does, this process goes on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
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
    code, said = run_child(command, limits.seconds + GRACE_SECONDS, report)
    return judge(task, plan, code, said)


def run_child(command: Sequence[str], deadline: float, report: Report) -> tuple[int, str]:
    """Run a child to its end or kill it at the deadline; returns its exit code and the last words it said.

    If this process is asked to stop meanwhile, the child is ended first: it never outlives its parent's interest.
    """
    words: list[str] = []
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # so that the whole family can be ended at once
    )
    listener = threading.Thread(target=_listen, args=(child, words, report), daemon=True)
    listener.start()
    try:
        code = child.wait(deadline)
    except subprocess.TimeoutExpired:
        _kill(child)
        raise NoPlan(reason="deadline", detail=f"killed after {deadline:.0f} s") from None
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
    if code == 1:
        raise NoPlan(reason=_read_outcome(path), detail=said)
    if code == 2:
        raise NoPlan(reason="problem_refused", detail=said)
    if code in OUT_OF_MEMORY or "MemoryError" in said:
        raise NoPlan(reason="out_of_memory", detail=f"exit {code} {said}")
    if code != 0:
        raise NoPlan(reason="crashed", detail=f"exit {code} {said}")
    try:
        plan = read_plan(path)
    except (BadInput, OSError, ValueError) as fault:
        raise NoPlan(reason="rubbish", detail=str(fault)[:400]) from fault
    if plan.outcome not in {"optimal", "feasible"}:
        raise NoPlan(reason=plan.outcome, detail="; ".join(plan.conflict[:3]))
    check_plan(task, plan)
    return plan


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
