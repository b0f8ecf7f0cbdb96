"""Reads the chain and finds where it is broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import checkpoint
from app.audit.rules import KEY_CHANGED, Entry, chain, digest_reason
from app.models import AuditHead, AuditRow
from app.sealed import SealBroken, keyring


@dataclass(frozen=True)
class Break:
    """One place where the chain does not hold."""

    sequence: int
    zh: str
    en: str


@dataclass(frozen=True)
class Verdict:
    """What a check of the whole chain found."""

    rows: int
    breaks: list[Break]


def verify_chain(session: Session, noted: checkpoint.Head | None) -> Verdict:
    """Recompute every row's hash; compare the end with the head row and with the head noted outside the database."""
    return check_rows(_walk(session), session.get(AuditHead, 1), noted, _find_first_key(session))


def check_rows(
    rows: Iterable[AuditRow], head: AuditHead | None, noted: checkpoint.Head | None, key_id: str
) -> Verdict:
    """Return where rows in order of their sequence do not make one chain from the first (under `key_id`) to the head."""
    count, before, breaks = 0, "", []
    hash_at_noted = None
    for row in rows:
        count += 1
        if row.sequence != count:
            breaks.append(Break(count, "此处缺少记录", "rows are missing here"))
            count = row.sequence
        broken = _find_break(row, before, keyring().find_audit_key(key_id))
        if broken is not None:
            breaks.append(broken)
        if row.act == KEY_CHANGED:
            key_id = _get_name(row, "to")
        before = row.hash
        if noted and row.sequence == noted.sequence:
            hash_at_noted = row.hash
    told = (head.sequence, head.hash, head.key_id) if head else (0, "", key_id)
    if told != (count, before, key_id):
        breaks.append(Break(count, "链首与最后一条不符", "the head row is not the last row"))
    if noted and noted.sequence > count:
        breaks.append(Break(noted.sequence, "末尾的记录被删去", "rows were cut off the end"))
    elif noted and hash_at_noted != noted.hash:
        breaks.append(
            Break(noted.sequence, "与数据库外保存的链首不符", "not the row noted outside the database")
        )
    return Verdict(count, breaks)


def _find_break(row: AuditRow, before: str, key: bytes | None) -> Break | None:
    entry = Entry(row.sequence, row.at, row.actor, row.act, row.subject, row.data)
    if key is None:
        return Break(row.sequence, "此处的密钥不在", "the key of this row is not here")
    if chain(key, before, entry) != row.hash:
        return Break(row.sequence, "内容或前一条被改动", "this row or the one before was altered")
    if not _is_reason_whole(row, key):
        return Break(row.sequence, "原因的文字被改动", "the words of its reason were altered")
    return None


def _find_first_key(session: Session) -> str:
    """Return the name of the key that the chain began with; a row that lies about it breaks the chain there."""
    first = session.scalar(
        select(AuditRow).where(AuditRow.act == KEY_CHANGED).order_by(AuditRow.sequence).limit(1)
    )
    if first is not None:
        return _get_name(first, "from")
    head = session.get(AuditHead, 1)
    return head.key_id if head else ""


def _is_reason_whole(row: AuditRow, key: bytes) -> bool:
    """Return whether the words beside a row are those that it was chained with; erased ones cannot be wrong."""
    if row.reason_box is None:
        return True
    try:
        return row.data.get("reason") == digest_reason(key, row.row_key, str(row.reason))
    except SealBroken:
        return False


def _get_name(row: AuditRow, name: str) -> str:
    return str(row.data.get(name)) if isinstance(row.data, dict) else ""


def _walk(session: Session) -> Iterator[AuditRow]:
    query = select(AuditRow).order_by(AuditRow.sequence)
    return iter(session.scalars(query.execution_options(yield_per=1000)))
