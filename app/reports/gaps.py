"""What stays unmet, by compound and kind, with what stands in the way: the report for the demand-and-supply meeting.

Where fewer than `SMALLEST_SHOWN` needs are unmet, a compound and kind is counted but not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Household, Need, Person, Plan, Proposal
from app.models.enums import ProposalOutcome, Reason, ServiceKind
from app.reports.queries import SMALLEST_SHOWN

UNMET: Final = (ProposalOutcome.unplaced, ProposalOutcome.displaced, ProposalOutcome.held_back)


@dataclass
class Gap:
    """The unmet needs of one kind in one compound."""

    compound_id: int
    kind: ServiceKind
    count: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    full_at: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(service code, resource) of the option closest to a place, of the needs for which nothing is free."""

    @property
    def fullest(self) -> tuple[str, str] | None:
        """Return the service and resource that most of these needs fail for."""
        return min(self.full_at, key=lambda key: (-self.full_at[key], key)) if self.full_at else None


@dataclass(frozen=True)
class Gaps:
    """What is listed, largest first, and what is too small to be listed."""

    listed: list[Gap]
    small: int
    """How many pairs of compound and kind are left out."""
    needs: int
    """All unmet needs, listed or not."""


def list_gaps(session: Session, plan: Plan) -> Gaps:
    """Return the unmet needs of a plan by compound and kind."""
    found: dict[tuple[int, ServiceKind], Gap] = {}
    rows = session.execute(
        select(Household.compound_id, Need.kind, Proposal.reason, Proposal.data)
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Person, Person.id == Need.person_id)
        .join(Household, Household.id == Person.household_id)
        .where(Proposal.plan_id == plan.id, Proposal.outcome.in_(UNMET))
    )
    for compound_id, kind, reason, data in rows:
        gap = found.setdefault((compound_id, kind), Gap(compound_id, kind))
        gap.count += 1
        gap.reasons[reason] += 1
        if reason is Reason.full:
            for option in _list_full(data):
                gap.full_at[option["service"], option["resource"].partition("@")[0]] += 1
                break
    listed = [gap for gap in found.values() if gap.count >= SMALLEST_SHOWN]
    return Gaps(
        sorted(listed, key=lambda gap: (-gap.count, gap.compound_id, gap.kind)),
        len(found) - len(listed),
        sum(gap.count for gap in found.values()),
    )


def _list_full(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for option in data.get("options", ()):
        if option.get("reason") == Reason.full.value and "@" in option.get("resource", ""):
            yield option
