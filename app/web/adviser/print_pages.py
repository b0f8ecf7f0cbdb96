"""What the desk hands out: the plan and the notice as PDF, the calendar as iCal. Each is a look at the person, and noted."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from app.actor import Actor
from app.audit.commands import log_read
from app.auth import DESK, CurrentActor, CurrentDatabase, require
from app.clock import now, to_local, today
from app.db import ReadSession
from app.desk.needs import list_booked, list_placed
from app.desk.week import list_stays
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_, label
from app.models import Household, Person
from app.models.enums import PlacementState
from app.needs.queries import get_need
from app.people.queries import get_home, get_whole_person
from app.prints.ical import Stay, make_ical
from app.prints.plan import Head, Line, make_notice, make_plan
from app.schemas import PathId
from app.web.adviser import present
from app.web.templating import get_language

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[require(*DESK)])

OFFICE: Final = N_("Wuliqiao care desk")
WEEKS: Final = 8


@router.get("/people/{person_id}/plan.pdf")
def print_plan(
    person_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Print everything the person has."""
    language = get_language(request)
    with database.reading() as session:
        person = get_whole_person(session, actor, person_id)
        head = _load_head(session, person, language)
        lines = _load_lines(session, person.id, None, language)
    log_read(database, actor.user_id, [person_id], "plan.pdf")
    return _send(make_plan(head, lines, language), "application/pdf", "plan.pdf")


@router.get("/needs/{need_id}/notice.pdf")
def print_notice(
    need_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Print what one need has got."""
    language = get_language(request)
    with database.reading() as session:
        need = get_need(session, actor, need_id)
        person = get_whole_person(session, actor, need.person_id)
        head = _load_head(session, person, language)
        lines = _load_lines(session, person.id, need.id, language)
        person_id = person.id
    log_read(database, actor.user_id, [person_id], "notice.pdf")
    return _send(make_notice(head, lines, language), "application/pdf", "notice.pdf")


@router.get("/people/{person_id}/calendar.ics")
def give_calendar(
    person_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Give the person's stays of the coming weeks as a calendar."""
    language = get_language(request)
    with database.reading() as session:
        stays = _load_stays(session, actor, person_id, language)
    log_read(database, actor.user_id, [person_id], "calendar.ics")
    return _send(make_ical(stays, now()), "text/calendar", "calendar.ics")


def _load_head(session: ReadSession, person: Person, language: str) -> Head:
    home = get_home(session, session.get_one(Household, person.household_id))
    return Head(
        name=person.name,
        home=f"{home.compound} {home.building or ''}".strip(),
        made_at=f"{to_local(now()):%Y-%m-%d %H:%M}",
        office=say(OFFICE, language),
    )


def _load_lines(session: ReadSession, person_id: int, need_id: int | None, language: str) -> list[Line]:
    lines = []
    for row in list_placed(session, [person_id]):
        if need_id not in {None, row.need_id} or row.state is PlacementState.proposed:
            continue  # of a proposal nobody has been told
        shown = present.show_placed(row, language, today())
        last = "" if row.ends_on is None else f" – {say_date(row.ends_on, language)}"
        lines.append(
            Line(
                kind=label(row.kind, language),
                state=label(row.state, language),
                when=shown["pattern"],
                span=f"{say_date(row.starts_on, language)}{last}",
                site=shown["site"],
                service=shown["service"],
                address=row.address,
                phone=row.phone,
                code=row.code,
                is_open=shown["can_answer"],
            )
        )
    for one in list_booked(session, [person_id], today()):
        if need_id not in {None, one.need_id}:
            continue
        shown = present.show_booked(one, language)
        lines.append(
            Line(
                kind=label(one.kind, language),
                state=label(one.state, language),
                when=shown["when"],
                span="",
                site=shown["site"],
                service=shown["service"],
                address=one.address,
                phone=one.phone,
                code=one.code,
            )
        )
    return lines


def _load_stays(session: ReadSession, actor: Actor, person_id: int, language: str) -> list[Stay]:
    person = get_whole_person(session, actor, person_id)
    found = list_stays(session, [person.id], today(), today() + timedelta(weeks=WEEKS))
    return [
        Stay(
            uid=f"{stay.code}-{stay.starts_at:%Y%m%d%H%M}@carematch",
            summary=label(stay.kind, language),
            place=stay.site_zh if language == "zh" else stay.site_en,
            starts_at=stay.starts_at,
            ends_at=stay.ends_at,
            is_sure=stay.is_sure,
        )
        for stay in found
        if not stay.is_away
    ]


def _send(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
