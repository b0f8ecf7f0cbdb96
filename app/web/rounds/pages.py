"""Rounds on screen: all of them, one with its steps, commitment, trial draw and list; the district's manager acts."""

# ruff: noqa: FAST003 - `round_id` is read by the dependency `Desk`

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from app.actor import Actor
from app.auth import AREA_READERS, CurrentActor, CurrentDatabase, Reading, require
from app.bounds import read_day
from app.clock import today
from app.db import Database, WriteSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.labels import N_
from app.models import Round
from app.models.enums import Mode, ServiceKind, StaffRole
from app.rounds import commands, publishing, queries
from app.rounds.errors import NumberTooEarly, RoundDates
from app.schemas import PathId
from app.scope import check_runs_district
from app.web.rounds.present import load_round, load_rounds
from app.web.templating import get_language, render

router = APIRouter(prefix="/rounds", include_in_schema=False, dependencies=[require(*AREA_READERS)])
_MANAGER = [require(StaffRole.manager)]

CREATED = N_("The round is made and its secret sealed. Announce its commitment before the window opens.")
TOLD = {
    "announce": N_("Announced. Hand the commitment out now: it cannot be changed any more."),
    "open": N_("The window is open; needs of this kind now enter the round."),
    "close": N_("The window is closed; who takes part is fixed."),
    "draw": N_("Drawn. The night of the publishing day decides the round."),
    "publish": N_("The list is published."),
    "cancel": N_("Cancelled. Its needs go on as rolling ones."),
}
Text = Annotated[str, Form(max_length=200)]
Act = Callable[[WriteSession, Actor, int, date], Round]
_ACTS: dict[str, Act] = {
    "announce": commands.announce,
    "open": commands.open_window,
    "close": commands.close,
    "publish": lambda session, actor, id_, _on: publishing.publish(session, actor, id_),
}


@dataclass(frozen=True)
class RoundDesk:
    """One request about one round."""

    round_id: int
    request: Request
    actor: Actor
    database: Database

    def answer(self, do: Act, act: str) -> Response:
        """Do the act and show the round as it now stands; a refusal is a sentence above it."""

        def work(session: WriteSession) -> None:
            check_runs_district(session, self.actor)
            do(session, self.actor, self.round_id, today())

        language = get_language(self.request)
        values: dict[str, Any] = {}
        status = 200
        try:
            self.database.write(work)
            values["told"] = say(TOLD[act], language)
        except DomainError as error:
            if error.status < 409:
                raise
            status = error.status
            values["refused"] = error.sentence(language)
        with self.database.reading() as session:
            values = load_round(session, self.actor, self.round_id, today()) | values
        return render(self.request, "rounds/_round.html", status=status, actor=self.actor, **values)


def get_round_desk(
    round_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
) -> RoundDesk:
    """Return what a button's route needs to know."""
    return RoundDesk(round_id, request, actor, database)


Desk = Annotated[RoundDesk, Depends(get_round_desk)]


@router.get("")
def show_rounds(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show all rounds, and the form for a new one to the district's manager."""
    return render(request, "rounds/rounds.html", actor=actor, **load_rounds(session, actor, today()))


@router.get("/{round_id}")
def show_round(desk: Desk, session: Reading) -> Response:
    """Show one round."""
    values = load_round(session, desk.actor, desk.round_id, today())
    return render(desk.request, "rounds/round.html", actor=desk.actor, **values)


@router.get("/{round_id}/commitment.json")
def give_commitment(desk: Desk, session: Reading) -> Response:
    """Give what was announced, to be handed out."""
    row = queries.get_round(session, desk.round_id)
    return _give(queries.get_commitment(row), f"{row.code}-commitment.json")


@router.get("/{round_id}/list.json")
def give_list(desk: Desk, session: Reading) -> Response:
    """Give the published list, as `carematch verify` reads it."""
    row = queries.get_round(session, desk.round_id)
    return _give(queries.get_list(session, row.id), f"{row.code}-list.json")


def _give(document: Any, name: str) -> Response:
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type="application/json", headers=headers)


class NewRound(BaseModel):
    """The form for a new round, as it was filled in."""

    code: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    kind: Annotated[str, Field(max_length=200)] = ""
    mode: Annotated[str, Field(max_length=200)] = ""
    opens_on: Annotated[str, Field(max_length=200)] = ""
    closes_on: Annotated[str, Field(max_length=200)] = ""
    publishes_on: Annotated[str, Field(max_length=200)] = ""
    starts_on: Annotated[str, Field(max_length=200)] = ""
    policy_version: Annotated[str, Field(max_length=200)] = ""

    def read(self) -> commands.Wanted:
        """Return the round that is wanted. Raises `RoundDates` where a date or word cannot be read."""
        try:
            return commands.Wanted(
                code=self.code.strip()[:48],
                name=self.name.strip()[:80],
                kind=ServiceKind(self.kind),
                mode=Mode(self.mode),
                opens_on=read_day(self.opens_on),
                closes_on=read_day(self.closes_on),
                publishes_on=read_day(self.publishes_on),
                starts_on=read_day(self.starts_on),
                policy_version=self.policy_version.strip()[:40] or "1",
            )
        except ValueError as fault:
            raise RoundDates from fault


@router.post("", dependencies=_MANAGER)
def create_round(
    request: Request, actor: CurrentActor, database: CurrentDatabase, form: Annotated[NewRound, Form()]
) -> Response:
    """Make a round and show the list of them; a refusal keeps what was filled in."""
    language = get_language(request)
    values: dict[str, Any] = {"form": form}
    status = 200

    def work(session: WriteSession) -> None:
        check_runs_district(session, actor)
        commands.create(session, actor, form.read(), today())

    try:
        database.write(work)
        values = {"told": say(CREATED, language)}
    except DomainError as error:
        if error.status < 409:
            raise
        status = error.status
        values["refused"] = error.sentence(language)
    with database.reading() as session:
        values = load_rounds(session, actor, today()) | values
    return render(request, "rounds/_rounds.html", status=status, actor=actor, **values)


@router.post("/{round_id}/draw", dependencies=_MANAGER)
def draw(desk: Desk, number: Text = "", source: Text = "", arose_on: Text = "") -> Response:
    """Enter the public number and draw."""

    def work(session: WriteSession, actor: Actor, round_id: int, on: date) -> Round:
        try:
            arose = read_day(arose_on)
        except ValueError as fault:
            row = queries.get_round(session, round_id)
            raise NumberTooEarly(arose_on="?", closes_on=row.closes_on.isoformat()) from fault
        given = commands.Number(number.strip()[:80], source.strip(), arose)
        return commands.draw(session, actor, round_id, given, on)

    return desk.answer(work, "draw")


@router.post("/{round_id}/cancel", dependencies=_MANAGER)
def cancel(desk: Desk, reason: Text = "") -> Response:
    """Cancel a round that is not drawn."""
    return desk.answer(
        lambda session, actor, id_, _on: commands.cancel(session, actor, id_, reason.strip()), "cancel"
    )


def _add_act(name: str) -> None:
    @router.post(f"/{{round_id}}/{name}", dependencies=_MANAGER)
    def act(desk: Desk) -> Response:
        return desk.answer(_ACTS[name], name)


for _name in _ACTS:
    _add_act(_name)
