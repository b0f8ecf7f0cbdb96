"""Add to the audit chain and to the read log; nothing else writes either."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text, update

from app import checkpoint
from app.audit.rules import Entry, chain
from app.clock import now
from app.db import AFTER_COMMIT, Database, WriteSession
from app.models import AuditHead, AuditRow, ReadLogRow
from app.sealed import keyring


def record(session: WriteSession, actor: str, act: str, subject: str, data: dict[str, Any]) -> AuditRow:
    """Append one change to the chain, in the caller's transaction.

    `actor` is `Actor.label`; `data` holds codes and figures only, never a name, a number or a note. Call it late:
    the head's row is locked from here until the commit, which is what keeps the sequence free of gaps.
    """
    sequence, before = _take_next(session)
    data = json.loads(json.dumps(data, default=str))  # what is hashed is what JSON will give back
    entry = Entry(sequence, now(), actor, act, subject, data)
    row = AuditRow(
        sequence=sequence,
        at=entry.at,
        actor=actor,
        act=act,
        subject=subject,
        data=data,
        hash=chain(keyring().audit_key, before, entry),
    )
    session.add(row)
    session.flush()
    session.execute(_HEAD.values(hash=row.hash))
    head = checkpoint.Head(sequence, row.hash)
    session.info.setdefault(AFTER_COMMIT, []).append(lambda: checkpoint.advance(head))
    return row


_HEAD = update(AuditHead).where(AuditHead.id == 1).execution_options(synchronize_session=False)


def _take_next(session: WriteSession) -> tuple[int, str]:
    taken = session.execute(
        _HEAD.values(sequence=AuditHead.sequence + 1).returning(AuditHead.sequence, AuditHead.hash)
    ).first()
    if taken is None:  # the very first row of a database; two beginners meet in the conflict
        session.execute(
            text("INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '') ON CONFLICT (id) DO NOTHING")
        )
        return _take_next(session)
    return taken.sequence, taken.hash


def log_read(
    database: Database, user_id: int | None, person_ids: Iterable[int], fields: str, reason: str = ""
) -> None:
    """Note who looked at whose sensitive fields, in a short write of its own, *before* they are shown.

    The command line (no user id) is noted in the chain instead, by the command that reads.
    """
    if user_id is None:
        return
    at = now()

    def work(session: WriteSession) -> None:
        session.add_all(
            ReadLogRow(at=at, user_id=user_id, person_id=id_, fields=fields, reason=reason)
            for id_ in person_ids
        )

    database.write(work)
