"""Who gets a place: shares by priority class and by block. Counts only; where few are concerned, none is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Area, Household, Need, Person, Plan, Proposal
from app.models.enums import AreaKind, ProposalOutcome
from app.reports.queries import SMALLEST_SHOWN

WITH_PLACE = (ProposalOutcome.placed, ProposalOutcome.kept, ProposalOutcome.moved)


@dataclass(frozen=True)
class Share:
    """How a part of the people fared. Nothing is told of it where fewer than `SMALLEST_SHOWN` needs are in it."""

    name_zh: str
    name_en: str
    decided: int
    placed: int

    @property
    def is_small(self) -> bool:
        """Return whether too few are in it to be shown."""
        return self.decided < SMALLEST_SHOWN

    @property
    def share(self) -> float:
        """Return placed over decided, 0 to 1."""
        return self.placed / self.decided if self.decided else 0.0


def list_by_class(session: Session, plan: Plan) -> list[Share]:
    """Return the shares by the priority class that the night counted each need in, class 4 (first) to 1.

    The class is the one that the plan stored with its decision, not today's: evidence may have changed since.
    """
    class_ = Proposal.data["class"].as_integer()
    rows = session.execute(
        select(class_.label("class_"), Proposal.outcome, func.count())
        .where(Proposal.plan_id == plan.id)
        .group_by(class_, Proposal.outcome)
    ).all()
    counts = _add((found, outcome, count) for found, outcome, count in rows if found is not None)
    return [
        Share(str(found), str(found), sum(row), row[0]) for found, row in sorted(counts.items(), reverse=True)
    ]


def list_by_block(session: Session, plan: Plan) -> list[Share]:
    """Return the shares by the block that people live in, in the order of the blocks' codes."""
    rows = session.execute(
        select(Household.compound_id, Proposal.outcome, func.count())
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Person, Person.id == Need.person_id)
        .join(Household, Household.id == Person.household_id)
        .where(Proposal.plan_id == plan.id)
        .group_by(Household.compound_id, Proposal.outcome)
    ).all()
    areas = {row.id: row for row in session.scalars(select(Area))}
    counts = _add((find_block(areas, area_id).id, outcome, count) for area_id, outcome, count in rows)
    blocks = sorted((areas[area_id] for area_id in counts), key=lambda area: area.code)
    return [
        Share(area.name_zh, area.name_en or area.name_zh, sum(counts[area.id]), counts[area.id][0])
        for area in blocks
    ]


def find_block(areas: dict[int, Area], area_id: int) -> Area:
    """Return the block above an area; the area itself where there is none."""
    area = areas[area_id]
    while area.kind is not AreaKind.block and area.parent_id is not None:
        area = areas[area.parent_id]
    return area


def _add(rows: Iterable[tuple[int, ProposalOutcome, int]]) -> dict[int, tuple[int, int]]:
    """Return (with a place, without) by key."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for key, outcome, count in rows:
        counts[key][0 if outcome in WITH_PLACE else 1] += count
    return {key: (found, missing) for key, (found, missing) in counts.items()}
