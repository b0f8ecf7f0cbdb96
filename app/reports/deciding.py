"""What a manager must know before deciding on a plan: the draft that waits, and what a roll-back would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import Placement, Plan, PlanRun, Proposal
from app.models.enums import PlacementState, PlanState, ProposalOutcome, RunState

_WHOLE = (RunState.drafted, RunState.held_back, RunState.published)
"""Runs that wrote their draft to the end; a draft of any other run is a torso that the next night clears away."""
_PROMISED = (PlacementState.offered, PlacementState.confirmed, PlacementState.active)


@dataclass(frozen=True)
class RollBackFigures:
    """What rolling a plan back would do, in placements."""

    withdrawn: int
    """Proposals that nobody was told of: they are withdrawn, their places are free again."""
    kept: int
    """Offered, confirmed or active: they stay."""


def find_waiting_draft(session: Session, today: date) -> Plan | None:
    """Return the newest draft that was written to the end and can still be published; None where none can."""
    current = aliased(Plan)
    is_outdated = exists().where(
        current.state == PlanState.published,
        or_(
            current.effective_on > Plan.effective_on,
            (current.effective_on == Plan.effective_on) & (current.made_at > Plan.made_at),
        ),
    )
    return session.scalar(
        select(Plan)
        .join(PlanRun, PlanRun.id == Plan.run_id)
        .where(
            Plan.state == PlanState.draft,
            PlanRun.state.in_(_WHOLE),
            Plan.effective_on >= today,
            ~is_outdated,
        )
        .order_by(Plan.made_at.desc(), Plan.id.desc())
        .limit(1)
    )


def is_rolled_back(session: Session) -> bool:
    """Return whether the newest plan that was ever in force was rolled back: no plan is in force for that reason."""
    states = (PlanState.published, PlanState.superseded, PlanState.rolled_back)
    newest = session.scalar(
        select(Plan.state).where(Plan.state.in_(states)).order_by(Plan.published_at.desc()).limit(1)
    )
    return newest is PlanState.rolled_back


def count_roll_back(session: Session, plan_id: int) -> RollBackFigures:
    """Return what a roll-back of the plan would withdraw and what it would leave."""
    rows = session.execute(
        select(Placement.state, func.count()).where(Placement.plan_id == plan_id).group_by(Placement.state)
    )
    counts: dict[PlacementState, int] = {row[0]: row[1] for row in rows}
    return RollBackFigures(
        withdrawn=counts.get(PlacementState.proposed, 0),
        kept=sum(counts.get(state, 0) for state in _PROMISED),
    )


def count_outcomes(session: Session, plan_id: int) -> dict[ProposalOutcome, int]:
    """Return how many needs of a plan ended which way, all outcomes present."""
    rows = session.execute(
        select(Proposal.outcome, func.count()).where(Proposal.plan_id == plan_id).group_by(Proposal.outcome)
    )
    counts: dict[ProposalOutcome, int] = {row[0]: row[1] for row in rows}
    return {outcome: counts.get(outcome, 0) for outcome in ProposalOutcome}
