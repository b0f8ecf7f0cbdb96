"""Reads raised needs and who answers for which area; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.escalations.rules import Candidate
from app.models import Escalation, Need, StaffArea, StaffUser
from app.models.enums import EscalationLevel
from app.scope import sees_person_id


@dataclass(frozen=True)
class Wanted:
    """Which raised needs are asked for; None leaves a filter out."""

    level: EscalationLevel | None = None
    is_open: bool | None = True
    need_id: int | None = None
    limit: int = 200


def list_escalations(session: Session, actor: Actor, wanted: Wanted) -> list[tuple[Escalation, str]]:
    """Return raised needs of people whom the actor sees with the need's code, the most overdue first."""
    query = (
        select(Escalation, Need.code)
        .join(Need, Need.id == Escalation.need_id)
        .where(sees_person_id(actor, Need.person_id))
    )
    if wanted.level is not None:
        query = query.where(Escalation.level == wanted.level)
    if wanted.need_id is not None:
        query = query.where(Escalation.need_id == wanted.need_id)
    if wanted.is_open is not None:
        query = query.where(
            Escalation.closed_at.is_(None) if wanted.is_open else Escalation.closed_at.is_not(None)
        )
    rows = session.execute(query.order_by(Escalation.due_on, Escalation.id).limit(wanted.limit))
    return [(row, code) for row, code in rows]


def get_visible(session: Session, actor: Actor, escalation_id: int, *, lock: bool = False) -> Escalation:
    """Return a raised need of a person whom the actor sees, or raise `NotFound`."""
    query = (
        select(Escalation)
        .join(Need, Need.id == Escalation.need_id)
        .where(Escalation.id == escalation_id, sees_person_id(actor, Need.person_id))
    )
    if lock:
        query = query.with_for_update(of=Escalation).execution_options(populate_existing=True)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound
    return row


def list_candidates(session: Session) -> list[Candidate]:
    """Return every active member of staff with each area that was given to them."""
    rows = session.execute(
        select(StaffUser.id, StaffArea.area_id, StaffUser.role)
        .join(StaffArea, StaffArea.user_id == StaffUser.id)
        .where(StaffUser.disabled_at.is_(None))
        .order_by(StaffUser.id)
    )
    return [Candidate(row.id, row.area_id, row.role) for row in rows]
