"""The buttons of an alarm: whom to call, no answer, outcome; each answers with the board or roll it stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import select

from app.actor import Actor
from app.attendance import alarms
from app.attendance.children import list_contacts
from app.audit.commands import log_read
from app.auth import CurrentActor, CurrentDatabase, require
from app.clock import now, today
from app.db import Database, ReadSession, WriteSession
from app.errors import DomainError, NotAllowed, NotFound
from app.language.catalogue import say
from app.language.labels import N_
from app.models import Alarm, CareClass, Service, Slot
from app.models.enums import AlarmOutcome
from app.schemas import Day, PathId
from app.scope import check_runs_slot
from app.web.coordinator.board import load_board
from app.web.coordinator.site_desk import AT_THE_SITE, SiteDesk
from app.web.templating import get_language, render

router = APIRouter(
    prefix="/coordinator/alarms", include_in_schema=False, dependencies=[require(*AT_THE_SITE)]
)

Note = Annotated[str, Form(max_length=200)]
On = Annotated[Day | None, Form()]
NEXT = N_("Noted. The next step has begun.")
CLOSED = N_("The alarm is closed.")
_FIELDS = "pickups,phone"


@router.post("/{alarm_id}/contacts")
def show_contacts(
    alarm_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Show whom to call about the child; the look is noted before it is shown."""
    with database.reading() as session:
        person_id = _find_alarm(session, actor, alarm_id)[1]
        contacts = [] if person_id is None else list_contacts(session, person_id, today())
    if person_id is not None:
        log_read(database, actor.user_id, [person_id], _FIELDS, f"alarm {alarm_id}")
    return render(request, "coordinator/_contacts.html", contacts=contacts)


@router.post("/{alarm_id}/step")
def note_step(
    alarm_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    note: Note = "",
    on: On = None,
) -> Response:
    """Note that the present step brought no answer."""

    def act(session: WriteSession) -> None:
        alarms.note_unreached(session, actor, alarm_id, note, now())

    return _answer(request, actor, database, (alarm_id, on), act, NEXT)


@router.post("/{alarm_id}/close")
def close(
    alarm_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    outcome: Annotated[AlarmOutcome, Form()],
    note: Note = "",
    on: On = None,
) -> Response:
    """Close the alarm with its outcome."""

    def act(session: WriteSession) -> None:
        alarms.close_alarm(session, actor, alarm_id, outcome, note, now())

    return _answer(request, actor, database, (alarm_id, on), act, CLOSED)


def _answer(
    request: Request,
    actor: Actor,
    database: Database,
    about: tuple[int, date | None],
    act: Callable[[WriteSession], None],
    done: str,
) -> Response:
    alarm_id, on = about
    language = get_language(request)
    with database.reading() as session:
        site_id, _ = _find_alarm(session, actor, alarm_id)
    conflict, status = "", 200
    try:
        database.write(act)
    except DomainError as refused:
        conflict, status = refused.sentence(language), refused.status
    told = "" if conflict else say(done, language)
    if request.headers.get("hx-target") == "roll":
        desk = SiteDesk(site_id, on or today(), request, actor, database, language)
        return desk.show("coordinator/_roll.html", status=status, told=told, conflict=conflict)
    with database.reading() as session:
        values = load_board(session, actor, on or today(), now(), language)
    values |= {"told": told, "conflict": conflict}
    return render(request, "coordinator/_board.html", status=status, actor=actor, **values)


def _find_alarm(session: ReadSession, actor: Actor, alarm_id: int) -> tuple[int, int | None]:
    """Return site and person of an alarm at one of the actor's sites, or raise `NotFound`."""
    row = session.execute(
        select(Service.site_id, Alarm.person_id, Alarm.slot_id)
        .join(Slot, Slot.id == Alarm.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Alarm.id == alarm_id)
    ).first()
    if row is None:
        raise NotFound
    try:
        check_runs_slot(session, actor, row.slot_id)
    except NotAllowed:
        raise NotFound from None
    return row.site_id, row.person_id
