"""The worker: when the night is due, what an exit code leads to, a request is served once, a signal ends it."""

from __future__ import annotations

import re
import sys
import threading
import time as clock_time
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from app.actor import system_actor
from app.clock import SHANGHAI, now
from app.config import Settings
from app.context import Context
from app.models.enums import AreaKind, StaffRole
from app.operations.chores import Chore, Rhythm
from app.operations.heartbeat import beat, find_beat
from app.operations.requests import find_request, request_night
from app.operations.rules import Progress, is_due, note_end
from app.operations.worker import Worker
from tests.factories.areas import make_area

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.db import Database
    from tests.support.service import Service

HALF_PAST_ONE = time(1, 30)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("progress", "moment", "due"),
    [
        (Progress(), at(1, 29), False),
        (Progress(), at(1, 30), True),
        (Progress(), at(15), True),  # it was down at half past one, and catches up
        (Progress(done_on=date(2026, 11, 23)), at(23, 59), False),
        (Progress(done_on=date(2026, 11, 23)), at(1, 30, day=24), True),
        (Progress(not_before=at(2)), at(1, 59), False),
        (Progress(not_before=at(2)), at(2), True),
        (Progress(tried_on=date(2026, 11, 23), tries=6), at(3), False),
        (Progress(tried_on=date(2026, 11, 22), tries=6), at(3), True),
    ],
)
def test_night_is_due_from_its_hour_on_until_it_is_done(
    progress: Progress, moment: datetime, due: bool
) -> None:
    assert is_due(progress, moment, HALF_PAST_ONE) is due


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, Progress(done_on=date(2026, 11, 23))),
        (3, Progress(done_on=date(2026, 11, 23))),
        (75, Progress(tried_on=date(2026, 11, 23), tries=2, not_before=at(2, 1))),
        (4, Progress(tried_on=date(2026, 11, 23), tries=3, not_before=at(2, 10))),
        (5, Progress(tried_on=date(2026, 11, 23), tries=3, not_before=at(2, 10))),
        (-9, Progress(tried_on=date(2026, 11, 23), tries=3, not_before=at(2, 10))),
    ],
)
def test_exit_code_says_whether_to_try_again(code: int, expected: Progress) -> None:
    assert note_end(Progress(tried_on=date(2026, 11, 23), tries=2), at(2), code) == expected


def test_night_over_midnight_is_the_first_days() -> None:
    done = note_end(Progress(), at(0, 10, day=24), 0, began_on=date(2026, 11, 23))
    assert is_due(done, at(23, 50, day=24), time(23, 50))


def make_worker(database: Database, folder: Path, code: int, wanted: time = time(0)) -> tuple[Worker, Path]:
    """Return a worker whose night is a program that notes its options and ends with a code."""
    notes = folder / "nights.txt"
    program = (
        f"import sys; open({str(notes)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10)); sys.exit({code})"
    )
    context = Context(Settings(data=folder, database_url=None), database)
    return Worker(context, wanted, night=[sys.executable, "-c", program]), notes


def step_through(worker: Worker, times: int = 1) -> None:
    """Let the worker begin what is due, and note its end, so many times."""
    for _ in range(times):
        worker.step()
        while worker.is_running:
            clock_time.sleep(0.02)
    worker._note_end()


def test_scheduled_night_runs_once_a_day(database: Database, tmp_path: Path) -> None:
    worker, notes = make_worker(database, tmp_path, code=0)
    step_through(worker, 3)
    assert notes.read_text().splitlines() == ["--once"]


def test_failed_night_is_not_tried_again_at_once(database: Database, tmp_path: Path) -> None:
    worker, notes = make_worker(database, tmp_path, code=4)
    step_through(worker, 3)
    assert notes.read_text().splitlines() == ["--once"]
    assert worker.progress.tries == 1


def test_requests_are_served_together_by_one_night(database: Database, tmp_path: Path) -> None:
    worker, notes = make_worker(database, tmp_path, code=0, wanted=time(23, 59, 59))
    for number in (1, 2):
        assert database.write(lambda session: request_night(session, system_actor())) == number
    step_through(worker, 3)
    assert notes.read_text().splitlines() == [""]
    with database.reading() as session:
        assert find_request(session) is None


def test_request_waits_while_another_run_holds_the_lease(database: Database, tmp_path: Path) -> None:
    worker, notes = make_worker(database, tmp_path, code=75, wanted=time(23, 59, 59))
    database.write(lambda session: request_night(session, system_actor()))
    step_through(worker, 3)
    assert len(notes.read_text().splitlines()) == 1  # and asks again in a quarter of a minute, not at once
    worker._ask_again_at = None
    step_through(worker)
    assert len(notes.read_text().splitlines()) == 2
    with database.reading() as session:
        assert find_request(session) == 1


def test_manager_asks_for_a_night_over_http(service: Service) -> None:
    root = service.database.write(lambda session: make_area(session, AreaKind.subdistrict).code)
    manager = service.as_program(StaffRole.manager, [root])
    assert manager.post("/api/night-requests").json() == {"number": 1}
    with service.database.reading() as session:
        assert find_request(session) == 1


def test_stop_ends_the_loop_and_the_night_that_runs(database: Database, tmp_path: Path) -> None:
    worker, _ = make_worker(database, tmp_path, code=0)
    # A night that does not hear: it is killed after the grace.
    worker.night = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    ]
    database.write(lambda session: request_night(session, system_actor()))
    thread = threading.Thread(target=worker.run, args=(0.05,))
    thread.start()
    clock_time.sleep(1)
    began = clock_time.monotonic()
    worker.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert clock_time.monotonic() - began < 8
    with database.reading() as session:
        assert find_request(session) == 1  # it was not served: the next worker finds it


def test_chores_go_on_beside_a_night(database: Database, tmp_path: Path) -> None:
    worker, _ = make_worker(database, tmp_path, code=0)
    worker.night = [sys.executable, "-c", "import time; time.sleep(60)"]
    done: list[str] = []
    worker.rhythm = Rhythm([Chore("count", timedelta(0), lambda _at, _stop: done.append("x"))])
    worker.step()
    worker.step()
    assert worker.is_running
    assert done == ["x", "x"]
    worker.stop()
    worker._end_night()
    assert not worker.is_running


def test_chore_that_fails_holds_up_no_other_and_comes_again() -> None:
    done: list[str] = []

    def fail(_at: datetime, _stop: Callable[[], bool]) -> None:
        raise RuntimeError("secret of 王桂英")

    rhythm = Rhythm(
        [
            Chore("bad", timedelta(minutes=1), fail),
            Chore("good", timedelta(minutes=1), lambda _at, _stop: done.append("x")),
        ]
    )
    with structlog.testing.capture_logs() as lines:
        failed = [rhythm.do_due(at(12, minute), lambda: False) for minute in (0, 0, 1)]
    assert failed == [["bad"], [], ["bad"]]
    assert done == ["x", "x"]
    assert all("王桂英" not in str(line) for line in lines)
    assert {line["path"] for line in lines} == {"worker/bad"}


def test_sign_of_life_is_seen_by_a_monitor(service: Service) -> None:
    service.database.write(lambda session: beat(session, "here:1", now() - timedelta(seconds=30)))
    with service.database.reading() as session:
        found = find_beat(session)
    assert found is not None
    assert found[0] == "here:1"
    text = service.client().get("/metrics").text
    silent = re.search(r"carematch_worker_silent_seconds ([0-9.]+)", text)
    assert silent is not None
    assert 29 < float(silent[1]) < 60
    assert 'carematch_notices{state="failed"} 0.0' in text
