"""Raises unmet needs to the level of their age, hands them over, closes them with an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.calendars.queries import load_calendar
from app.clock import to_local
from app.db import UtcDateTime, WriteSession
from app.escalations.errors import AlreadyClosed, NoSuchOwner, OutcomeRequired
from app.escalations.queries import get_visible, list_candidates
from app.escalations.rules import (
    CHOSEN,
    Act,
    Outcome,
    State,
    choose_owner,
    find_next_state,
    list_areas,
)
from app.models import Area, Escalation, Household, Need, StaffUser
from app.models.enums import EscalationLevel, StaffRole
from app.notices.commands import Draft, put
from app.policies.queries import get_policy
from app.reports.fairness import find_block
from app.reports.levels import join_unmet, load_limits

CODES_PER_AUDIT_ROW = 500


@dataclass(frozen=True)
class Raised:
    """How many were raised to each list, and how many had become needless."""

    block: int = 0
    subdistrict: int = 0
    settled: int = 0


@dataclass(frozen=True)
class _Unmet:
    need_id: int
    code: str
    level: EscalationLevel
    block_id: int


_PUT = text(
    "INSERT INTO escalation (need_id, level, raised_on, due_on, owner_id, outcome)"
    " VALUES (:need_id, :level, :raised_on, :due_on, :owner_id, '') ON CONFLICT (need_id, level) DO NOTHING"
)
_RISE = text(
    "UPDATE escalation SET closed_at = :now, outcome = :outcome"
    " WHERE need_id = :need_id AND level = 'block' AND closed_at IS NULL"
).bindparams(bindparam("now", type_=UtcDateTime()))


def raise_due(session: WriteSession, now: datetime) -> Raised:
    """Put every unmet need on the list of its age, and close what is needless; safe to run again and at once twice."""
    on = to_local(now).date()
    settled = _settle(session, on, now)
    new = _list_new(session, on)
    if new:
        _insert(session, new, on, now)
    counts = {
        level: sum(one.level is level for one in new)
        for level in (EscalationLevel.block, EscalationLevel.subdistrict)
    }
    for first in range(0, len(new), CODES_PER_AUDIT_ROW):
        batch = new[first : first + CODES_PER_AUDIT_ROW]
        codes = {level.value: [one.code for one in batch if one.level is level] for level in counts}
        record(session, system_actor().label, "escalation.raise", "escalations", codes)
    if settled:
        record(session, system_actor().label, "escalation.settle", "escalations", {"number": settled})
    return Raised(counts[EscalationLevel.block], counts[EscalationLevel.subdistrict], settled)


def assign(session: WriteSession, actor: Actor, escalation_id: int, owner_id: int) -> Escalation:
    """Give a raised need to another owner. Raises `NoSuchOwner`, `AlreadyClosed`, `NotFound`."""
    row = _lock_open(session, actor, escalation_id, Act.assign)
    owner = session.get(StaffUser, owner_id)
    may_own = {StaffRole.manager, StaffRole.coordinator, StaffRole.adviser}
    if owner is None or owner.disabled_at is not None or owner.role not in may_own:
        raise NoSuchOwner
    row.owner_id = owner_id
    session.flush()
    record(session, actor.label, "escalation.assign", f"escalation:{row.id}", {"owner": owner_id})
    return row


def close(
    session: WriteSession, actor: Actor, escalation_id: int, outcome: str, note: str, now: datetime
) -> Escalation:
    """Close a raised need with what came of it. Raises `OutcomeRequired`, `AlreadyClosed`, `NotFound`."""
    row = _lock_open(session, actor, escalation_id, Act.close)
    if outcome not in {one.value for one in CHOSEN}:
        raise OutcomeRequired
    row.outcome = f"{outcome}: {note.strip()}"[:200] if note.strip() else outcome
    row.closed_at = now
    session.flush()
    record(session, actor.label, "escalation.close", f"escalation:{row.id}", {"outcome": outcome})
    return row


def _lock_open(session: WriteSession, actor: Actor, escalation_id: int, act: Act) -> Escalation:
    row = get_visible(session, actor, escalation_id, lock=True)
    state = State.open if row.closed_at is None else State.closed
    if find_next_state(state, act) is None:
        raise AlreadyClosed(outcome=row.outcome)
    return row


def _settle(session: WriteSession, on: date, now: datetime) -> int:
    """Close what is raised of needs that are unmet no more."""
    unmet = join_unmet(select(Need.id), system_actor(), on, on)
    done = session.execute(
        update(Escalation)
        .where(Escalation.closed_at.is_(None), Escalation.need_id.not_in(unmet))
        .values(closed_at=now, outcome=Outcome.settled.value)
        .returning(Escalation.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def _list_new(session: Session, on: date) -> list[_Unmet]:
    """Return unmet needs that are not on the list of their age yet, nor were."""
    limits = load_limits(session, on)
    areas = {row.id: row for row in session.scalars(select(Area))}
    was = {(row.need_id, row.level) for row in session.execute(select(Escalation.need_id, Escalation.level))}
    query = join_unmet(
        select(Need.id, Need.code, Need.entered_on, Household.compound_id),
        system_actor(),
        on,
        on,
    )
    found = []
    for row in session.execute(query.order_by(Need.id)):
        level = limits.name_level((on - row.entered_on).days)
        if level is not EscalationLevel.committee and (row.id, level) not in was:
            found.append(_Unmet(row.id, row.code, level, find_block(areas, row.compound_id).id))
    return found


def _insert(session: WriteSession, new: list[_Unmet], on: date, now: datetime) -> None:
    calendar, staff = load_calendar(session), list_candidates(session)
    days = get_policy(session, "escalation_due_working_days", on)
    due = {
        level: calendar.add_working_days(on, int(days[level.value]))
        for level in (EscalationLevel.block, EscalationLevel.subdistrict)
    }
    root_id = session.scalars(select(Area.id).where(Area.parent_id.is_(None)).limit(1)).one()
    owners = {
        key: choose_owner(staff, list_areas(*key, root_id))
        for key in {(one.level, one.block_id) for one in new}
    }
    rows = [
        {
            "need_id": one.need_id,
            "level": one.level.value,
            "raised_on": on,
            "due_on": due[one.level],
            "owner_id": owners[one.level, one.block_id],
        }
        for one in new
    ]
    session.execute(_PUT, rows)
    risen = [one for one in new if one.level is EscalationLevel.subdistrict]
    if risen:
        session.execute(
            _RISE,
            [{"need_id": one.need_id, "now": now, "outcome": Outcome.risen.value} for one in risen],
        )
    # One notice an owner and level a day: an import may raise thousands.
    told = {(owners[one.level, one.block_id], one.level) for one in new}
    put(
        session,
        [
            Draft(
                "escalation_raised",
                on.isoformat(),
                user_id=owner_id,
                data={
                    "due_on": due[level].isoformat(),
                    "count": sum(
                        one.level is level and owners[one.level, one.block_id] == owner_id for one in new
                    ),
                },
                more=(level.value,),
            )
            for owner_id, level in sorted(told, key=str)
            if owner_id is not None
        ],
        now,
    )
