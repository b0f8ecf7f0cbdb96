"""Who may run the night: a lease with a fencing token that only grows; every write of a run carries it.

The lease is one row. Taking it is one guarded UPDATE, so of twenty starts at once one succeeds. A heartbeat on a
connection of its own extends it; a holder that was stopped past its lease finds its token outdated and writes nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db import Database, WriteSession
from app.models import Lease, PlanRun
from app.models.enums import RunState
from app.planning.errors import LeaseHeld, LeaseLost

NAME: Final = "nightly"
LEASE_SECONDS: Final = 30
HEARTBEAT_SECONDS: Final = 4.0


@dataclass(frozen=True)
class Run:
    """A run under way: its row and the token that fences its writes."""

    id: int
    token: int
    effective_on: date


def take_lease(session: WriteSession, holder: str, effective_on: date, now: datetime) -> Run:
    """Take the lease and open a run, or raise `LeaseHeld` naming the holder; runs left behind become abandoned."""
    session.execute(
        text("INSERT INTO lease (name, holder, token) VALUES (:name, '', 0) ON CONFLICT (name) DO NOTHING"),
        {"name": NAME},
    )
    now_held = session.execute(select(Lease.holder, Lease.expires_at).where(Lease.name == NAME)).one()
    is_free: ColumnElement[bool] = or_(Lease.expires_at.is_(None), Lease.expires_at <= now)
    if is_gone(now_held.holder):
        # Killed on this machine: nobody has to wait until its lease runs out.
        is_free = or_(is_free, Lease.holder == now_held.holder)
    token = session.scalar(
        update(Lease)
        .where(Lease.name == NAME, is_free)
        .values(holder=holder, token=Lease.token + 1, expires_at=now + timedelta(seconds=LEASE_SECONDS))
        .returning(Lease.token)
        .execution_options(synchronize_session=False)
    )
    if token is None:
        row = now_held
        raise LeaseHeld(
            holder=row.holder, expires_at=None if row.expires_at is None else row.expires_at.isoformat()
        )
    session.execute(
        update(PlanRun)
        .where(PlanRun.state == RunState.running)
        .values(state=RunState.abandoned, code="abandoned", ended_at=now)
        .execution_options(synchronize_session=False)
    )
    run = PlanRun(
        effective_on=effective_on,
        state=RunState.running,
        holder=holder,
        token=token,
        step="start",
        heartbeat_at=now,
        started_at=now,
    )
    session.add(run)
    session.flush()
    return Run(run.id, token, effective_on)


def is_gone(holder: str) -> bool:
    """Return whether a holder was a process of this machine that is no more; of other machines nothing is known."""
    host, _, pid = holder.rpartition(":")
    if host != clock.process_label().rpartition(":")[0] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def fence(session: WriteSession, run: Run) -> None:
    """Lock the lease row and make sure that this run still holds it, or raise `LeaseLost`; first in every write."""
    mine = session.scalar(
        update(Lease)
        .where(Lease.name == NAME, Lease.token == run.token, Lease.expires_at.is_not(None))
        .values(token=Lease.token)
        .returning(Lease.token)
        .execution_options(synchronize_session=False)
    )
    if mine is None:
        raise LeaseLost


def beat(session: WriteSession, run: Run, now: datetime, step: str, share_done: float) -> None:
    """Extend the lease and say where the run stands."""
    extended = session.scalar(
        update(Lease)
        .where(Lease.name == NAME, Lease.token == run.token, Lease.expires_at.is_not(None))
        .values(expires_at=now + timedelta(seconds=LEASE_SECONDS))
        .returning(Lease.token)
        .execution_options(synchronize_session=False)
    )
    if extended is None:
        raise LeaseLost
    session.execute(
        update(PlanRun)
        .where(PlanRun.id == run.id)
        .values(step=step, share_done=share_done, heartbeat_at=now)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class End:
    """How a run ended: its last state, a word for it, and the report that is kept."""

    state: RunState
    code: str
    report: Mapping[str, Any]


def close_run(session: WriteSession, run: Run, end: End, now: datetime) -> None:
    """Write how the run ended, once: one that is closed, or that lost its lease, keeps what stands."""
    session.execute(
        update(PlanRun)
        .where(PlanRun.id == run.id, PlanRun.state == RunState.running)
        .values(state=end.state, code=end.code, report=dict(end.report), ended_at=now)
        .execution_options(synchronize_session=False)
    )


def end_run(session: WriteSession, run: Run, end: End, now: datetime) -> None:
    """Close the run and give the lease back; a run that lost its lease closes nothing."""
    close_run(session, run, end, now)
    session.execute(
        update(Lease)
        .where(Lease.name == NAME, Lease.token == run.token)
        .values(expires_at=None)
        .execution_options(synchronize_session=False)
    )


class Heart:
    """Beats in a thread on its own connection; knows whether the lease was lost."""

    def __init__(self, database: Database, run: Run) -> None:
        self._database, self._run = database, run
        self._stop = threading.Event()
        self._step, self._share = "start", 0.0
        self._writing = threading.Lock()
        self.is_lost = False
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def enter(self, step: str, share: float) -> None:
        """Write a new step at once: whoever watches the run sees where it stands."""
        with self._writing:
            self._step, self._share = step, share
            self._write()

    def note(self, share: float) -> None:
        """Remember how far the step is; the next beat writes it."""
        self._share = share

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            try:
                with self._writing:  # a late beat must not write an earlier step over a newer one
                    self._write()
            except LeaseLost:
                self.is_lost = True
                return
            except SQLAlchemyError:
                continue  # the database is busy or away for a moment; the lease outlives several beats

    def _write(self) -> None:
        step, share = self._step, self._share
        self._database.write(lambda session: beat(session, self._run, clock.now(), step, share))

    @contextmanager
    def beating(self) -> Iterator[Heart]:
        """Beat until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join(HEARTBEAT_SECONDS)


def lock_lease(session: WriteSession) -> None:
    """Take turns with a night's publishing: it holds the same row until it commits."""
    session.execute(select(Lease.token).where(Lease.name == NAME).with_for_update()).all()
