"""Lets the writers of one SQLite file go one after the other in order of arrival; it knows a path and nothing else.

SQLite makes a writer that finds the file locked sleep up to 100 ms and try again: with 16 writers one of them may lose
for seconds on end. Here they queue: threads on a lock, processes on a lock file that is asked every millisecond. It is
about fairness only: who has waited too long goes ahead and meets SQLite's own lock.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - on Windows threads queue, processes meet SQLite's own lock
    fcntl = None  # type: ignore[assignment]

ASK_EVERY_SECONDS = 0.001
AFTER_A_VAIN_WAIT_SECONDS = 0.05
"""How long to wait for a turn that did not come in time once before: a process that is stopped (not killed) between its
commit and its turn's end would else cost every write of everybody the whole timeout, for as long as it sleeps."""


class Turns:
    """The queue in front of one file."""

    def __init__(self, path: Path, timeout_seconds: float) -> None:
        self._path = path
        self._timeout = timeout_seconds
        self._threads = threading.Lock()
        self._handle: int | None = None
        self._was_vain = False

    def take(self) -> bool:
        """Wait for the turn and return whether it came in time; any thread may `give` it back."""
        until = time.monotonic() + self._timeout
        if not self._threads.acquire(timeout=self._timeout):
            return False
        if self._was_vain:
            until = time.monotonic() + AFTER_A_VAIN_WAIT_SECONDS
        self._was_vain = not self._take_from_processes(until)
        if not self._was_vain:
            return True
        self._threads.release()
        return False

    def give(self) -> None:
        """Let the next one go."""
        if fcntl is not None and self._handle is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._threads.release()

    def _take_from_processes(self, until: float) -> bool:
        if fcntl is None:
            return True
        if self._handle is None:
            # Opened once: the lock belongs to the open file, and ends with the process however it ends.
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            weakref.finalize(self, os.close, self._handle)
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    return False
                time.sleep(ASK_EVERY_SECONDS)
            else:
                return True
