"""Payloads of plans and proposals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.bounds import LAST_ID
from app.models import InheritedFault, Plan
from app.models.enums import (
    Channel,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    ServiceKind,
    WishPart,
)
from app.planning.queries import Row
from app.schemas import Reply, RowId, Strict
from app.texts import SaidBy

ReasonText = Annotated[str, Field(min_length=1, max_length=200, examples=["容量数据有误，重新计算"])]


class ReasonIn(Strict):
    """Why a plan is rejected or rolled back."""

    reason: ReasonText


def _read_channel(value: object) -> object:
    return Channel(value) if isinstance(value, str) and value in set(Channel) else value


class AnswerIn(Strict):
    """Who answered a proposal, and how."""

    by: SaidBy
    channel: Annotated[Channel, BeforeValidator(_read_channel)]


class PlansQuery(BaseModel):
    """Which plans to list: those before an id, the newest first."""

    model_config = ConfigDict(extra="forbid")

    before: RowId | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 30


class ProposalsQuery(BaseModel):
    """Which proposals to list; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    outcome: ProposalOutcome | None = None
    reason: Reason | None = None
    kind: ServiceKind | None = None
    service_id: RowId | None = None
    after: Annotated[int, Field(ge=0, le=LAST_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class PlanOut(Reply):
    """A plan: what it decided, what it newly causes by gate (all 0), how close to the best possible it is proven."""

    id: int
    effective_on: date
    version: int
    state: PlanState
    made_at: datetime
    published_at: datetime | None
    needs_decided: int
    placed: int
    kept: int
    moved: int
    unplaced: int
    gap: float | None
    seconds: float
    gates: dict[str, int]


class FaultOut(Reply):
    """What was wrong before the night, and who owns it."""

    code: str
    subject: str
    owner: str
    data: dict[str, Any]


class PlanDetail(PlanOut):
    """A plan with its problems' levels, the run's report and the faults it found."""

    problems: list[dict[str, Any]]
    report: dict[str, Any]
    inherited: list[FaultOut]


class ProposalOut(BaseModel):
    """What the plan decided for one need, with the reason for every option."""

    id: int
    need_id: int
    need_code: str
    person_id: int
    person_name: str
    kind: ServiceKind
    outcome: ProposalOutcome
    reason: Reason
    placement_id: int | None
    placement_state: PlacementState | None
    class_zh: str | None
    service_zh: str | None
    site_zh: str | None
    weekdays: list[int]
    part: WishPart | None
    starts_on: date | None
    metres: int | None
    data: dict[str, Any]


class ProposalPage(BaseModel):
    """Some proposals, and the id after which the next page begins."""

    proposals: list[ProposalOut]
    next_after: int | None


class RolledBack(BaseModel):
    """How many proposals were withdrawn."""

    withdrawn: int


class PublishedOut(BaseModel):
    """What approving did."""

    proposed: int
    offered: int
    withdrawn: int
    displaced: int


def show_detail(plan: Plan, report: dict[str, Any], inherited: list[InheritedFault]) -> PlanDetail:
    """Return a plan with everything that belongs on its page."""
    return PlanDetail(
        **PlanOut.model_validate(plan).model_dump(),
        problems=plan.problems,
        report=report,
        inherited=[FaultOut.model_validate(fault) for fault in inherited],
    )


def show_proposal(row: Row) -> ProposalOut:
    """Return a proposal as a person reads it."""
    proposal = row.proposal
    return ProposalOut(
        id=proposal.id,
        need_id=proposal.need_id,
        need_code=row.need.code,
        person_id=row.need.person_id,
        person_name=row.person_name,
        kind=row.need.kind,
        outcome=proposal.outcome,
        reason=proposal.reason,
        placement_id=proposal.placement_id,
        placement_state=row.placement.state if row.placement is not None else None,
        class_zh=row.class_name,
        service_zh=row.service.name_zh if row.service is not None else None,
        site_zh=row.site.name_zh if row.site is not None else None,
        weekdays=[day for day in range(7) if proposal.weekdays >> day & 1],
        part=proposal.part,
        starts_on=proposal.starts_on,
        metres=proposal.metres,
        data=proposal.data,
    )
