"""The first page of the morning: the plan in force, its gates, who is unplaced and why, what waits for a decision."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.auth import CurrentActor, Reading
from app.web.manager import coverage_pages, decide, notice_pages, proposals, shopping_pages, unmet_pages
from app.web.manager.morning import load_morning
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_tonight(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show the draft that waits and the published plan: the same counts for every role."""
    values = load_morning(session, actor, get_language(request))
    return render(request, "tonight.html", actor=actor, **values)


for part in (proposals, coverage_pages, unmet_pages, shopping_pages, notice_pages):
    router.include_router(part.router)
router.include_router(decide.router)
