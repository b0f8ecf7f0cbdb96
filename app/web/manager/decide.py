"""The manager's buttons: approve or reject a draft, roll the plan back; each answers with the page as it now stands."""

# ruff: noqa: FAST003 - `plan_id` is read by the dependency `Desk`

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from app.actor import Actor
from app.auth import CurrentActor, CurrentDatabase, require
from app.clock import now
from app.db import Database, WriteSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.labels import N_, label
from app.models.enums import PlanState, StaffRole
from app.planning import commands
from app.planning.errors import PlanNotReady
from app.planning.queries import get_plan
from app.reports.deciding import count_roll_back
from app.schemas import PathId
from app.scope import check_runs_district
from app.web.manager.morning import load_morning
from app.web.templating import get_language, render

router = APIRouter(prefix="/plan", include_in_schema=False, dependencies=[require(StaffRole.manager)])

APPROVED = N_(
    "Published: {proposed} places set aside, {offered} of them offered at once; {withdrawn} earlier proposals replaced; {displaced} left out because of what was booked meanwhile."
)
REJECTED = N_("Rejected. Nothing had been set aside for it; the plan in force stays as it is.")
ROLLED_BACK = N_(
    "Rolled back: {withdrawn} proposals withdrawn. Nobody had been told of them; offers and confirmed places stand."
)
NOT_ANY_MORE = N_(
    "Nothing was changed: meanwhile this plan is “{state}”. Below is what is true now; decide on that."
)

Why = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True)
class PlanDesk:
    """One request about one plan: who asks, in which language, over which database."""

    plan_id: int
    request: Request
    actor: Actor
    database: Database
    language: str

    def answer(
        self, act: Callable[[WriteSession], Mapping[str, int]], done: str, reason: str = ""
    ) -> Response:
        """Do the act and show the morning as it now stands; a refusal is a sentence above it."""

        def work(session: WriteSession) -> Mapping[str, int]:
            check_runs_district(session, self.actor)
            get_plan(session, self.plan_id)
            return act(session)

        refused: DomainError | None = None
        figures: Mapping[str, int] = {}
        try:
            figures = self.database.write(work)
        except DomainError as error:
            if error.status < 409:  # no such plan, or not this person's to decide
                raise
            refused = error
        with self.database.reading() as session:
            values = load_morning(session, self.actor, self.language)
        if refused is None:
            values["told"] = say(done, self.language, dict(figures))
        else:
            values |= {"conflict": _say(refused, self.language), "reason": reason}
        status = refused.status if refused else 200
        return render(self.request, "manager/_morning.html", status=status, actor=self.actor, **values)


def _say(error: DomainError, language: str) -> str:
    if isinstance(error, PlanNotReady) and error.data["state"] in PlanState.__members__:
        return say(NOT_ANY_MORE, language, {"state": label(PlanState(error.data["state"]), language)})
    return error.sentence(language)


def get_plan_desk(
    plan_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
) -> PlanDesk:
    """Return what a button's route needs to know."""
    return PlanDesk(plan_id, request, actor, database, get_language(request))


Desk = Annotated[PlanDesk, Depends(get_plan_desk)]


@router.post("/{plan_id}/approve")
def approve(desk: Desk) -> Response:
    """Publish a draft; what was booked since it was worked out wins."""

    def act(session: WriteSession) -> Mapping[str, int]:
        done = commands.approve(session, desk.actor, desk.plan_id, now())
        return {
            "proposed": done.proposed,
            "offered": done.offered,
            "withdrawn": done.withdrawn,
            "displaced": done.displaced,
        }

    return desk.answer(act, APPROVED)


@router.post("/{plan_id}/reject")
def reject(desk: Desk, reason: Why = "") -> Response:
    """Discard a draft, with a reason."""

    def act(session: WriteSession) -> Mapping[str, int]:
        commands.reject(session, desk.actor, desk.plan_id, reason)
        return {}

    return desk.answer(act, REJECTED, reason)


@router.get("/{plan_id}/roll-back")
def ask_roll_back(desk: Desk) -> Response:
    """Say exactly what rolling back would do, before anything is done."""
    values: dict[str, Any]
    with desk.database.reading() as session:
        check_runs_district(session, desk.actor)
        plan = get_plan(session, desk.plan_id)
        values = {"plan": plan, "figures": count_roll_back(session, plan.id)}
    return render(desk.request, "manager/_roll_back.html", actor=desk.actor, **values)


@router.post("/{plan_id}/roll-back")
def roll_back(desk: Desk, reason: Why = "") -> Response:
    """Withdraw what the plan proposed and nobody was told of."""

    def act(session: WriteSession) -> Mapping[str, int]:
        return {"withdrawn": commands.roll_back(session, desk.actor, desk.plan_id, reason)}

    return desk.answer(act, ROLLED_BACK, reason)
