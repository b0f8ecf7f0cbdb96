"""`carematch worker`: runs the night at a set time and on request, and tidies in between. One process of its own.

The night is a child process: whatever becomes of it, the worker goes on. Two workers do no harm, the lease sees to that.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.attendance.sweep import sweep_day
from app.bookings.sweep import sweep
from app.clock import now, to_local
from app.context import Context
from app.operations.requests import find_request, note_served
from app.operations.rules import BUSY, Progress, is_due, note_end
from app.problems import log_fault

_log = structlog.get_logger("carematch.worker")

TICK_SECONDS: Final = 5
_TIDY_EVERY: Final = timedelta(minutes=1)
NIGHT: Final = (sys.executable, "-m", "app", "nightly")


@dataclass
class Worker:
    """The loop; `stop` ends it after the present step, and ends a running night with a signal."""

    context: Context
    wanted: time
    night: Sequence[str] = NIGHT
    progress: Progress = field(default_factory=Progress)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _child: subprocess.Popen[bytes] | None = None
    _tidied_at: datetime | None = None

    def run(self, tick_seconds: float = TICK_SECONDS) -> None:
        """Work until stopped; a database that is away for a while does not end the loop."""
        _log.info("worker_started", at=self.wanted.isoformat(timespec="minutes"))
        while not self._stopping.is_set():
            try:
                self.step()
            except SQLAlchemyError as fault:
                log_fault(fault, path="worker")
            self._stopping.wait(tick_seconds)
        _log.info("worker_stopped")

    def step(self) -> None:
        """Do what is due now."""
        at = now()
        if self._tidied_at is None or at - self._tidied_at >= _TIDY_EVERY:
            sweep(self.context.database, at)
            sweep_day(self.context.database, at)
            self._tidied_at = at
        with self.context.database.reading() as session:
            asked = find_request(session)
        if asked is not None:
            if self._run_night("requested") != BUSY:
                self.context.database.write(lambda session: note_served(session, asked))
        elif is_due(self.progress, to_local(at), self.wanted):
            code = self._run_night("scheduled", "--once")
            self.progress = note_end(self.progress, to_local(now()), code)

    def stop(self, *_: object) -> None:
        """End the loop; a night that runs is asked to end too, and the next one takes it over."""
        self._stopping.set()
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)

    def _run_night(self, why: str, *options: str) -> int:
        began = now()
        _log.info("night_started", why=why)
        self._child = subprocess.Popen([*self.night, *options], stdin=subprocess.DEVNULL)
        if self._stopping.is_set():
            self._child.send_signal(signal.SIGTERM)
        code = self._child.wait()
        self._child = None
        seconds = round((now() - began).total_seconds(), 1)
        log = _log.info if code in {0, BUSY} else _log.warning
        log("night_ended", why=why, code=code, seconds=seconds)
        return code


def run_worker(context: Context, wanted: time) -> None:
    """Work until SIGTERM or Ctrl-C."""
    worker = Worker(context, wanted)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
