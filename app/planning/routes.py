"""Plans and proposals over HTTP: the one in force, older ones, drafts to approve, proposals to answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import AREA_READERS, DESK, CurrentActor, Reading, require
from app.clock import now
from app.db import WriteSession
from app.errors import NotFound
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.planning import commands, queries
from app.planning.schemas import (
    AnswerIn,
    PlanDetail,
    PlanOut,
    PlansQuery,
    ProposalOut,
    ProposalPage,
    ProposalsQuery,
    PublishedOut,
    ReasonIn,
    RolledBack,
    show_detail,
    show_proposal,
)
from app.schemas import PathId
from app.scope import check_runs_district

router = APIRouter(tags=["plans"])

_READERS = [require(*AREA_READERS)]
_MANAGER = [require(StaffRole.manager)]
_DESK = [require(*DESK, StaffRole.manager)]


@router.get("/plan", dependencies=_READERS)
def get_current_plan(session: Reading) -> PlanDetail:
    """Show the plan in force."""
    plan = queries.find_current_plan(session)
    if plan is None:
        raise NotFound
    return show_detail(plan, queries.get_run(session, plan).report, queries.list_inherited(session, plan.id))


@router.get("/plans", dependencies=_READERS)
def list_plans(session: Reading, asked: Annotated[PlansQuery, Query()]) -> list[PlanOut]:
    """List plans, the newest first."""
    found = queries.list_plans(session, before=asked.before, limit=asked.limit)
    return [PlanOut.model_validate(plan) for plan in found]


@router.get("/plans/{plan_id}", dependencies=_READERS)
def get_plan(plan_id: PathId, session: Reading) -> PlanDetail:
    """Show one plan."""
    plan = queries.get_plan(session, plan_id)
    return show_detail(plan, queries.get_run(session, plan).report, queries.list_inherited(session, plan.id))


@router.get("/plans/{plan_id}/proposals", dependencies=_READERS)
def list_proposals(
    plan_id: PathId, actor: CurrentActor, session: Reading, asked: Annotated[ProposalsQuery, Query()]
) -> ProposalPage:
    """List what the plan decided for the people you see: by outcome, reason, kind, service."""
    wanted = queries.Wanted(**asked.model_dump())
    rows = queries.list_proposals(session, actor, plan_id, wanted)
    return ProposalPage(
        proposals=[show_proposal(row) for row in rows],
        next_after=rows[-1].proposal.id if len(rows) == wanted.limit else None,
    )


@router.get("/proposals/{proposal_id}", dependencies=_READERS)
def get_proposal(proposal_id: PathId, actor: CurrentActor, session: Reading) -> ProposalOut:
    """Show what was decided for one need, with the reason for every option."""
    return show_proposal(queries.get_proposal(session, actor, proposal_id))


@router.post("/plans/{plan_id}/approve", response_model=PublishedOut, dependencies=_MANAGER)
def approve_plan(plan_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Publish a draft; what was booked since it was worked out wins."""

    def work(session: WriteSession) -> PublishedOut:
        check_runs_district(session, actor)
        queries.get_plan(session, plan_id)
        done = commands.approve(session, actor, plan_id, now())
        return PublishedOut(
            proposed=done.proposed, offered=done.offered, withdrawn=done.withdrawn, displaced=done.displaced
        )

    return once.reply(work)


@router.post("/plans/{plan_id}/reject", response_model=PlanOut, dependencies=_MANAGER)
def reject_plan(plan_id: PathId, body: ReasonIn, actor: CurrentActor, once: Once) -> Response:
    """Discard a draft, with a reason."""

    def work(session: WriteSession) -> PlanOut:
        check_runs_district(session, actor)
        return PlanOut.model_validate(commands.reject(session, actor, plan_id, body.reason))

    return once.reply(work)


@router.post("/plans/{plan_id}/roll-back", response_model=RolledBack, dependencies=_MANAGER)
def roll_plan_back(plan_id: PathId, body: ReasonIn, actor: CurrentActor, once: Once) -> Response:
    """Withdraw what a published plan proposed and nobody was told of."""

    def work(session: WriteSession) -> RolledBack:
        check_runs_district(session, actor)
        return RolledBack(withdrawn=commands.roll_back(session, actor, plan_id, body.reason))

    return once.reply(work)


@router.post("/proposals/{proposal_id}/accept", response_model=ProposalOut, dependencies=_DESK)
def accept_proposal(proposal_id: PathId, body: AnswerIn, actor: CurrentActor, once: Once) -> Response:
    """Note the person's or guardian's yes, for the whole group."""

    def work(session: WriteSession) -> ProposalOut:
        queries.check_sees_proposal(session, actor, proposal_id)
        commands.accept_proposal(session, actor, proposal_id, now(), by=body.by, channel=body.channel)
        return show_proposal(queries.get_proposal(session, actor, proposal_id))

    return once.reply(work)


@router.post("/proposals/{proposal_id}/reject", response_model=ProposalOut, dependencies=_DESK)
def reject_proposal(proposal_id: PathId, body: AnswerIn, actor: CurrentActor, once: Once) -> Response:
    """Note a no; the place is free for the next at once."""

    def work(session: WriteSession) -> ProposalOut:
        queries.check_sees_proposal(session, actor, proposal_id)
        commands.reject_proposal(session, actor, proposal_id, now(), by=body.by, channel=body.channel)
        return show_proposal(queries.get_proposal(session, actor, proposal_id))

    return once.reply(work)
