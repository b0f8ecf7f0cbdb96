"""Every chore of the worker runs over an empty record and over a town, on both databases, and none fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import now
from app.config import Settings
from app.context import Context
from app.models import Escalation, Notice
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


def test_stopping_ends_between_two_chores(database: Database, tmp_path: Path) -> None:
    context = Context(Settings(data=tmp_path, database_url=None), database)
    assert Rhythm(list_chores(context, Taking())).do_due(now(), lambda: True) == []
    with database.reading() as session:
        assert find_beat(session) is None
