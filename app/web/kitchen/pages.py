"""The kitchen's page: the count of any coming date, printed and as Excel, and guests ticked with one tap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import log_read
from app.auth import CurrentActor, CurrentDatabase, Reading, require
from app.clock import now, to_local, today
from app.db import Database, WriteSession
from app.errors import DomainError
from app.meals.commands import tick, untick_last
from app.meals.errors import NotASitting
from app.meals.queries import Eater, Sitting, list_canteens, list_eaters, list_sittings
from app.models import Slot
from app.models.enums import CapacityKind, StaffRole
from app.prints.kitchen import make_excel, make_pdf
from app.schemas import Day, PathId
from app.scope import check_runs_slot
from app.web.templating import get_language, render

KITCHEN: Final = (StaffRole.coordinator, StaffRole.manager, StaffRole.site)
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/kitchen", include_in_schema=False, dependencies=[require(*KITCHEN)])

On = Annotated[Day | None, Query()]


@router.get("")
def show_kitchen(request: Request, actor: CurrentActor, session: Reading, on: On = None) -> Response:
    """Show every sitting of the reader's kitchens on a day (today)."""
    return render(request, "kitchen/kitchen.html", actor=actor, **_load(session, actor, on or today()))


@router.get("/kitchen.pdf")
def print_kitchen(
    request: Request, actor: CurrentActor, database: CurrentDatabase, on: On = None
) -> Response:
    """Print the counts, the rounds and who gets what."""
    day, language = on or today(), get_language(request)
    sittings, eaters = _load_lists(database, actor, day, "kitchen.pdf")
    made = make_pdf(sittings, eaters, day, f"{to_local(now()):%Y-%m-%d %H:%M}", language)
    return _send(made, "application/pdf", f"kitchen-{day}.pdf")


@router.get("/kitchen.xlsx")
def export_kitchen(
    request: Request, actor: CurrentActor, database: CurrentDatabase, on: On = None
) -> Response:
    """Give the same as an Excel file."""
    day = on or today()
    sittings, eaters = _load_lists(database, actor, day, "kitchen.xlsx")
    return _send(make_excel(sittings, eaters, day, get_language(request)), EXCEL, f"kitchen-{day}.xlsx")


@router.post("/slots/{slot_id}/tick")
def tick_guest(slot_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase) -> Response:
    """Tick a guest; the sitting answers with its new figures, also where nothing is left."""
    return _act(request, actor, database, slot_id, lambda session: tick(session, actor, slot_id, now()))


@router.post("/slots/{slot_id}/untick")
def untick_guest(
    slot_id: PathId, request: Request, actor: CurrentActor, database: CurrentDatabase
) -> Response:
    """Take the last tick back."""
    return _act(
        request, actor, database, slot_id, lambda session: untick_last(session, actor, slot_id, now())
    )


def _act(
    request: Request,
    actor: Actor,
    database: Database,
    slot_id: int,
    work: Callable[[WriteSession], object],
) -> Response:
    refused: DomainError | None = None
    with database.reading() as session:
        check_runs_slot(session, actor, slot_id)
        on = session.get_one(Slot, slot_id).occurs_on  # a page left open over night shows another day's
    try:
        database.write(work)
    except DomainError as error:
        refused = error
    with database.reading() as session:
        values = _load(session, actor, on)
    sitting = next((one for one in values["sittings"] if one.slot_id == slot_id), None)
    if sitting is None:  # no card to answer with: the sentence alone
        raise refused or NotASitting
    values |= {"one": sitting, "refused": "" if refused is None else refused.sentence(get_language(request))}
    return render(request, "kitchen/_sitting.html", actor=actor, **values)


def _load(session: Session, actor: Actor, on: date) -> dict[str, Any]:
    services = list_canteens(session, actor)
    sittings = list_sittings(session, services, on, to_local(now()))
    return {
        "on": on,
        "today": today(),
        "days": [today() + timedelta(days=i) for i in range(8)],
        "has_kitchens": bool(services),
        "sittings": sittings,
        "seats": CapacityKind.seats,
        "meals": CapacityKind.meals,
        "drops": CapacityKind.drops,
        "refused": "",
    }


def _load_lists(database: Database, actor: Actor, on: date, what: str) -> tuple[list[Sitting], list[Eater]]:
    """Return figures and names; the look at the names is noted before they are shown."""
    with database.reading() as session:
        services = list_canteens(session, actor)
        sittings = list_sittings(session, services, on, to_local(now()))
        eaters = list_eaters(session, services, on)
    log_read(database, actor.user_id, sorted({eater.order.person_id for eater in eaters}), what)
    return sittings, eaters


def _send(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
