"""Note what a walk-in asked, was told and agreed; tick off who was followed up."""

from __future__ import annotations

from datetime import date

from app.actor import Actor
from app.audit.commands import record
from app.clock import now
from app.consultations.queries import get_consultation
from app.db import WriteSession
from app.models import Consultation
from app.people.queries import get_whole_person


def note_consultation(
    session: WriteSession,
    actor: Actor,
    person_id: int,
    texts: tuple[str | None, str | None, str | None],
    follow_up_on: date | None,
) -> Consultation:
    """Note a consultation: what was asked, told and agreed (sealed). Raises `NotFound`."""
    person = get_whole_person(session, actor, person_id)
    assert actor.user_id is not None
    row = Consultation(
        person_id=person.id, adviser_id=actor.user_id, held_at=now(), follow_up_on=follow_up_on
    )
    row.asked, row.told, row.agreed = texts
    session.add(row)
    session.flush()
    record(
        session,
        actor.label,
        "consultation.note",
        f"person:{person.code}",
        {"follow_up_on": follow_up_on.isoformat() if follow_up_on else None},
    )
    return row


def tick_off(session: WriteSession, actor: Actor, consultation_id: int) -> Consultation:
    """Note that the follow-up happened; a second time changes nothing. Raises `NotFound`."""
    row = get_consultation(session, actor, consultation_id)
    if row.followed_up_at is None:
        row.followed_up_at = now()
        session.flush()
        record(session, actor.label, "consultation.followed_up", f"consultation:{row.id}", {})
    return row
