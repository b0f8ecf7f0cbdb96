"""Reads the outbox and the policy of sending; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.actor import Actor
from app.clock import to_local
from app.errors import NotFound
from app.models import Notice, Person, StaffUser
from app.models.enums import NoticeState
from app.notices.rules import Terms, read_terms
from app.policies.queries import load_policies
from app.scope import sees_person_id


@dataclass(frozen=True)
class Wanted:
    """Which notices are asked for; None leaves a filter out."""

    state: NoticeState | None = None
    template: str | None = None
    first: int = 0
    limit: int = 100


def load_terms(session: Session, on: date) -> Terms:
    """Return quiet hours, urgent templates and the number of tries in force."""
    policies = load_policies(session, on)
    return read_terms(
        policies.get("quiet_hours"), policies.get("urgent_notices"), policies.get("notice_most_tries")
    )


def is_due(terms: Terms, now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a notice goes out now: at night only what is urgent."""
    due = and_(Notice.state == NoticeState.waiting, Notice.due_at <= now)
    return and_(due, Notice.template.in_(terms.urgent)) if terms.is_quiet(to_local(now)) else due


def has_due(session: Session, terms: Terms, now: datetime) -> bool:
    """Return whether there is anything to send."""
    return session.scalar(select(Notice.id).where(is_due(terms, now)).limit(1)) is not None


def get_visible(session: Session, actor: Actor, notice_id: int, *, lock: bool = False) -> Notice:
    """Return a notice for a person whom the actor sees, or for the actor; raises `NotFound`."""
    query = select(Notice).where(Notice.id == notice_id, _sees(actor))
    if lock:
        query = query.with_for_update(of=Notice).execution_options(populate_existing=True)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound
    return row


def list_notices(session: Session, actor: Actor, wanted: Wanted) -> list[Notice]:
    """Return the notices that the actor may see, the newest first."""
    query = select(Notice).where(_sees(actor))
    if wanted.state is not None:
        query = query.where(Notice.state == wanted.state)
    if wanted.template is not None:
        query = query.where(Notice.template == wanted.template)
    return list(session.scalars(query.order_by(Notice.id.desc()).offset(wanted.first).limit(wanted.limit)))


def count_notices(session: Session, actor: Actor) -> dict[NoticeState, int]:
    """Return how many notices that the actor may see stand in each state."""
    rows = session.execute(
        select(Notice.state, func.count().label("number")).where(_sees(actor)).group_by(Notice.state)
    )
    return dict.fromkeys(NoticeState, 0) | {row.state: row.number for row in rows}


def name_receivers(session: Session, rows: Sequence[Notice]) -> dict[int, str]:
    """Return by notice id the code of the person, or the sign-in name of the member of staff: for logs and terminals."""
    return _look_up(session, rows, Person.code, StaffUser.name)


def show_receivers(session: Session, rows: Sequence[Notice]) -> dict[int, str]:
    """Return by notice id who it goes to, as people call them: for those who see these people."""
    return _look_up(session, rows, Person.name, StaffUser.display_name)


def _look_up(
    session: Session,
    rows: Sequence[Notice],
    of_person: InstrumentedAttribute[str],
    of_user: InstrumentedAttribute[str],
) -> dict[int, str]:
    people = {row.person_id for row in rows if row.person_id}
    users = {row.user_id for row in rows if row.user_id}
    codes: dict[int, str] = dict(
        session.execute(select(Person.id, of_person).where(Person.id.in_(people))).all()
    )
    names: dict[int, str] = dict(
        session.execute(select(StaffUser.id, of_user).where(StaffUser.id.in_(users))).all()
    )
    return {row.id: codes.get(row.person_id or 0) or names.get(row.user_id or 0) or "" for row in rows}


def _sees(actor: Actor) -> ColumnElement[bool]:
    if actor.is_system:
        return Notice.id.is_not(None)
    of_person = and_(Notice.person_id.is_not(None), sees_person_id(actor, Notice.person_id))
    return or_(of_person, Notice.user_id == actor.user_id)
