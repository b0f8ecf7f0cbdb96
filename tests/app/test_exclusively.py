"""Whoever needs the whole database for itself gets it, also from among writers who hold what it waits for."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import Self

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import db
from app.db import Database

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL AND database = "
               "(SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip


class Crossing:
    """A writer who holds a late table and asks for an early one as soon as somebody waits for the late one."""

    def __init__(self, url: str) -> None:
        self._database = Database.at(url, pool_size=2)
        self._holds = Event()
        self.fault: DBAPIError | None = None
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._holds.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self._database.dispose()

    def _run(self) -> None:
        try:
            with self._database.writing() as session:
                session.execute(text("LOCK TABLE walk_in IN ROW EXCLUSIVE MODE"))
                self._holds.set()
                self._wait_until_somebody_waits()
                session.execute(text("LOCK TABLE alarm IN ROW EXCLUSIVE MODE"))
        except DBAPIError as fault:
            self.fault = fault

    def _wait_until_somebody_waits(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with self._database.reading() as session:
                if session.scalar(WAITING):
                    return
            time.sleep(0.02)


@pytest.mark.postgres
@pytest.mark.parametrize("attempts", [8, 1])
def test_two_who_wait_for_each_other_both_come_through(database, monkeypatch, attempts):
    """With one attempt, the twin: the crossing must end one of the two, else this shows nothing."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody can cross")
    monkeypatch.setattr(db, "LOCK_ATTEMPTS", attempts)
    with Crossing(database.engine.url.render_as_string(hide_password=False)) as other:
        if attempts == 1:
            with pytest.raises(DBAPIError) as caught, database.exclusively():
                pass
            assert db.is_transient(caught.value)
        else:
            with database.exclusively() as session:
                assert session.scalar(text("SELECT 1")) == 1
    assert other.fault is None
