"""Nights as processes over a small synthetic town, and what must hold of the record whatever happened to one."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.clock import now, today
from app.ledger.commands import recount
from app.models import Notice, Offer, Placement, Plan, PlanRun, Proposal
from app.models.enums import PlacementState, PlanState, RunState
from app.sample.commands import SMALL_SCALE, load_sample
from tests.concurrency.stage import ROOT, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.db import Database

NIGHT_LOG = "night.log"


def fill(on: Stage, scale: float = SMALL_SCALE) -> None:
    """Load the small sample: about 500 open needs."""
    on.database.write(lambda session: load_sample(session, scale=scale, seed=1, today=today(), now=now()))


def start_night(on: Stage, *more: str, gate: Path | None = None) -> subprocess.Popen[str]:
    """Start `carematch nightly --json` in a process group of its own; with a gate it solves once that file is gone."""
    environment = on.environment()
    if gate is not None:
        gate.touch()
        environment["CAREMATCH_GATE"] = str(gate)
        more = (*more, "--solver", shlex.join([sys.executable, "-m", "tests.concurrency.slow_solver"]))
    with (on.data / NIGHT_LOG).open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "app", "nightly", "--json", *more],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )


def read_last_words(on: Stage) -> str:
    """Return the end of what the nights of this stage wrote to stderr: why one ended as it did."""
    path = on.data / NIGHT_LOG
    lines = path.read_text().splitlines() if path.exists() else []
    return " | ".join(line for line in lines[-40:] if not line.startswith("{"))


def finish(on: Stage, night: subprocess.Popen[str], seconds: float = 300) -> tuple[int, str]:
    """Wait for a night and return its exit code and what it printed; why it could not start, if it printed nothing."""
    said, _ = night.communicate(timeout=seconds)
    return night.returncode, said or read_last_words(on)


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL a night with its solver child and heartbeat, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ValueError):  # its pipe may be closed already
        process.communicate()


def wait_for_step(on: Stage, night: subprocess.Popen[str], steps: Sequence[str], known: int) -> bool:
    """Return True as soon as a run newer than `known` is in one of the steps; False if the night ended before."""
    until = time.monotonic() + 120
    while time.monotonic() < until and night.poll() is None:
        with on.database.reading() as session:
            at = session.scalar(
                select(PlanRun.step).where(PlanRun.id > known, PlanRun.state == RunState.running)
            )
        if at is not None and at.partition(":")[0] in steps:
            return True
        time.sleep(0.005)
    return False


def last_run(database: Database) -> int:
    """Return the newest run's id; 0 without one."""
    with database.reading() as session:
        return session.scalar(select(func.max(PlanRun.id))) or 0


def list_night_faults(database: Database) -> list[str]:
    """Return every way in which what readers see is not one whole plan with a ledger that adds up."""
    with database.reading() as session:
        faults = [f"slot {row.slot_id}: taken {row.taken}, counted {row.counted}" for row in recount(session)]
        plans = session.scalars(select(Plan).where(Plan.state == PlanState.published)).all()
        if len(plans) > 1:
            faults.append(f"{len(plans)} plans are published at once")
        for plan in plans:
            rows = session.scalar(
                select(func.count()).select_from(Proposal).where(Proposal.plan_id == plan.id)
            )
            if rows != plan.needs_decided:
                faults.append(f"plan {plan.id} has {rows} proposals for {plan.needs_decided} needs")
            drafts = session.scalar(
                select(func.count())
                .select_from(Placement)
                .where(Placement.plan_id == plan.id, Placement.state == PlacementState.draft)
            )
            if drafts:
                faults.append(f"plan {plan.id} is published with {drafts} drafts")
        told = session.scalar(select(func.count()).select_from(Notice).where(Notice.template == "offer")) or 0
        sent = (
            session.scalar(
                select(func.count())
                .select_from(Offer)
                .join(Placement, Placement.id == Offer.placement_id)
                .where(Placement.plan_id.is_not(None))
            )
            or 0
        )
        if told != sent:
            faults.append(f"{told} notices for {sent} offers of plans")
    return faults
