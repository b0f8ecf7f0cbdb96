"""Reads consultation records within the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import Consultation, Person
from app.people.queries import get_whole_person
from app.scope import lives_in_areas


def list_consultations(session: Session, actor: Actor, person_id: int) -> list[Consultation]:
    """Return a person's records, the newest first. Raises `NotFound`."""
    get_whole_person(session, actor, person_id)
    query = select(Consultation).where(Consultation.person_id == person_id)
    return list(session.scalars(query.order_by(Consultation.held_at.desc(), Consultation.id.desc())))


@dataclass(frozen=True)
class FollowUp:
    """Somebody to be followed up, without what was said."""

    consultation_id: int
    person_id: int
    name: str
    follow_up_on: date


def list_follow_ups(session: Session, actor: Actor, until: date) -> list[FollowUp]:
    """Return whom the actor's area has to follow up by a date, the most overdue first."""
    query = (
        select(Consultation, Person.name)
        .join(Person, Person.id == Consultation.person_id)
        .where(
            lives_in_areas(actor),
            Consultation.follow_up_on <= until,
            Consultation.followed_up_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(Consultation.follow_up_on, Consultation.id)
        .limit(500)
    )
    return [
        FollowUp(row.id, row.person_id, name, row.follow_up_on)
        for row, name in session.execute(query)
        if row.follow_up_on is not None
    ]


def get_consultation(session: Session, actor: Actor, consultation_id: int) -> Consultation:
    """Return a record of the actor's areas, locked. Raises `NotFound`."""
    query = (
        select(Consultation)
        .join(Person, Person.id == Consultation.person_id)
        .where(Consultation.id == consultation_id, lives_in_areas(actor))
    )
    row = session.scalar(query.with_for_update(of=Consultation))
    if row is None:
        raise NotFound
    return row
