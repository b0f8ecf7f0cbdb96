"""`carematch worker` as a process, over a small town with real nights: on time, on request, ended, killed, caught up."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.actor import system_actor
from app.models import Notice, Offer, Plan, PlanRun, Policy
from app.models.enums import NoticeState, PlanState
from app.operations.heartbeat import find_beat
from app.operations.requests import find_request, request_night
from tests.app.planning.town import add_need, make_town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.db import Database

KEY = base64.b64encode(b"synthetic key for tests only....").decode()
PATIENCE = 180.0
"""Seconds for a night of five, on a machine that does something else, too."""

pytestmark = [pytest.mark.slow]


def prepare(database: Database) -> None:
    """Make a town in which two of three get an offer, and in which nobody is ever asleep."""

    def work(session) -> None:
        town = make_town(session, places=2, sends_offers=True)
        for _ in range(3):
            add_need(session, town)
        session.add(
            Policy(
                key="quiet_hours",
                value={"from": "00:00", "to": "00:00"},
                valid_from=date(2020, 1, 1),
                source="test",
            )
        )

    database.write(work)


def start(url: str, folder: Path, at: str = "00:00") -> subprocess.Popen[bytes]:
    environment = os.environ | {"DATA": str(folder), "DATABASE_URL": url, "CAREMATCH_FIELD_KEY": KEY}
    return subprocess.Popen(
        [sys.executable, "-m", "app", "worker", "--at", at],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextmanager
def working(url: str, folder: Path, at: str = "00:00") -> Iterator[subprocess.Popen[bytes]]:
    worker = start(url, folder, at)
    try:
        yield worker
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        if worker.stderr:
            worker.stderr.close()


def wait_for(what: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, f"it did not come; the worker says:\n{read_log(folder)}"
        time.sleep(0.1)


def read_log(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((folder / "logs").glob("*")))


def count(database: Database, statement) -> int:
    with database.reading() as session:
        return session.scalar(statement) or 0


def published(database: Database) -> int:
    return count(database, select(func.count()).select_from(Plan).where(Plan.state == PlanState.published))


def unsent(database: Database) -> int:
    return count(database, select(func.count()).select_from(Notice).where(Notice.state != NoticeState.sent))


def delivered(folder: Path) -> list[str]:
    return [
        json.loads(line)["key"]
        for path in (folder / "notices").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_missed_night_is_run_at_start_its_offers_are_sent_and_a_signal_ends_it_all(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    prepare(database)
    folder = tmp_path / "data"
    with working(database_url, folder) as worker:
        wait_for(lambda: published(database) == 1 and unsent(database) == 0, folder)
        keys = delivered(folder)
        assert len(keys) == len(set(keys)) == 2
        assert all(key.startswith("offer:") for key in keys)
        with database.reading() as session:
            assert find_beat(session) is not None
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
        assert time.monotonic() - began < 10
    logged = read_log(folder)
    events = [json.loads(line)["event"] for line in logged.splitlines()]
    assert {"worker_started", "night_started", "night_ended", "notices_delivered", "worker_stopped"} <= set(
        events
    )
    assert "测试人" not in logged
    # Started again on the same day it has nothing to do; asked for a night, it runs one.
    with working(database_url, folder) as worker:
        time.sleep(4)
        assert count(database, select(func.count()).select_from(PlanRun)) == 1
        database.write(lambda session: request_night(session, system_actor()))
        wait_for(lambda: count(database, select(func.count()).select_from(PlanRun)) == 2, folder)

        def is_served() -> bool:
            with database.reading() as session:
                return find_request(session) is None

        wait_for(is_served, folder)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert len(delivered(folder)) == 2


@pytest.mark.parametrize(("seconds", "how"), [(3.5, signal.SIGKILL), (2.5, signal.SIGTERM)])
def test_ended_in_mid_night_it_leaves_nothing_to_do_by_hand(
    database: Database, database_url: str, tmp_path: Path, seconds: float, how: signal.Signals
) -> None:
    prepare(database)
    folder = tmp_path / "data"
    with working(database_url, folder) as worker:
        time.sleep(seconds)
        began = time.monotonic()
        if how is signal.SIGKILL:
            os.killpg(worker.pid, how)  # with the night and its solver
        else:
            worker.send_signal(how)
        worker.wait(20)
        assert time.monotonic() - began < 12
    with working(database_url, folder) as worker:
        wait_for(lambda: published(database) == 1 and unsent(database) == 0, folder)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert count(database, select(func.count()).select_from(Offer)) == 2
    assert set(delivered(folder)) == {
        f"offer:{code}" for code in offered_codes(database)
    }  # at least once; the key tells who gets it twice


def offered_codes(database: Database) -> list[str]:
    from app.models import Placement

    with database.reading() as session:
        return list(session.scalars(select(Placement.code).join(Offer, Offer.placement_id == Placement.id)))
