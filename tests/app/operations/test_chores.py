"""Every chore of the worker runs over an empty record and over a town, on both databases, and none fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import now, to_local
from app.config import Settings
from app.context import Context
from app.models import Escalation, Notice, Policy
from app.models.enums import NoticeState
from app.notices.channels import Message
from app.operations.chores import Rhythm, list_chores
from app.operations.heartbeat import find_beat
from tests.app.planning.town import add_need, make_town

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database


class Taking:
    """A channel that takes everything."""

    name = "taking"

    def __init__(self) -> None:
        self.keys: list[str] = []

    def send(self, message: Message) -> None:
        """Take the message."""
        self.keys.append(message.key)


def test_every_chore_runs_over_an_empty_record_and_over_a_town(database: Database, tmp_path: Path) -> None:
    context = Context(Settings(data=tmp_path, database_url=None), database)
    for _ in range(2):
        assert Rhythm(list_chores(context, Taking())).do_due(now(), lambda: False) == []
        with database.reading() as session:
            assert find_beat(session) is not None
        database.write(lambda session: add_need(session, make_town(session)))
    with database.reading() as session:
        assert len(session.scalars(select(Escalation.id)).all()) == 1
        assert set(session.scalars(select(Notice.state))) <= {NoticeState.sent, NoticeState.waiting}


def test_files_of_notices_go_away_after_the_days_of_the_policy(database: Database, tmp_path: Path) -> None:
    context = Context(Settings(data=tmp_path, database_url=None), database)
    folder = tmp_path / "notices"
    folder.mkdir()
    today = to_local(now()).date()
    old, kept = (folder / f"notices-{today - timedelta(days=days)}.jsonl" for days in (31, 30))
    foreign = folder / "notices-archive.jsonl"
    for path in (old, kept, foreign):
        path.write_text("{}\n", encoding="utf-8")
    assert Rhythm(list_chores(context, Taking())).do_due(now(), lambda: False) == []
    assert sorted(folder.iterdir()) == sorted([kept, foreign])
    rule = Policy(key="notice_files_kept_days", value=7, valid_from=today, source="test")
    database.write(lambda session: session.add(rule))
    Rhythm(list_chores(context, Taking())).do_due(now(), lambda: False)
    assert list(folder.iterdir()) == [foreign]


def test_stopping_ends_between_two_chores(database: Database, tmp_path: Path) -> None:
    context = Context(Settings(data=tmp_path, database_url=None), database)
    assert Rhythm(list_chores(context, Taking())).do_due(now(), lambda: True) == []
    with database.reading() as session:
        assert find_beat(session) is None
