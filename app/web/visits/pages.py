"""Run sheets that staff reorder by buttons, escort groups, and both on paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import log_read
from app.auth import CurrentActor, CurrentDatabase, Reading, require
from app.bounds import LAST_ID
from app.clock import now, to_local, today
from app.db import WriteSession
from app.errors import StaleVersion
from app.language.catalogue import say
from app.language.labels import N_
from app.models import Slot
from app.models.enums import StaffRole
from app.prints.visits import make_escorts_pdf, make_visits_pdf, say_proof
from app.schemas import Day, PathId
from app.scope import check_runs_slot
from app.visits.commands import move
from app.visits.contacts import load_contacts
from app.visits.errors import OrderDoesNotFit, SheetChanged
from app.visits.escorts import list_groups
from app.visits.queries import HalfDay, list_half_days
from app.web.templating import get_language, render

AT_THE_SITE: Final = (StaffRole.coordinator, StaffRole.manager, StaffRole.site)

ORDERED_MEANWHILE: Final = N_(
    "Somebody else has just changed the visits of this half-day. You now see them as they are; move again if it is still needed."
)

router = APIRouter(include_in_schema=False, dependencies=[require(*AT_THE_SITE)])

On = Annotated[Day | None, Query()]


@router.get("/visits")
def show_visits(
    request: Request,
    actor: CurrentActor,
    session: Reading,
    on: On = None,
    carer: Annotated[int, Query(ge=0, le=LAST_ID)] = 0,
) -> Response:
    """Show the half-days of the reader's carers, or of one of them, on a day (today)."""
    day = on or today()
    half_days = list_half_days(session, actor, day)
    carers = {one.class_id: (one.class_zh, one.class_en) for one in half_days}
    chosen = carer if carer in carers else 0
    wanted = [one for one in half_days if chosen in {0, one.class_id}]
    return render(
        request,
        "visits/visits.html",
        actor=actor,
        carers=carers,
        carer=chosen,
        **_show(wanted, get_language(request)),
        **_days(day),
    )


@router.post("/visits/slots/{slot_id}/move")
def move_visit(
    slot_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    need_id: Annotated[int, Form(ge=1, le=LAST_ID)],
    version: Annotated[int, Form(ge=0, le=LAST_ID)],
    by: Annotated[int, Form(ge=-1, le=1)] = 1,
) -> Response:
    """Move one visit earlier or later; the half-day answers as it now stands, with what stood in the way."""
    refused, language = "", get_language(request)

    def work(session: WriteSession) -> HalfDay:
        return move(session, actor, slot_id, need_id, by, version)

    try:
        half_day = database.write(work)
    except (OrderDoesNotFit, SheetChanged) as error:
        refused = error.sentence(language)
        half_day = None
    except StaleVersion:
        refused = say(ORDERED_MEANWHILE, language)
        half_day = None
    if half_day is None:
        with database.reading() as session:
            half_day = _find(session, actor, slot_id)
    values: dict[str, Any] = {"one": half_day, "proof": "", "refused": refused, "on": None}
    if half_day is not None:
        values["proof"] = say_proof(half_day, language)
        values["on"] = to_local(half_day.starts_at).date()
    return render(request, "visits/_half_day.html", actor=actor, **values)


@router.get("/visits/visits.pdf")
def print_visits(request: Request, actor: CurrentActor, database: CurrentDatabase, on: On = None) -> Response:
    """Print the run sheets with addresses and phones."""
    day, language = on or today(), get_language(request)
    with database.reading() as session:
        half_days = list_half_days(session, actor, day)
        people = sorted({stop.person_id for one in half_days for stop in one.stops})
        contacts = load_contacts(session, people)
    log_read(database, actor.user_id, people, "visits.pdf")
    return _send(make_visits_pdf(half_days, contacts, day, _moment(), language), f"visits-{day}.pdf")


@router.get("/escorts")
def show_escorts(request: Request, actor: CurrentActor, session: Reading, on: On = None) -> Response:
    """Show who is fetched from which gate or compound on a day (today)."""
    day = on or today()
    groups = list_groups(session, actor, day)
    return render(request, "visits/escorts.html", actor=actor, groups=groups, **_days(day))


@router.get("/escorts/escorts.pdf")
def print_escorts(
    request: Request, actor: CurrentActor, database: CurrentDatabase, on: On = None
) -> Response:
    """Print the escort groups to tick at the gate and on arrival."""
    day, language = on or today(), get_language(request)
    with database.reading() as session:
        groups = list_groups(session, actor, day)
    people = sorted({one.person_id for group in groups for one in group.people})
    log_read(database, actor.user_id, people, "escorts.pdf")
    return _send(make_escorts_pdf(groups, day, _moment(), language), f"escorts-{day}.pdf")


def _show(half_days: list[HalfDay], language: str) -> dict[str, Any]:
    return {"half_days": [(one, say_proof(one, language)) for one in half_days], "refused": ""}


def _find(session: Session, actor: Actor, slot_id: int) -> HalfDay | None:
    check_runs_slot(session, actor, slot_id)
    slot = session.get_one(Slot, slot_id)
    return next(iter(list_half_days(session, actor, slot.occurs_on, slot_id=slot_id)), None)


def _days(on: date) -> dict[str, Any]:
    return {"on": on, "days": [today() + timedelta(days=i) for i in range(8)]}


def _moment() -> str:
    return f"{to_local(now()):%Y-%m-%d %H:%M}"


def _send(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)
