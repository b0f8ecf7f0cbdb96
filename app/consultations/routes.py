"""Consultation records over HTTP; they hold what people say about their health, so every reading is noted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.audit.commands import log_read
from app.auth import DESK, CurrentActor, CurrentDatabase, Reading, require
from app.clock import today
from app.consultations import commands, queries
from app.consultations.schemas import ConsultationIn, ConsultationOut, FollowUpOut, Ticked
from app.db import WriteSession
from app.idempotency.once import Once
from app.schemas import Day, PathId

router = APIRouter(tags=["consultations"], dependencies=[require(*DESK)])


@router.get("/people/{person_id}/consultations")
def list_consultations(
    person_id: PathId, actor: CurrentActor, database: CurrentDatabase
) -> list[ConsultationOut]:
    """Show a person's consultation records, the newest first."""
    with database.reading() as session:
        rows = queries.list_consultations(session, actor, person_id)
        shown = [ConsultationOut.model_validate(row) for row in rows]
    log_read(database, actor.user_id, [person_id], "consultations")
    return shown


@router.post("/people/{person_id}/consultations", status_code=201, response_model=Ticked)
def note_consultation(person_id: PathId, body: ConsultationIn, actor: CurrentActor, once: Once) -> Response:
    """Note what was asked, told and agreed."""
    texts = (body.asked, body.told, body.agreed)

    def work(session: WriteSession) -> Ticked:
        row = commands.note_consultation(session, actor, person_id, texts, body.follow_up_on)
        return Ticked(id=row.id, followed_up_at=row.followed_up_at)

    return once.reply(work, status=201)


@router.get("/follow-ups")
def list_follow_ups(
    actor: CurrentActor, session: Reading, until: Annotated[Day | None, Query()] = None
) -> list[FollowUpOut]:
    """List whom to follow up by a date (today), the most overdue first."""
    found = queries.list_follow_ups(session, actor, until or today())
    return [FollowUpOut.model_validate(row) for row in found]


@router.post("/consultations/{consultation_id}/followed-up", response_model=Ticked)
def tick_off(consultation_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Note that the follow-up happened."""

    def work(session: WriteSession) -> Ticked:
        row = commands.tick_off(session, actor, consultation_id)
        return Ticked(id=row.id, followed_up_at=row.followed_up_at)

    return once.reply(work)
