"""`carematch worker`: runs the night at a set time and on request, and the chores in between. One process of its own.

The night is a child process: whatever becomes of it, the worker goes on, and the chores go on beside it. Two workers
do no harm: the lease sees to the nights, the claims to the notices, and every sweep may run twice.
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

from app.clock import now, to_local
from app.context import Context
from app.operations.chores import Rhythm, list_chores
from app.operations.requests import find_request, note_served
from app.operations.rules import BUSY, HELD_BACK, PUBLISHED, Progress, is_due, note_end
from app.problems import log_fault

_log = structlog.get_logger("carematch.worker")

TICK_SECONDS: Final = 2
_AGAIN: Final = timedelta(seconds=15)
"""How long a request waits while somebody else's night runs."""
_GRACE_SECONDS: Final = 5
"""So long a night has to close its run when asked to stop; then it is killed, and the next one takes it over."""
NIGHT: Final = (sys.executable, "-m", "app", "nightly")


@dataclass
class _Night:
    """The night that runs: its process, why it was started, the newest request it serves."""

    process: subprocess.Popen[bytes]
    began: datetime
    why: str
    request: int | None = None


@dataclass
class Worker:
    """The loop; `stop` ends it after the present step, and ends a running night with a signal."""

    context: Context
    wanted: time
    night: Sequence[str] = NIGHT
    progress: Progress = field(default_factory=Progress)
    rhythm: Rhythm | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _running: _Night | None = None
    _ask_again_at: datetime | None = None

    def run(self, tick_seconds: float = TICK_SECONDS) -> None:
        """Work until stopped; a database that is away for a while does not end the loop."""
        _log.info("worker_started", at=self.wanted.isoformat(timespec="minutes"))
        while not self._stopping.is_set():
            try:
                self.step()
            except SQLAlchemyError as fault:
                log_fault(fault, path="worker")
            self._stopping.wait(tick_seconds)
        self._end_night()
        _log.info("worker_stopped")

    def step(self) -> None:
        """Do what is due now; a night that is due begins, one that ended is noted."""
        if self.rhythm is None:
            self.rhythm = Rhythm(list_chores(self.context))
        self._note_end()
        # The night before the chores: after a missed one nothing is more urgent.
        if self._running is None:
            self._begin_what_is_due()
        self.rhythm.do_due(now(), self._stopping.is_set)

    def stop(self, *_: object) -> None:
        """End the loop; a night that runs is asked to end too, and the next one takes it over."""
        self._stopping.set()
        running = self._running
        if running is not None:
            running.process.send_signal(signal.SIGTERM)

    @property
    def is_running(self) -> bool:
        """Whether a night that this worker started runs now."""
        return self._running is not None and self._running.process.poll() is None

    def _begin_what_is_due(self) -> None:
        with self.context.database.reading() as session:
            asked = find_request(session)
        if asked is not None and (self._ask_again_at is None or now() >= self._ask_again_at):
            self._begin("requested", request=asked)
        elif is_due(self.progress, to_local(now()), self.wanted):
            self._begin("scheduled", "--once")

    def _begin(self, why: str, *options: str, request: int | None = None) -> None:
        _log.info("night_started", why=why)
        process = subprocess.Popen([*self.night, *options], stdin=subprocess.DEVNULL)
        self._running = _Night(process, now(), why, request)
        if self._stopping.is_set():  # the signal came between the question and the start
            process.send_signal(signal.SIGTERM)

    def _note_end(self) -> None:
        running = self._running
        if running is None or running.process.poll() is None:
            return
        self._running = None
        code = running.process.returncode
        seconds = round((now() - running.began).total_seconds(), 1)
        log = _log.info if code in {0, BUSY} else _log.warning
        log("night_ended", why=running.why, code=code, seconds=seconds)
        if running.request is None:
            began_on = to_local(running.began).date()
            self.progress = note_end(self.progress, to_local(now()), code, began_on=began_on)
        elif code == BUSY:
            self._ask_again_at = now() + _AGAIN
        elif code in {PUBLISHED, HELD_BACK} or not self._stopping.is_set():
            # A night that our own end cut short has served nobody: the next worker finds the request again.
            number = running.request
            self.context.database.write(lambda session: note_served(session, number))

    def _end_night(self) -> None:
        running = self._running
        if running is None:
            return
        running.process.send_signal(signal.SIGTERM)
        try:
            running.process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()
        self._note_end()


def run_worker(context: Context, wanted: time) -> None:
    """Work until SIGTERM or Ctrl-C."""
    worker = Worker(context, wanted)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
