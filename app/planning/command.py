"""What `carematch nightly` does around the night: settings, progress, signals, the printed report, the exit code."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app import clock
from app.context import open_context
from app.planning.child import SOLVER
from app.planning.night import Result, Wanted, Watch, run_night
from app.planning.report import print_report

STEPS_ZH = {
    "sweep": "清理到期事项",
    "snapshot": "读取登记册",
    "problem": "计算可选项",
    "solve": "求解",
    "check": "核对",
    "draft": "写入草案",
    "publish": "发布",
    "report": "报告",
}


@dataclass(frozen=True)
class Asked:
    """The words of the command line."""

    on: date | None
    once: bool
    draft: bool
    as_json: bool
    time_limit: float | None
    solver: str = ""


def run(asked: Asked) -> int:
    """Run the night and print its report; returns the exit code."""
    context = open_context(pool_size=5)
    wanted = Wanted(
        effective_on=asked.on or clock.tomorrow(),
        once=asked.once,
        draft_only=asked.draft,
        seconds=asked.time_limit,
        solver=shlex.split(asked.solver) or SOLVER,
        folder=context.settings.data / "nights",
    )
    # SIGTERM becomes the same orderly stop as Ctrl-C: the child ends, the run is closed, the lease is free.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _watching(as_json=asked.as_json) as watch:
            result = run_night(context.database, wanted, watch)
    finally:
        context.database.dispose()
    _print(result, as_json=asked.as_json)
    return result.exit_code


@contextmanager
def _watching(*, as_json: bool) -> Iterator[Watch]:
    """Show where the night stands: a bar for people, JSON lines on standard error for programs."""
    if as_json:
        yield lambda step, share: print(json.dumps({"step": step, "done": round(share, 3)}), file=sys.stderr)
        return
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("开始 start", total=1.0)

        def show(step: str, share: float) -> None:
            word = step.partition(":")[0]
            # The bar runs through the steps; within the solver's it follows the solver's own share.
            done = 3 / 8 + share / 8 if ":" in step else share
            progress.update(task, description=f"{STEPS_ZH.get(word, '')} {step}", completed=done)

        yield show


def _print(result: Result, *, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = {"code": result.code, "exit": result.exit_code, **result.report}
        print(json.dumps(document, ensure_ascii=False, default=str))
        return
    console = Console()
    if "decided" in result.report:
        print_report(result.report, console)
    elif result.code == "already_published":
        console.print(f"{result.report['effective_on']} 的方案已发布。The plan for that day is published.")
    else:
        detail = result.report.get("detail", "")
        Console(stderr=True).print(f"未发布 Nothing published: {result.code} {detail}", highlight=False)
