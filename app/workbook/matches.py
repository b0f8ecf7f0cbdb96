"""The queue of near matches: put a row in, list what waits, decide. A decision is audited and kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record as record_audit
from app.db import WriteSession
from app.errors import DomainError
from app.models import MatchCandidate, Person
from app.models.enums import CandidateState
from app.workbook.matching import Known


class NoSuchMatch(DomainError):
    """There is no waiting match of this row and this person."""

    status: ClassVar[int] = 404
    code = "no_such_match"
    zh = "没有等待判断的一对：{row_code} 与 {person_code}；请看 carematch matches list。"
    en = "No match of {row_code} and {person_code} is waiting; see carematch matches list."


@dataclass(frozen=True)
class WaitingMatch:
    """A row and the person it nearly is; phones show their last four digits only."""

    source: str
    row_code: str
    person_code: str
    row_name: str
    person_name: str
    row_born_on: str
    person_born_on: date
    row_phone: str
    person_phone: str
    differs: list[str]


def queue_matches(session: WriteSession, source: str, waiting: Iterable[tuple[Known, Known]]) -> int:
    """Put near matches into the queue and return how many were not in it yet."""
    persons = dict(session.execute(select(Person.code, Person.id)).all())
    columns = select(MatchCandidate.row_code, MatchCandidate.person_id).where(MatchCandidate.source == source)
    known = {tuple(row) for row in session.execute(columns)}
    made = 0
    for row, person in waiting:
        if (row.code, persons[person.code]) in known:
            continue
        candidate = MatchCandidate(
            source=source,
            row_code=row.code,
            person_id=persons[person.code],
            differs={"fields": row.list_differing(person)},
            state=CandidateState.waiting,
        )
        candidate.row = json.dumps(
            {"name": row.name, "born_on": str(row.born_on), "phone": row.phone, "id_number": row.id_number},
            ensure_ascii=False,
        )
        session.add(candidate)
        made += 1
    session.flush()
    return made


def list_matches(session: Session) -> list[WaitingMatch]:
    """Return the near matches that wait for a decision, by source and row."""
    rows = session.execute(
        select(MatchCandidate, Person)
        .join(Person, Person.id == MatchCandidate.person_id)
        .where(MatchCandidate.state == CandidateState.waiting)
        .order_by(MatchCandidate.source, MatchCandidate.row_code, Person.code)
    )
    return [_to_waiting(candidate, person) for candidate, person in rows]


def decide_match(
    session: WriteSession, row_code: str, person_code: str, state: CandidateState, actor: Actor, at: datetime
) -> None:
    """Say whether a row is this person; the next import of the same row honours it.

    Raises
    ------
    NoSuchMatch
        Where the two do not wait for a decision.

    """
    candidate = session.scalar(
        select(MatchCandidate)
        .join(Person, Person.id == MatchCandidate.person_id)
        .where(MatchCandidate.row_code == row_code, Person.code == person_code)
        .where(MatchCandidate.state == CandidateState.waiting)
        .with_for_update(of=MatchCandidate)
    )
    if candidate is None:
        raise NoSuchMatch(row_code=row_code, person_code=person_code)
    candidate.state = state
    candidate.decided_by_id = actor.user_id
    candidate.decided_at = at
    session.flush()
    data = {"row": row_code, "decided": state.value}
    record_audit(session, actor.label, "match.decide", f"person:{person_code}", data)


def _to_waiting(candidate: MatchCandidate, person: Person) -> WaitingMatch:
    row = json.loads(candidate.row or "{}")
    return WaitingMatch(
        candidate.source,
        candidate.row_code,
        person.code,
        row.get("name") or "",
        person.name,
        row.get("born_on") or "",
        person.born_on,
        _mask(row.get("phone")),
        _mask(person.phone),
        candidate.differs.get("fields", []),
    )


def _mask(phone: str | None) -> str:
    return f"****{phone[-4:]}" if phone else ""
