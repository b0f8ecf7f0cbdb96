"""Add to the audit chain and to the read log; nothing else writes either."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, text, update

from app import checkpoint
from app.audit.rules import KEY_CHANGED, Entry, chain, digest_reason
from app.clock import now
from app.db import AFTER_COMMIT, Database, WriteSession
from app.models import AuditHead, AuditRow, ReadLogRow
from app.sealed import keyring, make_row_key


def record(session: WriteSession, actor: str, act: str, subject: str, data: dict[str, Any]) -> AuditRow:
    """Append one change to the chain, in the caller's transaction.

    `actor` is `Actor.label`; `data` holds codes and figures only, never a name, a number or a note, but for `reason`:
    its words are sealed beside the chain, which keeps their digest. Call it late:
    the head's row is locked from here until the commit, which is what keeps the sequence free of gaps.
    """
    sequence, before, key_id = _take_next(session)
    data = json.loads(json.dumps(data, default=str))  # what is hashed is what JSON will give back
    key, row_key, reason = _get_key(key_id), make_row_key(), data.get("reason")
    if reason:
        data["reason"] = digest_reason(key, row_key, str(reason))
    entry = Entry(sequence, now(), actor, act, subject, data)
    row = AuditRow(
        sequence=sequence,
        at=entry.at,
        actor=actor,
        act=act,
        subject=subject,
        data=data,
        hash=chain(key, before, entry),
        row_key=row_key,
    )
    row.reason = str(reason) if reason else None
    session.add(row)
    session.flush()
    session.execute(_SET_HASH, {"new_hash": row.hash})
    head = checkpoint.Head(sequence, row.hash)
    session.info.setdefault(AFTER_COMMIT, []).append(lambda: checkpoint.advance(head))
    return row


def change_key(session: WriteSession, actor: str) -> bool:
    """Let the chain go on under the keyring's key in use; return whether it had another one.

    The row that says so is still hashed under the key before, and names both: whoever holds only the old key can
    alter the rows before it, and then no longer the first row after it.
    """
    head = session.get(AuditHead, 1, with_for_update=True)
    key_id = keyring().key_id
    if head is not None and (head.key_id or keyring().first_audit_id) == key_id:
        return False
    before = keyring().first_audit_id if head is None else head.key_id or keyring().first_audit_id
    record(session, actor, KEY_CHANGED, "audit_chain", {"from": before, "to": key_id})
    session.execute(_HEAD.values(key_id=key_id))
    return True


def forget_reasons(session: WriteSession, subjects: Iterable[str]) -> None:
    """Erase the words of why these were done; that there were some, the chain goes on to say, and it still holds."""
    session.execute(
        update(AuditRow)
        .where(AuditRow.subject.in_(list(subjects)), AuditRow.reason_box.is_not(None))
        .values(reason_box=None, row_key="")
        .execution_options(synchronize_session=False)
    )


def _get_key(key_id: str) -> bytes:
    key = keyring().find_audit_key(key_id)
    if key is None:
        raise RuntimeError("the audit chain goes on under a key that this process does not have")
    return key


_HEAD = update(AuditHead).where(AuditHead.id == 1).execution_options(synchronize_session=False)


_NEXT = _HEAD.values(sequence=AuditHead.sequence + 1).returning(
    AuditHead.sequence, AuditHead.hash, AuditHead.key_id
)
_SET_HASH = _HEAD.values(hash=bindparam("new_hash"))


def _take_next(session: WriteSession) -> tuple[int, str, str]:
    taken = session.execute(_NEXT).first()
    if taken is None:  # the very first row of a database; two beginners meet in the conflict
        session.execute(
            text("INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '') ON CONFLICT (id) DO NOTHING")
        )
        return _take_next(session)
    return taken.sequence, taken.hash, taken.key_id


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
