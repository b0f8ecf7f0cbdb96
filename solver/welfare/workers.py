"""Tasks in forked children, as many at once as there are cores; the results in the order of the tasks.

Whatever happens to a child, the parent goes on: its result is then missing. A child does one task and ends; it notices
when its parent is gone. The parent looks up a few times a second, so a limit or a stop ends everything at once.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

POLL = 0.1  # seconds between two looks at the clock
MOST = 8  # children at once: each holds a region's own arrays


@dataclass
class _Child:
    task: int
    process: int
    reader: int
    data: bytearray = field(default_factory=bytearray)


def count_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    task: Callable[[int], Any], count: int, watch: Callable[[int], None], cores: int | None = None
) -> list[Any]:
    """Return ``[task(0), ..., task(count - 1)]``, None where a child failed.

    ``watch(done)`` is asked a few times a second; what it raises ends all children and goes on to the caller.
    """
    results: list[Any] = [None] * count
    running: list[_Child] = []
    done = begun = 0
    try:
        while done < count:
            while begun < count and len(running) < min(MOST, cores or count_cores()):
                running.append(_begin(task, begun, running))
                begun += 1
            watch(done)
            ready = select.select([child.reader for child in running], [], [], POLL)[0]
            for child in [each for each in running if each.reader in ready]:
                piece = os.read(child.reader, 1 << 20)
                child.data += piece
                if not piece:
                    running.remove(child)
                    results[child.task] = _end(child)
                    done += 1
    finally:
        for child in running:
            os.kill(child.process, signal.SIGKILL)  # not yet waited for, so the number is still its own
            os.close(child.reader)
            os.waitpid(child.process, 0)
    return results


def _begin(task: Callable[[int], Any], number: int, others: list[_Child]) -> _Child:
    reader, writer = os.pipe()
    process = os.fork()
    if process:
        os.close(writer)
        return _Child(number, process, reader)
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its children itself
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(reader)
        for other in others:
            os.close(other.reader)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(task(number), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)


def _end(child: _Child) -> Any:
    """Collect a child that has ended; its result, or None where it did not end well."""
    os.close(child.reader)
    status = os.waitpid(child.process, 0)[1]
    return pickle.loads(bytes(child.data)) if status == 0 else None  # noqa: S301 - our own child
