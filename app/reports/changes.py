"""What belongs to a page of proposals: how many there are of each, wishes in words' figures, what a proposal replaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import CareClass, NeedPattern, Placement, Proposal, Service, SlotTemplate
from app.models.enums import CapacityKind, Part, ProposalOutcome, Reason, WishPart
from app.scope import sees_need_id


@dataclass(frozen=True)
class Cell:
    """What a resource of the plan is: a capacity kind of a weekday's part (0 = Monday)."""

    kind: CapacityKind
    weekday: int
    part: Part


@dataclass(frozen=True)
class Before:
    """The place that a proposal replaces."""

    service_zh: str
    service_en: str
    weekdays: int
    part: WishPart


@dataclass(frozen=True)
class Counts:
    """The proposals of a plan that the actor sees."""

    outcomes: dict[ProposalOutcome, int]
    reasons: dict[Reason, int]
    """Main reasons of the outcome that is shown."""


def count_seen(session: Session, actor: Actor, plan_id: int, outcome: ProposalOutcome) -> Counts:
    """Return how many proposals the actor sees, by outcome, and of one outcome by main reason."""
    rows = session.execute(
        select(Proposal.outcome, Proposal.reason, func.count())
        .where(Proposal.plan_id == plan_id, sees_need_id(actor, Proposal.need_id))
        .group_by(Proposal.outcome, Proposal.reason)
    )
    outcomes = dict.fromkeys(ProposalOutcome, 0)
    reasons: dict[Reason, int] = {}
    for found, reason, count in rows:
        outcomes[found] += count
        if found is outcome:
            reasons[reason] = count
    return Counts(outcomes, dict(sorted(reasons.items(), key=lambda row: -row[1])))


def load_wishes(session: Session, need_ids: Iterable[int]) -> dict[int, NeedPattern]:
    """Return the first pattern of each need, by the need's id."""
    rows = session.scalars(
        select(NeedPattern).where(NeedPattern.need_id.in_(list(need_ids)), NeedPattern.rank == 1)
    )
    return {row.need_id: row for row in rows}


def load_replaced(session: Session, codes: Iterable[str]) -> dict[str, Before]:
    """Return the places with these codes."""
    rows = session.execute(
        select(Placement.code, Service.name_zh, Service.name_en, Placement.weekdays, Placement.part)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Placement.code.in_(list(codes)))
    )
    return {row[0]: Before(row[1], row[2] or row[1], row[3], row[4]) for row in rows}


def load_cells(session: Session, resources: Iterable[str]) -> dict[str, Cell]:
    """Return what the plan's resources `template/kind[@date]` are, by their names; people's time is left out."""
    # People's time is named person/weekday/half: three parts, no template among them.
    named = {name: name.partition("@")[0].rpartition("/") for name in resources}
    codes = {code for code, _, _ in named.values()}
    cells = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(SlotTemplate.code, SlotTemplate.weekday, SlotTemplate.part).where(
                SlotTemplate.code.in_(codes)
            )
        )
    }
    return {
        name: Cell(CapacityKind(kind), *cells[code])
        for name, (code, _, kind) in named.items()
        if code in cells
    }


def load_service_names(session: Session, codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the names (Chinese, English) of services by code."""
    rows = session.execute(
        select(Service.code, Service.name_zh, Service.name_en).where(Service.code.in_(list(codes)))
    )
    return {code: (zh, en or zh) for code, zh, en in rows}
