"""Two desks make two needs of one person the same at once: the second is asked."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from app.actor import system_actor
from app.models.enums import WishPart
from app.needs import commands
from app.needs.commands import Change, edit_need
from app.needs.errors import NeedKnown
from app.needs.rules import Pattern
from tests.factories import areas, needs, people

if TYPE_CHECKING:
    from app.db import Database, WriteSession

ME = system_actor()
CHANGE = Change({}, [Pattern(WishPart.morning, (4,))])


def edit_both(database: Database) -> list[str]:
    """Return what became of the second edit, made while the first is about to be committed."""

    def record(session: WriteSession) -> tuple[int, int]:
        person = people.make_elder(
            session, people.make_household(session, areas.make_compound(session)), grade=3
        )
        first, second = (
            needs.make_need(session, person, patterns=(((day,), WishPart.morning),)) for day in (0, 1)
        )
        return first.id, second.id

    first_id, second_id = database.write(record)
    written, told, done = Event(), [], Event()

    def edit_first() -> None:
        with database.writing() as session:
            edit_need(session, ME, first_id, 1, CHANGE)
            written.set()
            done.wait(1.5)

    def edit_second() -> None:
        written.wait(10)
        try:
            database.write(lambda session: edit_need(session, ME, second_id, 1, CHANGE).id)
            told.append("edited")
        except NeedKnown as known:
            told.append(known.code)
        done.set()

    threads = [Thread(target=edit_first), Thread(target=edit_second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_second_who_edits_into_the_same_wish_is_asked(database: Database) -> None:
    assert edit_both(database) == ["need_known"]


def test_without_the_persons_lock_both_are_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: it must go wrong, else the test above shows nothing."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody can come between")
    monkeypatch.setattr(commands, "get_whole_person", lambda *_, **__: None)
    assert edit_both(database) == ["edited"]
