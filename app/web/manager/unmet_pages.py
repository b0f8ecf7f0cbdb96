"""Unmet needs that rise a level: the block's and the subdistrict's lists, each with owner, due date and outcome."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from app.actor import DESK, Actor
from app.auth import AREA_READERS, CurrentActor, CurrentDatabase, Reading, require
from app.clock import now, today
from app.db import WriteSession
from app.errors import DomainError
from app.escalations.commands import close
from app.escalations.queries import get_visible
from app.escalations.rules import CHOSEN, Outcome
from app.language.catalogue import say
from app.language.labels import N_
from app.language.reasons import title
from app.models import Escalation, Need, Person, StaffUser
from app.models.enums import EscalationLevel, StaffRole
from app.planning.queries import find_current_plan
from app.reports.levels import Asked, Unmet, count_lists, list_unmet, load_limits
from app.schemas import PathId
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False, dependencies=[require(*AREA_READERS)])

PAGE = 40
OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.other_help: N_("Other help arranged"),
    Outcome.place_found: N_("A place was found"),
    Outcome.to_the_meeting: N_("Taken to the demand-and-supply meeting"),
    Outcome.person_waits: N_("The person chose to wait"),
    Outcome.no_longer_wanted: N_("No longer wanted"),
    Outcome.risen: N_("Raised to the subdistrict"),
    Outcome.settled: N_("Settled: placed or withdrawn"),
}


def say_outcome(outcome: str, language: str) -> str:
    """Return an outcome as people read it, with its remark."""
    code, _, note = outcome.partition(": ")
    text = say(OUTCOMES[Outcome(code)], language) if code in Outcome.__members__ else code
    return f"{text} · {note}" if note else text


def _closing(actor: Actor) -> dict[str, Any]:
    return {
        "may_close": actor.role in DESK | {StaffRole.manager},
        "outcomes": [(one.value, OUTCOMES[one]) for one in CHOSEN],
    }


@router.get("/unmet")
def show_unmet(
    request: Request,
    actor: CurrentActor,
    session: Reading,
    level: Annotated[str, Query(max_length=20)] = "",
    block: Annotated[str, Query(max_length=32)] = "",
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Show the length of every list, and one page of one."""
    on, language = today(), get_language(request)
    chosen = EscalationLevel.block if level == EscalationLevel.block.value else EscalationLevel.subdistrict
    blocks = count_lists(session, actor, on)
    known = next((row for row in blocks if row.code == block), None)
    code = "" if known is None else known.code
    plan = find_current_plan(session)
    rows = list_unmet(
        session, actor, on, None if plan is None else plan.id, Asked(chosen, code, first, PAGE + 1)
    )
    return render(
        request,
        "manager/unmet.html",
        actor=actor,
        limits=load_limits(session, on),
        blocks=blocks,
        level=chosen,
        block=known,
        rows=[
            (
                row,
                "" if row.reason is None else title(row.reason, language),
                say_outcome(row.outcome, language),
            )
            for row in rows[:PAGE]
        ],
        links=actor.role in DESK,
        on=on,
        refused="",
        **_closing(actor),
        first=first,
        next_first=first + PAGE if len(rows) > PAGE else None,
    )


@router.post("/unmet/{escalation_id}/close", dependencies=[require(*DESK, StaffRole.manager)])
def close_unmet(
    escalation_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    outcome: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=150)] = "",
) -> Response:
    """Close a raised need with what came of it; its row answers, also where somebody else was first."""
    language, refused = get_language(request), ""

    def work(session: WriteSession) -> None:
        close(session, actor, escalation_id, outcome, note, now())

    try:
        database.write(work)
    except DomainError as error:
        if error.status < 409:  # not there, or not this person's
            raise
        refused = error.sentence(language)
    with database.reading() as session:
        row = _get_row(session, actor, escalation_id)
    return render(
        request,
        "manager/_unmet_row.html",
        actor=actor,
        row=row,
        reason="",
        outcome=say_outcome(row.outcome, language),
        links=actor.role in DESK,
        on=today(),
        refused=refused,
        **_closing(actor),
    )


def _get_row(session: Session, actor: Actor, escalation_id: int) -> Unmet:
    raised: Escalation = get_visible(session, actor, escalation_id)
    need = session.get_one(Need, raised.need_id)
    person = session.get_one(Person, need.person_id)
    owner = None if raised.owner_id is None else session.get(StaffUser, raised.owner_id)
    return Unmet(
        person_id=person.id,
        person_name=person.name,
        code=need.code,
        kind=need.kind,
        entered_on=need.entered_on,
        days=(today() - need.entered_on).days,
        reason=None,
        owner="" if owner is None else owner.display_name,
        due_on=raised.due_on,
        escalation_id=raised.id,
        outcome=raised.outcome,
        is_open=raised.closed_at is None,
    )
