"""The fixtures keep what they promise: both databases, a session that is rolled back, databases of one's own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import pytest_socket
from sqlalchemy import func, inspect, select

from app.clock import now
from app.db import Database, make_engine
from app.migrate import get_head, get_revision
from app.models import StaffUser
from app.models.enums import StaffRole
from tests.support import postgres
from tests.support.shares import name_share

if TYPE_CHECKING:
    from app.db import WriteSession
    from tests.support.databases import Databases


def test_database_is_migrated_to_the_newest_revision(database: Database) -> None:
    assert get_revision(database.engine) == get_head()


def test_what_was_compiled_for_one_database_serves_the_next(databases: Databases) -> None:
    found = []
    for _ in range(2):
        url = databases.make()
        opened = Database.at(url)
        with opened.reading() as session:
            result = session.connection().execute(select(StaffUser.id, StaffUser.display_name))
            found.append(result.context.compiled)
        opened.dispose()
        databases.drop(url)
    assert found[0] is found[1]


@pytest.mark.parametrize(
    ("nodeid", "share"),
    [
        ("tests/app/test_db.py::test_a", "tests/app/test_db.py"),
        ("tests/app/test_db.py::test_a[sqlite-1]", "tests/app/test_db.py"),
        ("tests/app/test_db.py::test_a[1-postgresql]", "tests/app/test_db.py on postgresql"),
        ("tests/browser/test_adviser_day.py::test_a[chromium-zh]", "tests/browser/"),
    ],
)
def test_a_share_is_a_file_on_a_database_or_a_folder(nodeid: str, share: str) -> None:
    assert name_share(nodeid) == share


def test_empty_database_has_no_table(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("attempt", [1, 2])
def test_session_forgets_even_what_was_committed(session: WriteSession, attempt: int) -> None:
    assert session.scalar(select(func.count()).select_from(StaffUser)) == 0, f"attempt {attempt}"
    user = StaffUser(
        name="tester", password_hash="-", display_name="Tester", role=StaffRole.adviser, created_at=now()
    )
    session.add(user)
    session.commit()
    assert session.scalar(select(func.count()).select_from(StaffUser)) == 1


def test_socket_to_another_machine_is_refused() -> None:
    with (
        socket.socket() as outward,
        pytest.warns(UserWarning, match="socket.connect"),
        pytest.raises(pytest_socket.SocketConnectBlockedError),
    ):
        outward.connect(("192.0.2.1", 9))


def test_server_that_does_not_answer_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    with (
        pytest.raises(postgres.NoPostgresError, match=r"^TEST_DATABASE_URL does not answer: .*$"),
        postgres.server(),
    ):
        pytest.fail("it answered")


def test_address_keeps_its_query_when_the_database_changes() -> None:
    url = "postgresql+psycopg://postgres@/postgres?host=/tmp/x&port=5432"
    assert (
        postgres.with_database(url, "other") == "postgresql+psycopg://postgres@/other?host=/tmp/x&port=5432"
    )
