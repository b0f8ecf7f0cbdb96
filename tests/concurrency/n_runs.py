"""N1 to N3: nights that are killed, started twenty at once, or stopped past their lease."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from app.clock import now
from app.models import Lease, Notice, Plan, PlanRun
from app.models.enums import PlanState, RunState
from app.planning.night import STEPS
from tests.concurrency.nights import (
    fill,
    finish,
    kill_group,
    last_run,
    list_night_faults,
    start_night,
    wait_for_step,
)
from tests.concurrency.outcome import Outcome

if TYPE_CHECKING:
    from tests.concurrency.stage import Stage


def run_n1(on: Stage, *, kills: int) -> Outcome:
    """Kill -9 at every step boundary and at random moments; the next night completes and nothing is told twice."""
    out = Outcome("N1", on.kind)
    began = time.monotonic()
    fill(on)
    _time_a_night(on, out)  # there is a plan that readers must keep seeing
    usual = _time_a_night(on, out)  # and the nights after it place fewer people
    draw = random.Random(1)
    moments: list[str | float] = [*STEPS[:-1], *(draw.uniform(0.1, usual * 1.1) for _ in range(kills))]
    for moment in moments:
        known = last_run(on.database)
        night = start_night(on)
        if isinstance(moment, str):
            wait_for_step(on, night, STEPS[STEPS.index(moment) :], known)
        else:
            time.sleep(moment)
        out.attempts += 1
        out.successes += night.poll() is None
        kill_group(night)
        out.violations += [f"killed at {moment}: {fault}" for fault in list_night_faults(on.database)]
        out.expect(_count_published(on) == 1, f"killed at {moment}: no plan is published")
    code, said = finish(on, start_night(on))
    out.expect(code == 0, f"the night after the kills ended with {code}: {said[-300:]}")
    out.violations += list_night_faults(on.database)
    with on.database.reading() as session:
        twice = session.execute(select(Notice.key).group_by(Notice.key).having(func.count() > 1)).all()
        left = session.scalar(
            select(func.count()).select_from(PlanRun).where(PlanRun.state == RunState.running)
        )
    out.expect(not twice, f"{len(twice)} notices are there twice")
    out.expect(left == 0, f"{left} runs still count as running")
    out.seconds = time.monotonic() - began
    return out


def _time_a_night(on: Stage, out: Outcome) -> float:
    """Run one whole night and return its seconds."""
    begun = time.monotonic()
    code, said = finish(on, start_night(on))
    out.expect(code == 0, f"a whole night ended with {code}: {said[-300:]}")
    return time.monotonic() - begun


def _count_published(on: Stage) -> int:
    with on.database.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Plan).where(Plan.state == PlanState.published))
            or 0
        )


def run_n2(on: Stage, *, starts: int = 20) -> Outcome:
    """Start twenty nights at once: one runs, the others exit 75 and name the holder."""
    out = Outcome("N2", on.kind)
    began = time.monotonic()
    gate = on.data / "gate-n2"
    nights = [start_night(on, gate=gate) for _ in range(starts)]
    # The gate stays shut until all but one have given up: a start that is only late shows nothing.
    until = time.monotonic() + 50
    while sum(night.poll() is None for night in nights) > 1 and time.monotonic() < until:
        time.sleep(0.05)
    gate.unlink()
    ends = [finish(on, night) for night in nights]
    out.attempts = starts
    documents = [json.loads(said) if said.strip().startswith("{") else {} for _, said in ends]
    ran = [index for index, (code, _) in enumerate(ends) if code == 0]
    out.successes = len(ran)
    for (code, _), document in zip(ends, documents, strict=True):
        if code == 75:
            out.refusals["lease_held"] += 1
            out.expect(bool(document.get("holder")), f"a refused start names no holder: {document}")
        else:
            out.expect(code == 0, f"a start ended with {code}: {document}")
    out.expect(len(ran) == 1, f"{len(ran)} nights ran")
    out.violations += list_night_faults(on.database)
    out.seconds = time.monotonic() - began
    return out


def run_n3(on: Stage, *, is_control: bool = False) -> Outcome:
    """Stop a holder past its lease, let another publish, wake the first: its publish is refused by the token."""
    out = Outcome("N3", on.kind, is_control=is_control)
    began = time.monotonic()
    known = last_run(on.database)
    gate = on.data / "gate-n3"
    first = start_night(on, gate=gate)
    out.expect(wait_for_step(on, first, ("solve",), known), "the first night was never seen solving")
    # Seen is not done: the step can be read a moment before its writer has let go of the file. A write of our own waits.
    on.database.write(lambda session: session.execute(update(Lease).values(token=Lease.token)))
    os.killpg(first.pid, signal.SIGSTOP)
    try:
        gate.unlink()
        _expire(on)
        code, said = finish(on, start_night(on))
        out.expect(code == 0 or is_control, f"the second night ended with {code}: {said[-300:]}")
        second = _get_published(on)
        if is_control:  # the guard out: the sleeper is handed the token that fences its writes
            _hand_token_back(on, known)
        os.killpg(first.pid, signal.SIGCONT)
        code, said = finish(on, first)
    finally:
        kill_group(first)  # nobody stays asleep, whatever went wrong above
    out.attempts, out.successes = 2, 1
    out.refusals[json.loads(said).get("code", "?") if said.strip().startswith("{") else f"exit {code}"] += 1
    out.expect(code != 0, "the woken night published")
    out.expect(_get_published(on) == second, "the plan in force is not the second night's")
    out.violations += list_night_faults(on.database)
    out.seconds = time.monotonic() - began
    return out


def _expire(on: Stage) -> None:
    past = now() - timedelta(seconds=1)
    on.database.write(lambda session: session.execute(update(Lease).values(expires_at=past)))


def _hand_token_back(on: Stage, known: int) -> None:
    def work(session: object) -> None:
        token = session.scalar(select(PlanRun.token).where(PlanRun.id > known).order_by(PlanRun.id).limit(1))  # type: ignore[attr-defined]
        session.execute(update(Lease).values(token=token, expires_at=now() + timedelta(minutes=5)))  # type: ignore[attr-defined]
        session.execute(  # type: ignore[attr-defined]
            update(PlanRun).where(PlanRun.token == token).values(state=RunState.running, ended_at=None)
        )

    on.database.write(work)


def _get_published(on: Stage) -> int | None:
    with on.database.reading() as session:
        return session.scalar(select(Plan.id).where(Plan.state == PlanState.published))
