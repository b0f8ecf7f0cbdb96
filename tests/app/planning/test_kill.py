"""kill -9 at every step boundary: readers always see one whole plan, the next run completes, nothing by hand."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.ledger.commands import recount
from app.models import Notice, Offer, Placement, Plan, PlanRun, Proposal, WaitlistEntry
from app.models.enums import PlacementState, PlanState, RunState
from app.planning.night import STEPS
from tests.app.planning.town import TOMORROW, add_need, make_town, night

if TYPE_CHECKING:
    from pathlib import Path

KEY = base64.b64encode(b"synthetic key for tests only....").decode()


def _environ(url: str, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
        "DATA": str(folder / "data"),
        "CAREMATCH_FIELD_KEY": KEY,
    }


def _start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app", "nightly", "--date", TOMORROW.isoformat(), "--json"]
    return subprocess.Popen(
        command,
        env=_environ(url, folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill_at(child: subprocess.Popen[bytes], database: Database, step: str, known: int) -> bool:
    """Kill the child as soon as its run enters a step; False if it ended before it was seen there."""
    steps = STEPS[STEPS.index(step) :]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and child.poll() is None:
        with database.reading() as session:
            now_at = session.scalars(
                select(PlanRun.step).where(PlanRun.id > known, PlanRun.state == RunState.running)
            ).first()
        if now_at in steps:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return True
        time.sleep(0.002)
    child.wait()
    return False


def _check_whole(database: Database) -> int | None:
    """Check that what readers see hangs together; returns the published plan's version."""
    with database.reading() as session:
        assert recount(session) == []
        plan = session.scalars(select(Plan).where(Plan.state == PlanState.published)).one_or_none()
        if plan is None:
            return None
        count = session.scalar(select(func.count()).select_from(Proposal).where(Proposal.plan_id == plan.id))
        assert count == plan.needs_decided
        drafts = select(Placement.id).where(
            Placement.plan_id == plan.id, Placement.state == PlacementState.draft
        )
        assert session.scalars(drafts).all() == []
        return plan.version


@pytest.mark.slow
@pytest.mark.serial
def test_killed_at_every_step_the_next_run_completes(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=3, sends_offers=True)
        for number in range(8):
            add_need(session, town, days=(0, 2) if number % 2 else (1, 3))
    killed = 0
    for step in STEPS[:-1]:
        with database.reading() as session:
            known = session.scalar(select(func.max(PlanRun.id))) or 0
        killed += _kill_at(_start(database_url, tmp_path), database, step, known)
        _check_whole(database)
    assert killed >= len(STEPS) - 2, "the kills came too late to show anything"
    result = night(database, tmp_path)
    assert (result.exit_code, result.code) == (0, "published")
    assert _check_whole(database) is not None
    with database.reading() as session:
        states = set(session.scalars(select(PlanRun.state)))
        assert states <= {RunState.abandoned, RunState.published}
        # Each offer was told once, however often the night was started.
        assert session.scalar(select(func.count()).select_from(Notice)) == session.scalar(
            select(func.count()).select_from(Offer)
        )


MURDERED = """
import os, signal, sys
from app.planning import publish

def die(session, *_):
    if {is_control}:
        session.commit()  # the old order: the plan is in force before what hangs on it
    os.kill(os.getpid(), signal.SIGKILL)

publish.{step} = die
sys.argv = ["carematch", "nightly", "--date", {on!r}, "--json"]
from app.cli import main
main()
"""


def _publish_and_die(database: Database, url: str, tmp_path: Path, step: str, *, is_control: bool) -> str:
    """Kill a night within its publishing; return what the next one, with --once, says of itself."""
    with database.writing() as session:
        town = make_town(session, places=1)
        for _ in range(3):
            add_need(session, town)
    script = MURDERED.format(step=step, is_control=is_control, on=TOMORROW.isoformat())
    child = subprocess.Popen(
        [sys.executable, "-c", script], env=_environ(url, tmp_path), stdout=subprocess.DEVNULL
    )
    assert child.wait(120) == -signal.SIGKILL
    return night(database, tmp_path, once=True).code


def _count_waiting(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(WaitlistEntry)) or 0


@pytest.mark.slow
@pytest.mark.parametrize("step", ["join_waitlists", "publish_lists"])
def test_killed_while_publishing_leaves_nothing_and_the_next_does_all_of_it(
    database: Database, database_url: str, tmp_path: Path, step: str
) -> None:
    said = _publish_and_die(database, database_url, tmp_path, step, is_control=False)
    assert (said, _count_waiting(database)) == ("published", 2)
    assert _check_whole(database) == 2, "the killed night's version stays a draft that was discarded"


@pytest.mark.slow
def test_with_a_commit_in_between_the_waitlists_would_be_left_out(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    said = _publish_and_die(database, database_url, tmp_path, "join_waitlists", is_control=True)
    assert (said, _count_waiting(database)) == ("already_published", 0)
