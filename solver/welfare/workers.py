"""Tasks in forked children, as many at once as there are cores.

Whatever happens to a child, the parent goes on and learns whose result is missing. A child does one task and ends; it notices
when its parent is gone. The parent looks up a few times a second, so a limit or a stop ends everything at once.
"""

from __future__ import annotations

import logging
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
    task: Callable[[int], Any], count: int, take: Callable[[int, Any], None], watch: Callable[[], None]
) -> list[int]:
    """Hand ``task(0)`` ... ``task(count - 1)`` to ``take(number, result)`` as they end; return the tasks that failed.

    What a task raises is logged by its child. ``watch()`` is asked a few times a second; what it raises ends all children and goes on to the caller.
    """
    running: list[_Child] = []
    failed: list[int] = []
    begun = 0
    try:
        while begun < count or running:
            while begun < count and len(running) < min(MOST, count_cores()):
                running.append(_begin(task, begun, running))
                begun += 1
            watch()
            ready = select.select([child.reader for child in running], [], [], POLL)[0]
            for child in [each for each in running if each.reader in ready]:
                piece = os.read(child.reader, 1 << 20)
                child.data += piece
                if not piece:
                    running.remove(child)
                    if _has_ended_well(child):
                        take(child.task, pickle.loads(bytes(child.data)))  # noqa: S301 - our own child
                    else:
                        failed.append(child.task)
        return failed
    finally:
        for child in running:
            os.kill(child.process, signal.SIGKILL)  # not yet waited for, so the number is still its own
            _has_ended_well(child)


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
    except BaseException:
        logging.getLogger(__name__).exception("task %d", number)
        raise
    finally:
        os._exit(code)


def _has_ended_well(child: _Child) -> bool:
    """Wait for a child that has closed its pipe or was killed."""
    os.close(child.reader)
    return os.waitpid(child.process, 0)[1] == 0
