"""A parent process that keeps the promises: the deadline, the memory limit, and an answer when a library crashes.

The child solves and sends every better plan through a pipe; whatever happens to it, the parent has the last one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import select
import signal
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver.decide import Interim, nobody, solve_observed
from solver.plan import Plan
from solver.signals import Asked

if TYPE_CHECKING:
    from solver.params import Params, Report
    from solver.problem import Problem

GRACE = 0.5  # seconds that the child has to hand over its best plan once it was told to end
FIRST = 0.8  # seconds that it has where there is no plan yet and somebody asked for the end
LATE = 1.3  # the same where the time is over
AHEAD = 0.4  # seconds, or a tenth of the limit, by which the child ends first: it then hands over bounds for all levels
POLL = 0.05
HEAD = struct.Struct("<q")


class ChildFailed(RuntimeError):
    """The solving process raised an exception: our own fault, with its text."""


@dataclass
class _Inbox:
    """Length-prefixed pickles from the child, as they arrive in pieces."""

    data: bytearray = field(default_factory=bytearray)

    def messages(self) -> list[tuple[str, Any]]:
        found = []
        while len(self.data) >= HEAD.size:
            (size,) = HEAD.unpack_from(self.data)
            if len(self.data) < HEAD.size + size:
                break
            found.append(pickle.loads(bytes(self.data[HEAD.size : HEAD.size + size])))  # noqa: S301 - our own child
            del self.data[: HEAD.size + size]
        return found


def solve_supervised(
    problem: Problem, params: Params, start: Plan | None, progress: Report | None, asked: Asked | None = None
) -> Plan:
    """Solve in a child process; SIGINT and SIGTERM end it with the best plan so far.

    ``asked`` listens already (the command line does from its first moment); else this call listens. Raises `ChildFailed`
    where the child raised an exception of ours before there was a plan; any other failure, a crash, a kill or too much
    memory gives the best plan so far, or no_answer, with ``cut_short``.
    """
    began = time.monotonic()
    with contextlib.nullcontext(asked) if asked is not None else Asked() as ears:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _child(problem, params, start, progress, writer)
        os.close(writer)
        try:
            latest, ended = _listen(reader, _Ending(child, params, began, ears))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reader)
    best = latest.to_plan(problem) if isinstance(latest, Interim) else latest
    if not ended:
        best = best or nobody(problem, params, "no_answer")
        best.cut_short = True
        best.seconds = time.monotonic() - began
    assert best is not None
    return best


def _child(
    problem: Problem, params: Params, start: Plan | None, progress: Report | None, writer: int
) -> None:
    """Solve and never return."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
        silence_output()

        def send(kind: str, content: Any) -> None:
            text = pickle.dumps((kind, content), protocol=pickle.HIGHEST_PROTOCOL)
            view = memoryview(HEAD.pack(len(text)) + text)
            while view:
                view = view[os.write(writer, view) :]

        try:
            limit = params.time_limit
            earlier = dataclasses.replace(params, time_limit=limit - min(AHEAD, 0.1 * limit))
            plan = solve_observed(
                problem, earlier, start, progress, lambda: bool(told), lambda better: send("plan", better)
            )
            send("end", plan)
            code = 0
        except MemoryError:
            send("memory", None)
        except Exception as error:  # noqa: BLE001 - handed to the parent, which reports it as our own fault
            import traceback  # noqa: PLC0415 - only where something failed

            send("failed", f"{error!r}\n{traceback.format_exc()}")
    finally:
        os._exit(code)


def silence_output() -> None:
    """Let nothing in this process reach standard output: the plan may be written there, and HiGHS prints a line at times."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


@dataclass
class _Ending:
    """When a run has to end, and what it may still do then."""

    child: int
    params: Params
    began: float
    asked: Asked
    since: float | None = None
    is_told: bool = False

    def is_over(self, *, is_planless: bool) -> bool:
        """Whether waiting ends now; tells the child first, once it has a plan, that it may still hand over what it has."""
        now = time.monotonic()
        if self.since is None and (self.asked or now - self.began > self.params.time_limit):
            self.since = now
        patience = GRACE if not is_planless else FIRST if self.asked else LATE
        if _too_large(self.child, self.params) or (self.since is not None and now - self.since > patience):
            return True
        if self.since is not None and not is_planless and not self.is_told:
            self.is_told = True
            os.kill(self.child, signal.SIGTERM)
        return False


def _listen(reader: int, ending: _Ending) -> tuple[Plan | Interim | None, bool]:
    """Wait for the end; return the best plan and whether the child ended by itself."""
    inbox = _Inbox()
    best: Plan | Interim | None = None
    while not ending.is_over(is_planless=best is None):
        if not select.select([reader], [], [], POLL)[0]:
            continue
        piece = os.read(reader, 1 << 20)
        if not piece:
            break  # the child is gone without an end: killed or crashed
        inbox.data += piece
        for kind, content in inbox.messages():
            if kind == "end":
                return content, True
            if kind == "failed" and best is None:
                raise ChildFailed(content)
            if kind != "plan":
                _warn(kind, content)
                return best, False
            best = content
    return best, False


def _warn(kind: str, failure: str | None) -> None:
    """Say that something of ours failed although a plan is written: nobody would look for it otherwise."""
    if kind == "failed" and failure:
        print(f"own fault, the best plan so far is written: {failure.splitlines()[0]}", file=sys.stderr)


def _too_large(child: int, params: Params) -> bool:
    """Whether both processes exceed the limit; pages that they share since the fork count once."""
    if params.memory_limit is None:
        return False
    both = (child, os.getpid())
    if sum(map(_resident_mib, both)) <= params.memory_limit:
        return False
    return sum(map(_proportional_mib, both)) > params.memory_limit


def _resident_mib(process: int) -> float:
    """Resident memory of a process in MiB; 0 where the system does not tell."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123 - read 20 times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError, ValueError):
        return 0.0


def _proportional_mib(process: int) -> float:
    """The same with shared pages divided among those who share them: exact, and slower to tell."""
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:  # noqa: PTH123 - as above
            line = next(line for line in file if line.startswith("Pss:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration, IndexError, ValueError):
        return _resident_mib(process)
