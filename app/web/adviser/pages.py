"""The desk's first page: search as one types, and the morning's list."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from app.actor import Actor
from app.attendance.alarms import finish_task
from app.auth import DESK, CurrentActor, Reading, Writing, require
from app.clock import now, today
from app.consultations import commands
from app.db import ReadSession
from app.desk.morning import get_task, load_morning
from app.models.enums import ProposalOutcome
from app.people.search import Wanted, search_people
from app.planning.queries import find_current_plan
from app.reports.changes import count_seen
from app.schemas import PathId
from app.web.adviser import form_pages, map_pages, need_pages, person_pages, print_pages
from app.web.templating import render

router = APIRouter(include_in_schema=False)
desk = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[require(*DESK)])

MOST_FOUND = 20
TOLD = (
    ProposalOutcome.placed,
    ProposalOutcome.moved,
    ProposalOutcome.unplaced,
    ProposalOutcome.displaced,
    ProposalOutcome.held_back,
)
"""What the night changed or left open; who simply keeps a proposal is no news."""


@desk.get("")
def show_desk(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show the search field and the morning's list."""
    values = {"morning": load_morning(session, actor, today()), **_load_last_night(session, actor)}
    return render(request, "adviser/desk.html", actor=actor, **values)


def _load_last_night(session: ReadSession, actor: Actor) -> dict[str, Any]:
    """Return what the plan in force decided for the people whom the reader sees."""
    plan = find_current_plan(session)
    if plan is None:
        return {"plan": None, "decided": []}
    counts = count_seen(session, actor, plan.id, ProposalOutcome.unplaced).outcomes
    return {"plan": plan, "decided": [(outcome, counts[outcome]) for outcome in TOLD if counts[outcome]]}


@desk.post("/search")
def search(
    request: Request,
    actor: CurrentActor,
    session: Reading,
    text: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Show who fits what was typed; the text travels in the body, never in an address."""
    found = search_people(session, actor, Wanted(text, limit=MOST_FOUND), today())
    return render(request, "adviser/_results.html", found=found, text=text.strip(), most=MOST_FOUND)


@desk.post("/follow-ups/{consultation_id}/done")
def tick_off(consultation_id: PathId, actor: CurrentActor, session: Writing) -> Response:
    """Note that somebody was followed up; the row leaves the list."""
    commands.tick_off(session, actor, consultation_id)
    return Response("", media_type="text/html")


@desk.post("/tasks/{task_id}/done")
def finish(task_id: PathId, actor: CurrentActor, session: Writing) -> Response:
    """Note that a task was looked into; the row leaves the list."""
    finish_task(session, actor, get_task(session, actor, task_id).id, now())
    return Response("", media_type="text/html")


router.include_router(desk)
router.include_router(form_pages.router)
router.include_router(person_pages.router)
router.include_router(map_pages.router)
router.include_router(print_pages.router)
router.include_router(need_pages.router)
