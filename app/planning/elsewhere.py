"""Which places are a plan's own drafts, and which stand beside it: conditions for whatever compares the two."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from app.ledger.queries import OCCUPYING
from app.models import Placement, Proposal
from app.models.enums import PlacementState


def is_draft(plan_id: int) -> ColumnElement[bool]:
    """Return whether a placement is a draft of this plan."""
    return (Placement.plan_id == plan_id) & (Placement.state == PlacementState.draft)


def is_elsewhere(plan_id: int) -> ColumnElement[bool]:
    """Return whether a place stands beside the plan. What it decided about proposals of earlier plans, it decided as a whole."""
    decided = select(Proposal.need_id).where(Proposal.plan_id == plan_id)
    is_given_anew = (
        (Placement.state == PlacementState.proposed)
        & Placement.is_pinned.is_(False)
        & Placement.need_id.in_(decided)
    )
    return Placement.state.in_(OCCUPYING) & ~is_given_anew
