"""Unmet needs on the lists of the levels above the committee: by age, with the owner where one was named. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Area, Escalation, Household, Need, Person, Proposal, Round, StaffUser
from app.models.enums import EscalationLevel, Reason, ServiceKind
from app.policies.queries import get_policy
from app.reports.fairness import find_block
from app.reports.waiting import open_without_place
from app.scope import sees_person_id


@dataclass(frozen=True)
class Limits:
    """After how many days an unmet need is on which list (policy `unmet_days`)."""

    block: int
    subdistrict: int

    def name_level(self, days: int) -> EscalationLevel:
        """Return the list of a need that was entered so many days ago; "older than" means one day more."""
        if days > self.subdistrict:
            return EscalationLevel.subdistrict
        return EscalationLevel.block if days > self.block else EscalationLevel.committee


@dataclass(frozen=True)
class BlockLists:
    """How many unmet needs of a block's people are on which list."""

    code: str
    name_zh: str
    name_en: str
    block: int
    subdistrict: int


@dataclass(frozen=True)
class Unmet:
    """One unmet need."""

    person_id: int
    person_name: str
    code: str
    kind: ServiceKind
    entered_on: date
    days: int
    reason: Reason | None
    """Of the plan in force; None where it did not decide on the need."""
    owner: str
    due_on: date | None
    escalation_id: int | None = None
    """Its row on this level's list; None before the worker has raised it."""
    outcome: str = ""
    is_open: bool = False


def load_limits(session: Session, on: date) -> Limits:
    """Return the days in force."""
    value = get_policy(session, "unmet_days", on)
    return Limits(int(value["block"]), int(value["subdistrict"]))


def count_lists(session: Session, actor: Actor, on: date) -> list[BlockLists]:
    """Return the length of both lists by block, for the people whom the actor sees."""
    limits = load_limits(session, on)
    oldest = on - timedelta(days=limits.subdistrict)
    is_old = (Need.entered_on < oldest).label("is_old")
    query = select(Household.compound_id, is_old, func.count()).group_by(Household.compound_id, is_old)
    areas = {row.id: row for row in session.scalars(select(Area))}
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    first = on - timedelta(days=limits.block)
    for compound_id, old, count in session.execute(join_unmet(query, actor, on, first)):
        counts[find_block(areas, compound_id).id][bool(old)] += count
    blocks = sorted((areas[area_id] for area_id in counts), key=lambda area: area.code)
    return [
        BlockLists(area.code, area.name_zh, area.name_en or area.name_zh, *counts[area.id]) for area in blocks
    ]


@dataclass(frozen=True)
class Asked:
    """Which list to show: of one block (all where none is named) and level; paged by offset."""

    level: EscalationLevel
    block: str = ""
    first: int = 0
    limit: int = 50


def list_unmet(session: Session, actor: Actor, on: date, plan_id: int | None, asked: Asked) -> list[Unmet]:
    """Return one page of a list, who has waited longest first."""
    limits = load_limits(session, on)
    is_top = asked.level is EscalationLevel.subdistrict
    before = on - timedelta(days=limits.subdistrict if is_top else limits.block)
    columns = select(
        Person.id,
        Person.name,
        Need.code,
        Need.kind,
        Need.entered_on,
        Proposal.reason,
        StaffUser.display_name,
        Escalation.due_on,
        Escalation.id.label("escalation_id"),
        Escalation.outcome,
        Escalation.closed_at,
    )
    of_level = and_(Escalation.need_id == Need.id, Escalation.level == asked.level)
    query = (
        join_unmet(columns, actor, on, before)
        .outerjoin(Proposal, and_(Proposal.need_id == Need.id, Proposal.plan_id == plan_id))
        .outerjoin(Escalation, of_level)
        .outerjoin(StaffUser, StaffUser.id == Escalation.owner_id)
        .order_by(Need.entered_on, Need.id)
        .offset(asked.first)
        .limit(asked.limit)
    )
    if not is_top:
        query = query.where(Need.entered_on >= on - timedelta(days=limits.subdistrict))
    if asked.block:
        query = query.where(Household.compound_id.in_(_list_compounds(session, asked.block)))
    return [
        Unmet(
            row.id,
            row.name,
            row.code,
            row.kind,
            row.entered_on,
            (on - row.entered_on).days,
            row.reason,
            row.display_name or "",
            row.due_on,
            row.escalation_id,
            row.outcome or "",
            row.escalation_id is not None and row.closed_at is None,
        )
        for row in session.execute(query)
    ]


def join_unmet(
    query: Select[*tuple[Any, ...]], actor: Actor, on: date, before: date
) -> Select[*tuple[Any, ...]]:
    """Narrow to open needs without a place, entered before a day; what a round decides waits for its day."""
    return (
        query.select_from(Need)
        .join(Person, Person.id == Need.person_id)
        .join(Household, Household.id == Person.household_id)
        .outerjoin(Round, Round.id == Need.round_id)
        .where(
            Need.id.in_(open_without_place()),
            Need.entered_on < before,
            or_(Need.ends_on.is_(None), Need.ends_on >= on),
            or_(Round.id.is_(None), Round.publishes_on <= on),
            sees_person_id(actor, Need.person_id),
        )
    )


def _list_compounds(session: Session, block: str) -> list[int]:
    areas = {row.id: row for row in session.scalars(select(Area))}
    return [area_id for area_id in areas if find_block(areas, area_id).code == block]
