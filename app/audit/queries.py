"""Reads the chain and finds where it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import checkpoint
from app.audit.rules import Entry, chain
from app.models import AuditHead, AuditRow
from app.sealed import keyring


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
    rows, before, breaks = 0, "", []
    hash_at_noted = None
    for row in _walk(session):
        rows += 1
        if row.sequence != rows:
            breaks.append(Break(rows, "此处缺少记录", "rows are missing here"))
            rows = row.sequence
        entry = Entry(row.sequence, row.at, row.actor, row.act, row.subject, row.data)
        if chain(keyring().audit_key, before, entry) != row.hash:
            breaks.append(Break(row.sequence, "内容或前一条被改动", "this row or the one before was altered"))
        before = row.hash
        if noted and row.sequence == noted.sequence:
            hash_at_noted = row.hash
    head = session.get(AuditHead, 1)
    told = (head.sequence, head.hash) if head else (0, "")
    if told != (rows, before):
        breaks.append(Break(rows, "链首与最后一条不符", "the head row is not the last row"))
    if noted and noted.sequence > rows:
        breaks.append(Break(noted.sequence, "末尾的记录被删去", "rows were cut off the end"))
    elif noted and hash_at_noted != noted.hash:
        breaks.append(
            Break(noted.sequence, "与数据库外保存的链首不符", "not the row noted outside the database")
        )
    return Verdict(rows, breaks)


def _walk(session: Session) -> Iterator[AuditRow]:
    query = select(AuditRow).order_by(AuditRow.sequence)
    return iter(session.scalars(query.execution_options(yield_per=1000)))
