"""Sending: once each however many workers, again after a failure or a crash, nothing at night but what is urgent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.models import Notice
from app.models.enums import NoticeState
from app.notices.channels import ConsoleChannel, FileChannel, Message
from app.notices.commands import CLAIM, Draft, claim, put, retry
from app.notices.errors import NoticeNotFailed
from app.notices.queries import load_terms
from app.notices.sending import AT_ONCE, deliver
from tests.factories.people import make_person

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database, WriteSession

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@dataclass
class Recorder:
    """A channel that remembers what it took, and fails for keys it is told to."""

    name: str = "recorder"
    taken: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def send(self, message: Message) -> None:
        if message.key in self.failing:
            raise TimeoutError("not today")
        self.taken.append(message.key)


def fill(database: Database, count: int, template: str = "round_published", at: datetime = NOON) -> None:
    def work(session: WriteSession) -> None:
        person = make_person(session)
        drafts = [Draft(template, f"R{i}", person_id=person.id, data={"name": "春季"}) for i in range(count)]
        put(session, drafts, at)

    database.write(work)


def states(database: Database) -> Counter[NoticeState]:
    with database.reading() as session:
        return Counter(session.scalars(select(Notice.state)))


def send(database: Database, channel: Recorder, at: datetime = NOON, **options: object) -> Recorder:
    deliver(database, channel, tell_time=lambda: at, **options)
    return channel


def test_one_key_makes_one_notice(database: Database) -> None:
    fill(database, 3)
    fill(database, 5)
    assert states(database) == {NoticeState.waiting: 5}


def test_everything_due_is_sent_once_and_marked(database: Database) -> None:
    fill(database, AT_ONCE + 5)
    channel = send(database, Recorder())
    assert sorted(channel.taken) == sorted(f"round_published:R{i}" for i in range(AT_ONCE + 5))
    assert send(database, Recorder()).taken == []
    with database.reading() as session:
        row = session.scalars(select(Notice).limit(1)).one()
        assert (row.state, row.channel, row.sent_at, row.tries) == (NoticeState.sent, "recorder", NOON, 1)


def test_several_workers_at_once_send_each_notice_once(database: Database) -> None:
    fill(database, 120)
    channel = Recorder()
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        send(database, channel)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Counter(channel.taken).values()) == {1}
    assert states(database) == {NoticeState.sent: 120}


def test_failure_waits_longer_each_time_and_ends_in_a_state_that_somebody_sees(database: Database) -> None:
    fill(database, 2)
    channel = Recorder(failing={"round_published:R0"})
    at, waits = NOON, []
    while states(database)[NoticeState.failed] == 0:
        send(database, channel, at)
        with database.reading() as session:
            row = session.scalars(select(Notice).where(Notice.key == "round_published:R0")).one()
            waits.append(row.due_at - at)
            assert row.fault == "TimeoutError"
        at = max(row.due_at, at.replace(hour=4) + timedelta(days=at.hour >= 10))
    assert waits[:3] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert len(waits) == row.tries == 8
    assert channel.taken == ["round_published:R1"]  # the other one was not held up
    assert send(database, Recorder(), at + timedelta(days=2)).taken == []


def test_manager_lets_what_was_given_up_be_tried_again(database: Database) -> None:
    fill(database, 1)
    channel = Recorder(failing={"round_published:R0"})
    for day in range(9):
        send(database, channel, NOON + timedelta(days=day))
    with database.reading() as session:
        (id_,) = session.scalars(select(Notice.id))
    database.write(lambda session: retry(session, system_actor(), id_, NOON))
    assert send(database, Recorder()).taken == ["round_published:R0"]
    with pytest.raises(NoticeNotFailed):
        database.write(lambda session: retry(session, system_actor(), id_, NOON))


def test_quiet_hours_hold_back_all_but_the_urgent(database: Database) -> None:
    fill(database, 2)
    fill(database, 1, "alarm_raised")
    assert send(database, Recorder(), MIDNIGHT).taken == ["alarm_raised:R0"]
    assert len(send(database, Recorder(), NOON + timedelta(days=1)).taken) == 2


def test_unknown_template_does_not_hold_up_the_others(database: Database) -> None:
    fill(database, 1, "from_the_future")
    fill(database, 1)
    assert send(database, Recorder()).taken == ["round_published:R0"]
    assert states(database) == {NoticeState.waiting: 1, NoticeState.sent: 1}


def test_stopping_leaves_the_rest_for_the_next(database: Database) -> None:
    fill(database, 5)
    channel = Recorder()
    send(database, channel, is_stopping=lambda: len(channel.taken) >= 2)
    assert len(channel.taken) == 2
    assert len(send(database, Recorder(), NOON + CLAIM).taken) == 3


CRASH = """
import os, sys
from datetime import datetime
from app.db import Database
from app.notices.sending import deliver
from app.sealed import Keyring, install
install(Keyring(b"synthetic key for tests only...."))
at = datetime.fromisoformat(sys.argv[2])
class Dying:
    name = "dying"
    def send(self, message):
        print(message.key, flush=True)
        os._exit(9)
deliver(Database.at(sys.argv[1]), Dying(), tell_time=lambda: at)
"""


def test_crash_between_send_and_mark_sends_again_under_the_same_key(
    database: Database, database_url: str
) -> None:
    fill(database, 1)
    died = subprocess.run(
        [sys.executable, "-c", CRASH, database_url, NOON.isoformat()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (died.returncode, died.stdout.split()) == (9, ["round_published:R0"])
    assert send(database, Recorder(), NOON + CLAIM / 2).taken == []  # the claim still stands
    assert send(database, Recorder(), NOON + CLAIM).taken == ["round_published:R0"]
    assert states(database) == {NoticeState.sent: 1}


def test_who_always_dies_does_not_send_for_ever(database: Database) -> None:
    fill(database, 1)
    with database.reading() as session:
        terms = load_terms(session, NOON.date())
    for day in range(terms.most_tries):
        at = NOON + timedelta(days=day)
        assert len(database.write(lambda session, at=at: claim(session, terms, at, 10))) == 1
    assert send(database, Recorder(), NOON + timedelta(days=99)).taken == []
    assert states(database) == {NoticeState.failed: 1}


def test_file_is_the_owners_alone_and_holds_code_and_both_languages(tmp_path: Path) -> None:
    message = Message("offer:P1", "offer", "P-17", {"zh": "您好", "en": "Hello"})
    channel = FileChannel(tmp_path / "notices")
    channel.send(message)
    channel.send(message)
    (path,) = (tmp_path / "notices").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["key"] for line in lines] == ["offer:P1"] * 2
    assert lines[0]["texts"] == {"zh": "您好", "en": "Hello"}


def test_console_prints_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleChannel().send(Message("offer:P1", "offer", "P-17", {"zh": "您好", "en": "Hello"}))
    said = capsys.readouterr().out
    assert all(word in said for word in ("offer:P1", "P-17", "您好", "Hello"))
