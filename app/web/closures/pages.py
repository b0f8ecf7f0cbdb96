"""Closures on screen: close some days, open them again, and see what stays cancelled and waits to be offered anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field, model_validator

from app.actor import DESK, Actor
from app.auth import CurrentActor, CurrentDatabase, Reading, require
from app.bookings.closed import Closing, check_runs_closure
from app.bookings.closures import close
from app.bookings.reopening import open_again
from app.bookings.rules import check_closed_days
from app.clock import now
from app.db import Database, WriteSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_
from app.models.enums import StaffRole
from app.schemas import Day, PathId
from app.scope import check_runs_site
from app.web.closures.present import load_closures
from app.web.templating import get_language, render

READERS: Final = (*sorted(DESK), StaffRole.manager)
IN_CHARGE: Final = [require(StaffRole.coordinator, StaffRole.manager)]

router = APIRouter(prefix="/closures", include_in_schema=False, dependencies=[require(*READERS)])

CLOSED = N_(
    "Closed. Bookings moved to another place of the same day: {moved}. Bookings cancelled: {ended}; their needs wait again. Places that skip the days: {skipping}. Everybody concerned is told."
)
OPEN_AGAIN = N_(
    "Open again from {day}. Places that run again: {running}; their families are told. Bookings that stay cancelled: {cancelled}."
)
STILL_SKIPPING = N_(
    "Places that go on skipping some of these days, because the person is booked elsewhere by now or there is no room any more: {codes}."
)


class NewClosing(BaseModel):
    """The form for a closure; `what` is a site, or a site and one of its services."""

    what: Annotated[str, Field(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$")]
    starts_on: Day
    ends_on: Day
    reason: Annotated[str, Field(min_length=1, max_length=120)]

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_closed_days(self.starts_on, self.ends_on)
        return self

    def read(self) -> Closing:
        """Return the closure that is wanted."""
        site_id, _, service_id = self.what.partition(".")
        service = int(service_id) if service_id else None
        return Closing(int(site_id), service, self.starts_on, self.ends_on, self.reason)


@router.get("")
def show_closures(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show the closures that are not over, and what closures cancelled that nobody has made good."""
    values = load_closures(session, actor, now(), get_language(request))
    return render(request, "closures/closures.html", actor=actor, told="", missing="", refused="", **values)


@router.post("", dependencies=IN_CHARGE)
def post_closing(
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    form: Annotated[NewClosing, Form()],
) -> Response:
    """Close a site or one of its services for some days."""
    language, closing = get_language(request), form.read()

    def work(session: WriteSession) -> tuple[str, str]:
        check_runs_site(session, actor, closing.site_id)
        done = close(session, actor, closing, now())
        figures = {
            "moved": len(done.moved),
            "ended": len(done.ended),
            "skipping": len(done.skipping),
        }
        return say(CLOSED, language, figures), ""

    return _answer(request, actor, database, work)


@router.post("/{closure_id}/open-again", dependencies=IN_CHARGE)
def post_open_again(
    closure_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    from_on: Annotated[Day, Form()],
) -> Response:
    """Open again from a day on: the first day of the closure, or an earlier one, takes it back."""
    language = get_language(request)

    def work(session: WriteSession) -> tuple[str, str]:
        check_runs_closure(session, actor, closure_id)
        done = open_again(session, actor, closure_id, from_on, now())
        figures = {
            "day": say_date(_find_first(done.closure.starts_on, from_on), language),
            "running": len(done.running),
            "cancelled": len(done.cancelled),
        }
        missing = say(STILL_SKIPPING, language, {"codes": ", ".join(done.skipping)}) if done.skipping else ""
        return say(OPEN_AGAIN, language, figures), missing

    return _answer(request, actor, database, work)


def _find_first(starts_on: date, from_on: date) -> date:
    return max(starts_on, from_on)


def _answer(
    request: Request,
    actor: Actor,
    database: Database,
    work: Callable[[WriteSession], tuple[str, str]],
) -> Response:
    """Do the act and show the closures as they now stand; a refusal is a sentence above them."""
    language = get_language(request)
    values: dict[str, Any] = {"told": "", "missing": "", "refused": ""}
    status = 200
    try:
        values["told"], values["missing"] = database.write(work)
    except DomainError as error:
        if error.status < 409:
            raise
        status, values["refused"] = error.status, error.sentence(language)
    with database.reading() as session:
        values |= load_closures(session, actor, now(), language)
    return render(request, "closures/_closures.html", status=status, actor=actor, **values)
