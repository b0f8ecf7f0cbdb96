"""A person's page: the card, what they have and ask for; sensitive fields open for a reason that is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from app.actor import Actor
from app.audit.commands import log_read
from app.auth import DESK, CurrentActor, CurrentDatabase, Reading, require
from app.clock import today
from app.db import ReadSession
from app.desk.needs import list_booked, list_placed, list_turns, stamp_people
from app.desk.people import get_standing, list_last_night
from app.desk.week import load_week
from app.language.days import say_date
from app.language.reasons import title
from app.models.enums import Channel, ConsentPurpose
from app.needs.queries import Wanted, list_needs
from app.people import queries as people
from app.people.present import show_card
from app.people.rules import Field
from app.schemas import Day, PathId
from app.texts import WhyOpened
from app.web.adviser import present
from app.web.templating import get_language, render

router = APIRouter(prefix="/desk/people", include_in_schema=False, dependencies=[require(*DESK)])


@router.get("/{person_id}")
def show_person(
    person_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Show the card; the look is noted before it is shown."""
    language = get_language(request)
    with database.reading() as session:
        people.get_whole_person(session, actor, person_id)  # the page shows household and grade: by area only
        seen = people.get_card(session, actor, person_id, today())
        card = show_card(seen)
        values = {
            "card": card,
            "purposes": _list_missing(row.purpose for row in card.consents if row.in_force),
            "standing": get_standing(session, person_id, today()),
            "members": people.list_members(session, seen.household.id),
            "channels": [Channel.desk, Channel.phone, Channel.visit],
            **_load_live(session, actor, person_id, language),
            **_load_week(session, actor, person_id, today(), language),
        }
    log_read(database, actor.user_id, [person_id], "card,care_grade")
    return render(request, "adviser/person.html", actor=actor, **values)


def _list_missing(given: Iterable[ConsentPurpose]) -> list[ConsentPurpose]:
    """Return the purposes to which nobody has agreed; matching, without which nothing happens, comes first."""
    known = set(given)
    return [purpose for purpose in ConsentPurpose if purpose not in known]


@router.get("/{person_id}/live")
def show_live(
    person_id: PathId,
    request: Request,
    actor: CurrentActor,
    session: Reading,
    stamp: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Answer 204 while nothing has changed since the stamp, else what the person now has."""
    people.get_whole_person(session, actor, person_id)
    if stamp and stamp == stamp_people(session, [person_id]):
        return Response(status_code=204)
    values = _load_live(session, actor, person_id, get_language(request))
    return render(request, "adviser/_person_live.html", actor=actor, **values)


@router.get("/{person_id}/week")
def show_week(
    person_id: PathId,
    request: Request,
    actor: CurrentActor,
    session: Reading,
    on: Annotated[Day | None, Query()] = None,
) -> Response:
    """Show another week of the household."""
    people.get_whole_person(session, actor, person_id)
    values = _load_week(session, actor, person_id, on or today(), get_language(request))
    return render(request, "adviser/_week.html", actor=actor, **values)


@router.post("/{person_id}/unmask")
def unmask(
    person_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    field: Annotated[Field, Form()],
    reason: Annotated[WhyOpened, Form()],
) -> Response:
    """Show one sensitive field for a reason that the read log keeps."""
    with database.reading() as session:
        seen = people.get_person(session, actor, person_id)
        people.check_may_unmask(session, seen, frozenset({field}), today())
        value = people.unmask(session, seen, frozenset({field}), today())[field]
    log_read(database, actor.user_id, [person_id], field.value, reason)
    return render(request, "adviser/_unmasked.html", field=field, value=value)


def _load_week(session: ReadSession, actor: Actor, person_id: int, on: date, language: str) -> dict[str, Any]:
    person = people.get_person(session, actor, person_id).person
    members = people.list_members(session, person.household_id)
    week = load_week(session, members, on)
    hours = {one.id: get_standing(session, one.id, today()).hours_a_week for one in members}
    return {
        "person_id": person_id,
        "before": (week.monday - timedelta(days=7)).isoformat(),
        "after": (week.monday + timedelta(days=7)).isoformat(),
        "days": [{"text": say_date(day, language), "is_today": day == today()} for day in week.days],
        "rows": [
            {
                "name": row.name,
                "days": row.days,
                "used": f"{row.care_minutes / 60:g}",
                "hours": hours[row.person_id],
            }
            for row in week.rows
        ],
    }


def _load_live(session: ReadSession, actor: Actor, person_id: int, language: str) -> dict[str, Any]:
    on = today()
    rows = list_needs(session, actor, Wanted(person_id=person_id))
    last_night = list_last_night(session, [row.id for row in rows])
    placed = {row.need_id: row for row in list_placed(session, [person_id])}
    booked = list_booked(session, [person_id], on)
    needs = []
    for row in rows:
        decided = last_night.get(row.id)
        needs.append(
            {
                **present.show_need(row, language),
                "placed": present.show_placed(placed[row.id], language, on) if row.id in placed else None,
                "booked": [present.show_booked(one, language) for one in booked if one.need_id == row.id],
                "turns": [present.show_turn(one, language) for one in list_turns(session, row.id, on)],
                "last_night": "" if decided is None else title(decided["reason"], language),
            }
        )
    return {
        "person_id": person_id,
        "needs": sorted(needs, key=lambda one: (one["state"] != "open", one["id"])),
        "stamp": stamp_people(session, [person_id]),
    }
