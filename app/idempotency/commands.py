"""Keeps the reply of a request under its key, in the transaction that does the work.

The key is inserted first: a second request with it waits on the unique key until the first has committed, and then
finds the reply. Kept outside the transaction, a kill between the two would either book twice or answer for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import LargeBinary, bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from app.clock import now
from app.db import AFTER_COMMIT, Database, UtcDateTime, WriteSession
from app.errors import Busy, DomainError
from app.idempotency.errors import IdempotencyKeyReused
from app.models import IdempotencyKey


@dataclass(frozen=True)
class Key:
    """Whose key, its text, and the hash of what was asked."""

    user_id: int
    text: str
    request_hash: str


@dataclass(frozen=True)
class Kept:
    """A reply: status and body; `is_replay` when an earlier request with the key gave it."""

    status: int
    body: bytes
    is_replay: bool = False


Work = Callable[[WriteSession], Kept]


def do_once(database: Database, key: Key | None, work: Work, refuse: Callable[[DomainError], Kept]) -> Kept:
    """Do the work in one write transaction and keep its reply; a request that came before gets the same reply.

    Refusals (a `DomainError` under 500) are replies too: they are kept, and what the work had done is undone.
    Deadlocks and locks are retried whole. Raises `IdempotencyKeyReused` for another request under the key.
    """
    if key is None:
        return database.write(work)
    return database.write(lambda session: _do_under_key(session, key, work, refuse))


def keep_refusal(database: Database, key: Key, refusal: Kept) -> Kept:
    """Keep a refusal that was found before any work began; where the key has a reply already, that one counts."""

    def work(session: WriteSession) -> Kept:
        if _claim(session, key, refusal) is not None:
            return refusal
        return _get_kept(session, key)

    return database.write(work)


_FIND = select(IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.body).where(
    IdempotencyKey.user_id == bindparam("user_id"), IdempotencyKey.key == bindparam("key")
)


def find_kept(session: Session, key: Key) -> Kept | None:
    """Return the reply kept under a key, or None where no request with it has been done yet.

    Raises `IdempotencyKeyReused` for another request under the key.
    """
    row = session.execute(_FIND, {"user_id": key.user_id, "key": key.text}).first()
    if row is None:
        return None
    if row.request_hash != key.request_hash:
        raise IdempotencyKeyReused
    return Kept(row.status, row.body, is_replay=True)


def forget_before(session: WriteSession, instant: datetime) -> int:
    """Delete keys older than an instant and return how many; nobody retries a request after days."""
    gone = session.scalars(
        delete(IdempotencyKey).where(IdempotencyKey.at < instant).returning(IdempotencyKey.id)
    )
    return len(gone.all())


def _do_under_key(session: WriteSession, key: Key, work: Work, refuse: Callable[[DomainError], Kept]) -> Kept:
    row_id = _claim(session, key)
    if row_id is None:
        return _get_kept(session, key)
    told_before = list(session.info.get(AFTER_COMMIT, ()))
    try:
        with session.begin_nested():
            kept = work(session)
    except DomainError as error:
        if error.status >= 500:
            raise
        session.info[AFTER_COMMIT] = told_before
        kept = refuse(error)
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == row_id)
        .values(status=kept.status, body=kept.body)
        .execution_options(synchronize_session=False)
    )
    return kept


def _get_kept(session: Session, key: Key) -> Kept:
    found = find_kept(session, key)
    if found is None:
        # A copy of the row was there and is gone: the first request failed after this one had waited for it.
        raise Busy
    return found


_TO_COME = Kept(0, b"")


def _claim(session: WriteSession, key: Key, kept: Kept = _TO_COME) -> int | None:
    """Insert the key (with its reply, if it is known) and return its row's id; None where the key is there already."""
    row_id: int | None = session.scalar(
        _INSERT,
        {
            "user_id": key.user_id,
            "key": key.text,
            "request_hash": key.request_hash,
            "status": kept.status,
            "body": kept.body,
            "at": now(),
        },
    )
    return row_id


_INSERT: Final = text(
    "INSERT INTO idempotency_key (user_id, key, request_hash, status, body, at)"
    " VALUES (:user_id, :key, :request_hash, :status, :body, :at)"
    " ON CONFLICT (user_id, key) DO NOTHING RETURNING id"
).bindparams(bindparam("body", type_=LargeBinary()), bindparam("at", type_=UtcDateTime()))
"""Waits for another transaction with the same key, as the unique key makes it; no savepoint is needed around it."""
