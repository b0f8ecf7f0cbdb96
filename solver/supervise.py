"""A parent process that keeps the promises: the deadline, the memory limit, and an answer when a library crashes.

The child solves and sends every better plan through a pipe; whatever happens to it, the parent has the last one.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver.decide import nobody, solve_observed
from solver.plan import Plan

if TYPE_CHECKING:
    from types import FrameType

    from solver.params import Params, Report
    from solver.problem import Problem

GRACE = 0.6  # seconds that the child has to hand over its best plan once it was told to end
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


def solve_supervised(problem: Problem, params: Params, start: Plan | None, progress: Report | None) -> Plan:
    """Solve in a child process; SIGINT and SIGTERM end it with the best plan so far.

    Raises `ChildFailed` where the child raised an exception of ours; a crash, a kill or too much memory
    gives the best plan so far, or no_answer, with ``cut_short``.
    """
    began = time.monotonic()
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    old = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(problem, params, start, progress, writer)
    os.close(writer)
    try:
        best, ended = _listen(reader, child, params, began, asked)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        for number, handler in old.items():
            signal.signal(number, handler)
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

        def send(kind: str, content: Any) -> None:
            text = pickle.dumps((kind, content), protocol=pickle.HIGHEST_PROTOCOL)
            view = memoryview(HEAD.pack(len(text)) + text)
            while view:
                view = view[os.write(writer, view) :]

        try:
            send(
                "end", solve_observed(problem, params, start, progress, None, lambda plan: send("plan", plan))
            )
            code = 0
        except MemoryError:
            send("memory", None)
        except Exception as error:  # noqa: BLE001 - handed to the parent, which reports it as our own fault
            import traceback  # noqa: PLC0415 - only where something failed

            send("failed", f"{error!r}\n{traceback.format_exc()}")
    finally:
        os._exit(code)


def _listen(
    reader: int, child: int, params: Params, began: float, asked: list[int]
) -> tuple[Plan | None, bool]:
    """Wait for the end; return the best plan and whether the child ended by itself."""
    inbox = _Inbox()
    best: Plan | None = None
    last_call: float | None = None
    while True:
        ready, _, _ = select.select([reader], [], [], POLL)
        if ready:
            piece = os.read(reader, 1 << 20)
            if not piece:
                return best, False  # the child is gone without an end: killed or crashed
            inbox.data += piece
            for kind, content in inbox.messages():
                if kind == "plan":
                    best = content
                elif kind == "end":
                    return content, True
                elif kind == "failed":
                    raise ChildFailed(content)
                else:
                    return best, False
        now = time.monotonic()
        if _too_large(child, params) or (last_call is not None and now - last_call > GRACE):
            return best, False
        if last_call is None and (asked or now - began > params.time_limit):
            last_call = now
            os.kill(child, signal.SIGTERM)  # it may still hand over what it has


def _too_large(child: int, params: Params) -> bool:
    return (
        params.memory_limit is not None
        and _resident_mib(child) + _resident_mib(os.getpid()) > params.memory_limit
    )


def _resident_mib(process: int) -> float:
    """Resident memory of a process in MiB; 0 where the system does not tell."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123 - read 20 times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError, ValueError):
        return 0.0
