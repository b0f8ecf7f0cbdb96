"""Unmet needs that rise a level: the block's and the subdistrict's lists, for the people whom the reader sees."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.actor import DESK
from app.auth import AREA_READERS, CurrentActor, Reading, require
from app.clock import today
from app.language.reasons import title
from app.models.enums import EscalationLevel
from app.planning.queries import find_current_plan
from app.reports.levels import Asked, count_lists, list_unmet, load_limits
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False, dependencies=[require(*AREA_READERS)])

PAGE = 40


@router.get("/unmet")
def show_unmet(
    request: Request,
    actor: CurrentActor,
    session: Reading,
    level: Annotated[str, Query(max_length=20)] = "",
    block: Annotated[str, Query(max_length=32)] = "",
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Show the length of every list, and one page of one."""
    on, language = today(), get_language(request)
    chosen = EscalationLevel.block if level == EscalationLevel.block.value else EscalationLevel.subdistrict
    blocks = count_lists(session, actor, on)
    known = next((row for row in blocks if row.code == block), None)
    code = "" if known is None else known.code
    plan = find_current_plan(session)
    rows = list_unmet(
        session, actor, on, None if plan is None else plan.id, Asked(chosen, code, first, PAGE + 1)
    )
    return render(
        request,
        "manager/unmet.html",
        actor=actor,
        limits=load_limits(session, on),
        blocks=blocks,
        level=chosen,
        block=known,
        rows=[(row, "" if row.reason is None else title(row.reason, language)) for row in rows[:PAGE]],
        links=actor.role in DESK,
        first=first,
        next_first=first + PAGE if len(rows) > PAGE else None,
    )
