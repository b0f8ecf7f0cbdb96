"""The waitlist drawer of a site: who is next for its services, and what decided it."""

# ruff: noqa: FAST003 - `site_id` is read by the dependency `Desk`

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import select

from app.actor import DESK, Actor
from app.attendance.queries import list_roll_services
from app.auth import require
from app.clock import today
from app.db import ReadSession
from app.language.catalogue import say
from app.language.days import say_pattern
from app.language.labels import N_
from app.models import Need, NeedPattern, Person
from app.scope import check_runs_site
from app.waitlist.queries import find_visible, list_standby, list_waiting
from app.waitlist.rules import Waiting, explain_turns
from app.web.coordinator.site_desk import AT_THE_SITE, Desk
from app.web.templating import render

router = APIRouter(prefix="/coordinator", include_in_schema=False, dependencies=[require(*AT_THE_SITE)])

MOST = 20
WHY = {
    "first": N_("First in the published order."),
    "priority": N_("Behind the one before by priority class."),
    "months_waited": N_("Same class; the one before has waited longer."),
    "draw": N_("Same class and same months of waiting; the draw number decides."),
}


@router.get("/sites/{site_id}/waitlist")
def show_waitlist(desk: Desk) -> Response:
    """Show who is next, and why: last night's standby order, then whoever joined the waitlist."""
    with desk.database.reading() as session:
        check_runs_site(session, desk.actor, desk.site_id)
        services = [row for row in list_roll_services(session) if row.site_id == desk.site_id]
        lists = []
        for service in services:
            standby = list_standby(session, service.id, today())
            known = {row.need_id for row in standby}
            joined = [row for row in list_waiting(session, service.id, today()) if row.need_id not in known]
            zh = desk.language == "zh"
            lists.append(
                {
                    "name": service.name_zh if zh else service.name_en or service.name_zh,
                    "standby": _show(session, desk.actor, standby[:MOST], desk.language),
                    "joined": _show(session, desk.actor, joined[:MOST], desk.language),
                    "more": max(0, len(standby) - MOST) + max(0, len(joined) - MOST),
                }
            )
    return render(
        desk.request,
        "coordinator/_waitlist.html",
        lists=lists,
        may_open=desk.actor.role in DESK,
        site_id=desk.site_id,
    )


def _show(session: ReadSession, actor: Actor, rows: Sequence[Waiting], language: str) -> list[dict[str, Any]]:
    seen = find_visible(session, actor, [row.need_id for row in rows])
    names = _load_names(session, seen)
    wishes = _load_wishes(session, seen, language)
    return [
        {
            "need_id": row.need_id,
            "name": names.get(row.need_id, ""),
            "wish": wishes.get(row.need_id, ""),
            "priority": row.priority,
            "months": row.months_waited,
            "draw": row.draw,
            "why": say(WHY[decided_by], language),
        }
        for row, decided_by in explain_turns(rows)
    ]


def _load_names(session: ReadSession, need_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(
        select(Need.id, Person.name)
        .join(Person, Person.id == Need.person_id)
        .where(Need.id.in_(list(need_ids)))
    )
    return {id_: name for id_, name in rows}  # noqa: C416


def _load_wishes(session: ReadSession, need_ids: Iterable[int], language: str) -> dict[int, str]:
    rows = session.scalars(
        select(NeedPattern).where(NeedPattern.need_id.in_(list(need_ids)), NeedPattern.rank == 1)
    )
    return {row.need_id: say_pattern(row.weekdays, row.part, row.occurs_on, language) for row in rows}
