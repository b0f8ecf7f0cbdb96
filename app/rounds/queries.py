"""Reads rounds: which keep their places, who takes part, what was announced and published; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from app.errors import NotFound
from app.models import Need as NeedRow
from app.models import Round
from app.models.enums import NeedState, RoundState, ServiceKind
from app.options.load import load_needs
from app.options.people import load_people
from app.options.rules import count_years, find_grade, list_words
from app.policies.queries import load_policies
from app.policies.rules import Policies
from app.priority.rules import get_priority_class
from app.rounds.commitment import make_commitment
from app.rounds.errors import ListNotPublished, NotAnnounced
from app.rounds.rules import KEEPING, Window


def to_window(row: Round) -> Window:
    """Return what decides whether a round keeps a place."""
    return Window(
        id=row.id,
        code=row.code,
        kind=row.kind,
        state=row.state,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        publishes_on=row.publishes_on,
        starts_on=row.starts_on,
    )


def get_round(session: Session, round_id: int) -> Round:
    """Return a round or raise `NotFound`."""
    row = session.get(Round, round_id)
    if row is None:
        raise NotFound
    return row


def get_round_by_code(session: Session, code: str) -> Round:
    """Return a round by its code or raise `NotFound`."""
    row = session.scalars(select(Round).where(Round.code == code)).first()
    if row is None:
        raise NotFound
    return row


def list_rounds(session: Session) -> list[Round]:
    """Return all rounds, the latest window first."""
    return list(session.scalars(select(Round).order_by(Round.opens_on.desc(), Round.code)))


def find_open_round(session: Session, kind: ServiceKind, on: date, last_on: date | None) -> Round | None:
    """Return the round that a need recorded on a day enters: of its kind, window open, care into its period."""
    for row in session.scalars(select(Round).where(Round.kind == kind, Round.state.in_(KEEPING))):
        window = to_window(row)
        if window.takes_in(on) and window.reaches(last_on):
            return row
    return None


def find_round_in_way(
    session: Session, need_round_id: int | None, kind: ServiceKind, on: date, last_on: date | None
) -> Window | None:
    """Return the undecided round that a place would be taken from: the need's own, or one of the kind it reaches into."""
    for row in session.scalars(select(Round).where(Round.kind == kind, Round.state.in_(KEEPING))):
        window = to_window(row)
        if row.id == need_round_id or (window.keeps(on) and window.reaches(last_on)):
            return window
    return None


def of_round(round_id: int) -> ColumnElement[bool]:
    """Say which needs belong to a round and take part."""
    return (NeedRow.round_id == round_id) & NeedRow.state.in_((NeedState.open, NeedState.placed))


def list_entry_codes(session: Session, round_id: int) -> list[str]:
    """Return the codes of the needs that take part now, sorted."""
    return sorted(session.scalars(select(NeedRow.code).where(of_round(round_id))))


def get_entries(session: Session, round_id: int) -> list[str] | None:
    """Return the codes that took part as the window closed; None before."""
    return session.scalar(select(Round.entries).where(Round.id == round_id))


def count_needs(session: Session) -> dict[int, int]:
    """Return how many needs take part, by round id."""
    rows = session.execute(
        select(NeedRow.round_id, func.count())
        .where(NeedRow.round_id.is_not(None), NeedRow.state.in_((NeedState.open, NeedState.placed)))
        .group_by(NeedRow.round_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def load_classes(
    session: Session, round_id: int, on: date, order: Mapping[str, Any] | None
) -> dict[str, int]:
    """Return the priority class of each need that takes part, by code, under the announced rules of the order."""
    wanted = of_round(round_id)
    needs = load_needs(session, wanted)
    people = load_people(session, select(NeedRow.person_id).where(wanted), on)
    policies = load_policies(session, on)
    policies = Policies({**policies.values, **(order or {})})
    found: dict[str, int] = {}
    for need in needs:
        person = people.get(need.person_id)
        if person is not None:
            found[need.code] = get_priority_class(
                person.role,
                list_words(person, on),
                find_grade(person, on),
                count_years(person.born_on, on),
                policies,
            )
    return found


def get_order(row: Round) -> Mapping[str, Any] | None:
    """Return what puts people into classes in this round, as announced; None where nothing was announced here."""
    return None if row.policy_file is None else dict(row.policy_file["classes"])


def get_commitment(row: Round) -> dict[str, Any]:
    """Return what was announced. Raises `NotAnnounced` before."""
    if row.state is RoundState.planned or row.policy_file is None or row.list_key is None:
        raise NotAnnounced(round=row.code, state=row.state)
    return make_commitment(
        code=row.code,
        name=row.name_zh,
        dates={
            "opens_on": row.opens_on,
            "closes_on": row.closes_on,
            "publishes_on": row.publishes_on,
            "starts_on": row.starts_on,
        },
        policy=row.policy_file,
        secret_hash=row.secret_hash,
        policy_hash=row.policy_hash,
        list_key=row.list_key,
    )


def get_list(session: Session, round_id: int) -> dict[str, Any]:
    """Return the published list. Raises `NotFound`, `ListNotPublished`."""
    row = session.scalars(
        select(Round).where(Round.id == round_id).options(undefer(Round.published_list))
    ).first()
    if row is None:
        raise NotFound
    if row.published_list is None:
        raise ListNotPublished(round=row.code, state=row.state)
    return row.published_list


def list_undecided(session: Session, on: date) -> Sequence[Round]:
    """Return the drawn rounds whose publishing day has come, by code."""
    return session.scalars(
        select(Round).where(Round.state == RoundState.drawn, Round.publishes_on <= on).order_by(Round.code)
    ).all()
