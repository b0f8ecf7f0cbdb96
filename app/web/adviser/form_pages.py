"""Two forms of the desk: a new need, and what was talked about. What cannot be is said above the form, which keeps its values."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select

from app.actor import Actor
from app.auth import DESK, CurrentActor, CurrentDatabase, Reading, Writing, require
from app.clock import today
from app.consultations.commands import note_consultation
from app.db import ReadSession, WriteSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.labels import N_
from app.models import Site
from app.models.enums import Channel, ConsentPurpose, NeedRhythm, Role, ServiceKind, WishPart
from app.needs.commands import record_need
from app.needs.errors import NeedKnown
from app.needs.rules import PARTS_OF_KIND, Pattern
from app.people.proofs import add_consent, withdraw_consent
from app.people.queries import get_whole_person
from app.people.search import list_roles
from app.schemas import Day, PathId, RowId
from app.web.adviser.present import say_error
from app.web.templating import get_language, render

router = APIRouter(prefix="/desk/people", include_in_schema=False, dependencies=[require(*DESK)])

FOR_ELDERS: Final = (ServiceKind.day_care, ServiceKind.canteen, ServiceKind.home_visit)
FOR_CHILDREN: Final = (ServiceKind.nursery, ServiceKind.after_school, ServiceKind.holiday_class)
FOR_ALL: Final = (ServiceKind.children_centre, ServiceKind.family_centre)

NO_DAYS = N_("Tick at least one weekday, or choose 'On a date' and give the date.")
NOTED = N_("Noted.")


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


OptionalDay = Annotated[Day | None, BeforeValidator(_blank_is_none)]
OptionalNumber = Annotated[int | None, BeforeValidator(_blank_is_none)]


class NeedForm(BaseModel):
    """A new need as the form sends it; an empty field means nothing."""

    kind: ServiceKind
    rhythm: NeedRhythm
    part: WishPart
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default=[], max_length=7)
    occurs_on: OptionalDay = None
    starts_on: OptionalDay = None
    limit_metres: Annotated[OptionalNumber, Field(ge=1, le=20_000)] = None
    visit_minutes: Annotated[OptionalNumber, Field(ge=1, le=1440)] = None
    needs_escort: bool = False
    gate_site_id: Annotated[RowId | None, BeforeValidator(_blank_is_none)] = None
    note: str = Field(default="", max_length=2000)
    is_another: bool = False

    def to_patterns(self) -> list[Pattern]:
        """Return the wish as the rules read it; empty where the form names no day."""
        if self.rhythm is NeedRhythm.dated:
            return [Pattern(self.part, (), self.occurs_on)] if self.occurs_on else []
        return [Pattern(self.part, tuple(sorted(set(self.weekdays))))] if self.weekdays else []


class ConsultationForm(BaseModel):
    """What was talked about."""

    asked: str = Field(min_length=1, max_length=4000)
    told: str = Field(default="", max_length=4000)
    agreed: str = Field(default="", max_length=4000)
    follow_up_on: OptionalDay = None


@router.get("/{person_id}/needs/new")
def show_form(person_id: PathId, request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show the form for a new need."""
    values = _load_form(session, actor, person_id) | {"fault": "", "same_id": None, "form": None}
    return render(request, "adviser/new_need.html", actor=actor, **values)


@router.post("/{person_id}/needs")
def add_need(
    person_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    form: Annotated[NeedForm, Form()],
) -> Response:
    """Record the need and go to its options."""
    language = get_language(request)
    patterns, same_id = form.to_patterns(), None
    if not patterns:
        fault, status = say(NO_DAYS, language), 422
    else:
        try:
            need_id = database.write(lambda session: _record(session, actor, person_id, form, patterns))
            return Response(status_code=201, headers={"HX-Redirect": f"/desk/needs/{need_id}"})
        except DomainError as error:
            fault, status = say_error(error, language), error.status
            same_id = error.data["need_id"] if isinstance(error, NeedKnown) else None
    with database.reading() as session:
        values = _load_form(session, actor, person_id)
    values |= {"fault": fault, "same_id": same_id, "form": form}
    return render(request, "adviser/_need_form.html", status=status, actor=actor, **values)


@router.post("/{person_id}/consultations")
def add_consultation(
    person_id: PathId,
    request: Request,
    database: CurrentDatabase,
    actor: CurrentActor,
    form: Annotated[ConsultationForm, Form()],
) -> Response:
    """Note a consultation; it is sealed."""
    texts = (form.asked, form.told or None, form.agreed or None)
    database.write(lambda session: note_consultation(session, actor, person_id, texts, form.follow_up_on).id)
    noted = say(NOTED, get_language(request))
    return render(request, "adviser/_consultation.html", person_id=person_id, noted=noted)


@router.post("/{person_id}/consents")
def note_consent(
    person_id: PathId,
    actor: CurrentActor,
    session: Writing,
    given_by_id: Annotated[RowId, Form()],
    channel: Annotated[Channel, Form()],
    purpose: Annotated[ConsentPurpose, Form()] = ConsentPurpose.matching,
) -> Response:
    """Note that the person, or a guardian, agrees to one purpose; the card is then shown anew."""
    values = {
        "purpose": purpose,
        "given_by_id": given_by_id,
        "given_on": today(),
        "channel": channel,
    }
    add_consent(session, actor, person_id, values)
    return Response(status_code=201, headers={"HX-Redirect": f"/desk/people/{person_id}"})


@router.post("/{person_id}/consents/{consent_id}/withdraw")
def note_withdrawal(person_id: PathId, consent_id: PathId, actor: CurrentActor, session: Writing) -> Response:
    """Note that a consent is withdrawn from today; the card is then shown anew."""
    withdraw_consent(session, actor, person_id, consent_id)
    return Response(status_code=200, headers={"HX-Redirect": f"/desk/people/{person_id}"})


def _record(
    session: WriteSession, actor: Actor, person_id: int, form: NeedForm, patterns: list[Pattern]
) -> int:
    values: dict[str, Any] = {
        "kind": form.kind,
        "rhythm": form.rhythm,
        "starts_on": (form.occurs_on if form.rhythm is NeedRhythm.dated else form.starts_on) or today(),
        "limit_metres": form.limit_metres,
        "visit_minutes": form.visit_minutes if form.kind is ServiceKind.home_visit else None,
        "needs_escort": form.needs_escort,
        "gate_site_id": form.gate_site_id if form.kind is ServiceKind.after_school else None,
    }
    if form.note:
        values["note"] = form.note
    need = record_need(session, actor, person_id, values, patterns, [], is_another=form.is_another)
    return need.id


def _load_form(session: ReadSession, actor: Actor, person_id: int) -> dict[str, Any]:
    person = get_whole_person(session, actor, person_id)
    roles = list_roles(session, [person_id]).get(person_id, [])
    kinds = [*FOR_CHILDREN] if Role.child in roles else [*FOR_ELDERS]
    gates = session.execute(
        select(Site.id, Site.name_zh, Site.name_en).where(Site.is_school_gate).order_by(Site.code)
    ).all()
    return {
        "person": person,
        "kinds": [*kinds, *FOR_ALL],
        "parts": list(
            dict.fromkeys(part for kind in kinds for part in WishPart if part in PARTS_OF_KIND[kind])
        ),
        "gates": gates if Role.child in roles else [],
        "today": today().isoformat(),
    }
