"""The audit chain: every tampering is found, also what is cut off the end; writers never leave a gap."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from app import checkpoint
from app.audit.commands import record
from app.audit.queries import verify_chain
from app.models import AuditHead, AuditRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.db import Database, WriteSession

ROWS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    checkpoint.install(tmp_path)
    yield tmp_path
    checkpoint.install(None)


@pytest.fixture
def chain(database: Database, folder: Path) -> Database:
    for number in range(ROWS):
        database.write(
            lambda session, n=number: record(
                session, "user:1", "need.edit", f"need:N-{n}", {"fields": ["limit_metres"], "version": n}
            )
        )
    return database


def breaks(database: Database) -> list[int]:
    with database.reading() as session:
        return [broken.sequence for broken in verify_chain(session, checkpoint.read()).breaks]


def test_untouched_chain_holds(chain: Database) -> None:
    assert breaks(chain) == []
    noted = checkpoint.read()
    assert noted is not None
    assert noted.sequence == ROWS


def test_empty_database_holds(database: Database, folder: Path) -> None:
    assert breaks(database) == []


def _change(column: str, value: object) -> Callable[[WriteSession, int], None]:
    def tamper(session: WriteSession, sequence: int) -> None:
        session.execute(update(AuditRow).where(AuditRow.sequence == sequence).values({column: value}))

    return tamper


def _cut(session: WriteSession, sequence: int) -> None:
    session.execute(delete(AuditRow).where(AuditRow.sequence == sequence))


def _cut_tail(session: WriteSession, sequence: int) -> None:
    session.execute(delete(AuditRow).where(AuditRow.sequence >= sequence))
    last = session.scalar(select(AuditRow.hash).where(AuditRow.sequence == sequence - 1)) or ""
    session.execute(update(AuditHead).values(sequence=sequence - 1, hash=last))


def _swap(session: WriteSession, sequence: int) -> None:
    other = sequence % ROWS + 1
    for source, to in ((sequence, 1000), (other, sequence), (1000, other)):
        session.execute(update(AuditRow).where(AuditRow.sequence == source).values(sequence=to))


TAMPERINGS: dict[str, Callable[[WriteSession, int], None]] = {
    "actor": _change("actor", "user:2"),
    "act": _change("act", "need.withdraw"),
    "subject": _change("subject", "need:N-99"),
    "data": _change("data", {"fields": [], "version": 0}),
    "hash": _change("hash", "0" * 64),
    "cut": _cut,
    "cut tail": _cut_tail,
    "swap": _swap,
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_at_every_row(chain: Database, name: str) -> None:
    missed = []
    for sequence in range(1, ROWS + 1):
        with suppress(_UndoError), chain.writing() as session:
            TAMPERINGS[name](session, sequence)
            if not verify_chain(session, checkpoint.read()).breaks:
                missed.append(sequence)
            raise _UndoError
    assert missed == []
    assert breaks(chain) == []


class _UndoError(Exception):
    pass


def test_tail_cut_with_the_head_put_right_is_found_by_the_checkpoint_alone(chain: Database) -> None:
    """The control: without the head that is kept outside the database nothing would be noticed."""
    chain.write(lambda session: _cut_tail(session, ROWS))
    with chain.reading() as session:
        assert verify_chain(session, None).breaks == []
        assert [b.sequence for b in verify_chain(session, checkpoint.read()).breaks] == [ROWS]


def test_writers_at_once_leave_no_gap(database: Database, folder: Path) -> None:
    barrier = Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        for n in range(5):
            database.write(lambda session, n=n: record(session, f"user:{number}", "test", "need:N", {"n": n}))

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        verdict = verify_chain(session, checkpoint.read())
    assert (verdict.rows, verdict.breaks) == (30, [])


def test_rolled_back_change_leaves_no_row_and_no_head(chain: Database) -> None:
    with suppress(_UndoError), chain.writing() as session:
        record(session, "user:1", "need.edit", "need:N-1", {})
        raise _UndoError
    assert breaks(chain) == []
    noted = checkpoint.read()
    assert noted is not None
    assert noted.sequence == ROWS
