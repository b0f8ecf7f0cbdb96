"""Person by person: what the plan decided and why, for the people whom the reader sees; filtered and paged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select

from app.auth import AREA_READERS, CurrentActor, Reading, require
from app.bounds import LAST_ID
from app.db import ReadSession
from app.language.reasons import title
from app.models import Service
from app.models.enums import ProposalOutcome, Reason, ServiceKind
from app.planning.queries import Wanted, find_current_plan, list_proposals
from app.reports.changes import count_seen
from app.web.manager.changes import show_rows
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False, dependencies=[require(*AREA_READERS)])

PAGE = 30
SHOWN = (
    ProposalOutcome.unplaced,
    ProposalOutcome.moved,
    ProposalOutcome.displaced,
    ProposalOutcome.held_back,
    ProposalOutcome.placed,
    ProposalOutcome.kept,
)
"""Tabs, what is most pressing first."""
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Filter:
    """What the form and the tabs ask for; an empty or unknown word does not narrow."""

    outcome: Annotated[str, Query(max_length=20)] = ""
    reason: Annotated[str, Query(max_length=40)] = ""
    kind: Annotated[str, Query(max_length=20)] = ""
    service: Annotated[str, Query(max_length=40)] = ""
    after: Annotated[int, Query(ge=0, le=LAST_ID)] = 0


def _read(words: type[Word], text: str) -> Word | None:
    return words(text) if text in words.__members__ else None


@router.get("/plan/proposals")
def show_proposals(
    request: Request, actor: CurrentActor, session: Reading, asked: Annotated[Filter, Depends()]
) -> Response:
    """Show one page of what the plan in force decided."""
    language = get_language(request)
    plan = find_current_plan(session)
    if plan is None:
        return render(request, "manager/proposals.html", actor=actor, plan=None)
    outcome = _read(ProposalOutcome, asked.outcome) or ProposalOutcome.unplaced
    services = _list_services(session)
    chosen = next((row for row in services if row.code == asked.service), None)
    wanted = Wanted(
        outcome=outcome,
        reason=_read(Reason, asked.reason),
        kind=_read(ServiceKind, asked.kind),
        service_id=None if chosen is None else chosen.id,
        after=asked.after,
        limit=PAGE + 1,
    )
    found = list_proposals(session, actor, plan.id, wanted)
    counts = count_seen(session, actor, plan.id, outcome)
    filters = {"reason": wanted.reason, "kind": wanted.kind, "service": chosen.code if chosen else ""}
    values: dict[str, Any] = {
        "plan": plan,
        "outcome": outcome,
        "tabs": [(one, counts.outcomes[one]) for one in SHOWN],
        "reasons": [(reason, title(reason, language), count) for reason, count in counts.reasons.items()],
        "kinds": list(ServiceKind),
        # What stays unplaced has no service to filter by.
        "services": [] if outcome is ProposalOutcome.unplaced else services,
        "filters": filters,
        "is_first": asked.after == 0,
        "next": _address(outcome, filters, found[PAGE - 1].proposal.id) if len(found) > PAGE else "",
        "rows": show_rows(session, found[:PAGE], actor, language),
    }
    return render(request, "manager/proposals.html", actor=actor, **values)


def _list_services(session: ReadSession) -> list[Service]:
    return list(
        session.scalars(select(Service).where(Service.is_active).order_by(Service.kind, Service.code))
    )


def _address(outcome: ProposalOutcome, filters: dict[str, Any], after: int) -> str:
    given = {"outcome": outcome.value, **{key: str(value) for key, value in filters.items() if value}}
    return f"/plan/proposals?{urlencode(given | {'after': after})}"
