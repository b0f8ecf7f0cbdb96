"""The board and the rolls: whole pages, and the parts that polling replaces when anything has changed."""

# ruff: noqa: FAST003 - `site_id` is read by the dependency `Desk`

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.attendance.queries import list_roll_services
from app.attendance.stamps import stamp_day
from app.auth import CurrentActor, Reading, require
from app.clock import now, today
from app.schemas import Day
from app.scope import check_runs_site
from app.web.coordinator import (
    act_pages,
    alarm_pages,
    move_pages,
    pack_pages,
    paper_pages,
    staff_pages,
    waitlist_pages,
)
from app.web.coordinator.board import load_board, stamp_board
from app.web.coordinator.site_desk import AT_THE_SITE, Desk
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)
board = APIRouter(prefix="/coordinator", include_in_schema=False, dependencies=[require(*AT_THE_SITE)])

On = Annotated[Day | None, Query()]
Stamp = Annotated[str, Query(max_length=60)]


@board.get("")
def show_board(request: Request, actor: CurrentActor, session: Reading, on: On = None) -> Response:
    """Show the day of all sites that one looks after."""
    values = load_board(session, actor, on or today(), now(), get_language(request))
    return render(request, "coordinator/board.html", actor=actor, told="", conflict="", **values)


@board.get("/live")
def show_board_live(
    request: Request, actor: CurrentActor, session: Reading, on: On = None, stamp: Stamp = ""
) -> Response:
    """Answer 204 while nothing has changed since the stamp, else the board as it now stands."""
    day = on or today()
    if stamp and stamp == stamp_board(session, list_roll_services(session, actor), day, actor):
        return Response(status_code=204)
    values = load_board(session, actor, day, now(), get_language(request))
    return render(request, "coordinator/_board.html", actor=actor, told="", conflict="", **values)


@board.get("/sites/{site_id}")
def show_roll(desk: Desk) -> Response:
    """Show one site's roll."""
    return desk.show("coordinator/roll.html")


@board.get("/sites/{site_id}/live")
def show_roll_live(desk: Desk, stamp: Stamp = "") -> Response:
    """Answer 204 while nothing has changed since the stamp, else the roll as it now stands."""
    with desk.database.reading() as session:
        check_runs_site(session, desk.actor, desk.site_id)
        services = [row.id for row in list_roll_services(session) if row.site_id == desk.site_id]
        if stamp and stamp == stamp_day(session, services, desk.on):
            return Response(status_code=204)
    return desk.show("coordinator/_roll.html")


router.include_router(board)
for part in (act_pages, alarm_pages, move_pages, pack_pages, paper_pages, staff_pages, waitlist_pages):
    router.include_router(part.router)
