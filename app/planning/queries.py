"""Reads plans, their proposals and runs; proposals only of needs that the actor sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    CareClass,
    InheritedFault,
    Need,
    Person,
    Placement,
    Plan,
    PlanRun,
    Proposal,
    Service,
    Site,
)
from app.models.enums import PlanState, ProposalOutcome, Reason, ServiceKind
from app.scope import sees_need_id


@dataclass(frozen=True)
class Wanted:
    """Which proposals to list; None does not narrow. `after` and `limit` page by id."""

    outcome: ProposalOutcome | None = None
    reason: Reason | None = None
    kind: ServiceKind | None = None
    service_id: int | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True)
class Row:
    """A proposal with what a person needs to read it."""

    proposal: Proposal
    need: Need
    person_name: str
    placement: Placement | None
    class_name: str | None
    service: Service | None
    site: Site | None


def find_current_plan(session: Session) -> Plan | None:
    """Return the plan in force; None before the first night and after a roll-back."""
    return session.scalar(select(Plan).where(Plan.state == PlanState.published))


def list_plans(session: Session, *, before: int | None = None, limit: int = 30) -> list[Plan]:
    """Return plans, the newest first."""
    statement = select(Plan).order_by(Plan.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Plan.id < before)
    return list(session.scalars(statement))


def get_plan(session: Session, plan_id: int) -> Plan:
    """Return a plan or raise `NotFound`."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound
    return plan


def get_run(session: Session, plan: Plan) -> PlanRun:
    """Return the run that made a plan: its report and seconds."""
    return session.get_one(PlanRun, plan.run_id)


def list_inherited(session: Session, plan_id: int, limit: int = 500) -> list[InheritedFault]:
    """Return what was wrong before the night, by kind and subject."""
    return list(
        session.scalars(
            select(InheritedFault)
            .where(InheritedFault.plan_id == plan_id)
            .order_by(InheritedFault.code, InheritedFault.subject)
            .limit(limit)
        )
    )


def list_proposals(session: Session, actor: Actor, plan_id: int, wanted: Wanted) -> list[Row]:
    """Return the proposals of a plan for needs that the actor sees, by id."""
    get_plan(session, plan_id)
    statement = (
        _select_rows(actor)
        .where(Proposal.plan_id == plan_id, Proposal.id > wanted.after)
        .order_by(Proposal.id)
        .limit(wanted.limit)
    )
    if wanted.outcome is not None:
        statement = statement.where(Proposal.outcome == wanted.outcome)
    if wanted.reason is not None:
        statement = statement.where(Proposal.reason == wanted.reason)
    if wanted.kind is not None:
        statement = statement.where(Need.kind == wanted.kind)
    if wanted.service_id is not None:
        statement = statement.where(Service.id == wanted.service_id)
    return [Row(*row) for row in session.execute(statement)]


def get_proposal(session: Session, actor: Actor, proposal_id: int) -> Row:
    """Return a proposal that the actor sees, or raise `NotFound`."""
    row = session.execute(_select_rows(actor).where(Proposal.id == proposal_id)).first()
    if row is None:
        raise NotFound
    return Row(*row)


def check_sees_proposal(session: Session, actor: Actor, proposal_id: int) -> None:
    """Raise `NotFound` unless the actor sees the need that the proposal is for."""
    get_proposal(session, actor, proposal_id)


def _select_rows(actor: Actor) -> Any:
    return (
        select(Proposal, Need, Person.name, Placement, CareClass.name_zh, Service, Site)
        .join(Need, Need.id == Proposal.need_id)
        .join(Person, Person.id == Need.person_id)
        .outerjoin(Placement, Placement.id == Proposal.placement_id)
        .outerjoin(CareClass, CareClass.id == Proposal.class_id)
        .outerjoin(Service, Service.id == CareClass.service_id)
        .outerjoin(Site, Site.id == Service.site_id)
        .where(sees_need_id(actor, Proposal.need_id))
    )


def list_names(session: Session, rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    """Return what the services named in the reasons of these proposals are called, by code."""
    codes = {
        option["service"]
        for row in rows
        for option in row.proposal.data.get("options", ())
        if "service" in option
    }
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for code, zh, en in session.execute(
        select(Service.code, Service.name_zh, Service.name_en).where(Service.code.in_(codes))
    ):
        found[code] = {"zh": zh, "en": en}
    return dict(found)
