"""An import beside the desk: it looks without a lock, and looks again where somebody changed the record meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from app.actor import system_actor
from app.audit.commands import record
from app.clock import today
from app.db import Database
from app.workbook import commands
from app.workbook.commands import import_workbook
from app.workbook.examining import Options
from tests.app.workbook.town import make_town, write_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ME = system_actor()


@pytest.fixture
def lookings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note in which kind of session each check of a file is made, and each write that is begun."""
    noted: list[str] = []
    prepare, writing = commands.prepare, Database.writing

    def noting(session: Any, *given: Any) -> Any:
        noted.append(type(session).__name__)
        return prepare(session, *given)

    @contextmanager
    def beginning(self: Database) -> Iterator[Any]:
        noted.append("lock")
        with writing(self) as session:
            yield session

    monkeypatch.setattr(commands, "prepare", noting)
    monkeypatch.setattr(Database, "writing", beginning)
    return noted


def bring_in(database: Database, path: Path, **more: Any) -> Any:
    return import_workbook(database, path, ME, Options(today=today(), **more))


def test_file_is_checked_before_the_lock_and_an_equal_one_takes_none(
    database: Database, tmp_path: Path, lookings: list[str]
) -> None:
    path = write_town(tmp_path / "town.xlsx", make_town())
    assert bring_in(database, path).has_changes
    assert lookings == ["ReadSession", "lock"]
    lookings.clear()
    again = bring_in(database, path)
    assert (again.imported, again.has_changes) == (True, False)
    assert lookings == ["ReadSession"]


@pytest.mark.parametrize(
    ("others", "looked"),
    [
        (1, ["ReadSession", "lock", "ReadSession", "lock"]),
        (9, ["ReadSession", "lock", "ReadSession", "lock", "lock", "WriteSession"]),
    ],
)
def test_record_that_changed_meanwhile_is_looked_at_again(
    database: Database, tmp_path: Path, lookings: list[str], others: int, looked: list[str]
) -> None:
    path = write_town(tmp_path / "town.xlsx", make_town())
    acts = iter(range(others))

    def act(step: str) -> None:
        """Somebody does something the moment that the file's checks begin."""
        if step == "check" and "WriteSession" not in lookings and next(acts, None) is not None:
            begun = len(lookings)
            database.write(lambda session: record(session, ME.label, "test", "test:1", {}))
            del lookings[begun:]

    assert bring_in(database, path, tell=act).has_changes
    assert lookings == looked
    lookings.clear()
    assert not bring_in(database, path).has_changes
