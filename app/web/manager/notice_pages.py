"""What was sent, what waits, what was given up: the outbox for those who answer for it. Names and kinds, never the texts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.auth import CurrentActor, Reading, Writing, require
from app.clock import now
from app.models.enums import NoticeState, StaffRole
from app.notices.commands import retry
from app.notices.queries import Wanted, count_notices, list_notices, show_receivers
from app.notices.texts import TITLES
from app.schemas import PathId
from app.web.templating import render

router = APIRouter(include_in_schema=False)

PAGE = 50


@router.get("/notices", dependencies=[require(StaffRole.manager, StaffRole.auditor)])
def show_notices(
    request: Request,
    actor: CurrentActor,
    session: Reading,
    state: Annotated[str, Query(max_length=20)] = "",
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Show how many notices stand in each state, and one page of them."""
    chosen = NoticeState(state) if state in NoticeState.__members__ else None
    rows = list_notices(session, actor, Wanted(chosen, None, first, PAGE + 1))
    names = show_receivers(session, rows)
    return render(
        request,
        "manager/notices.html",
        actor=actor,
        counts=count_notices(session, actor),
        chosen=chosen,
        rows=[(row, TITLES.get(row.template, row.template), names[row.id]) for row in rows[:PAGE]],
        may_retry=actor.role is StaffRole.manager,
        first=first,
        next_first=first + PAGE if len(rows) > PAGE else None,
    )


@router.post("/notices/{notice_id}/retry", dependencies=[require(StaffRole.manager)])
def retry_notice(notice_id: PathId, request: Request, actor: CurrentActor, session: Writing) -> Response:
    """Try a notice again that was given up; its row answers with the new state."""
    row = retry(session, actor, notice_id, now())
    names = show_receivers(session, [row])
    title = TITLES.get(row.template, row.template)
    return render(
        request,
        "manager/_notice.html",
        actor=actor,
        row=row,
        title=title,
        name=names[row.id],
        may_retry=True,
    )
