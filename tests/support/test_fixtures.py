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

if TYPE_CHECKING:
    from app.db import WriteSession


def test_database_is_migrated_to_the_newest_revision(database: Database) -> None:
    assert get_revision(database.engine) == get_head()


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
