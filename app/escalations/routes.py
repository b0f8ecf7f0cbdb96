"""Raised needs over HTTP: listed, handed over, closed with an outcome."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import AREA_READERS, DESK, CurrentActor, Reading, require
from app.clock import now
from app.db import WriteSession
from app.escalations import commands, queries
from app.escalations.schemas import AssignIn, CloseIn, EscalationFilter, EscalationOut
from app.idempotency.once import Once
from app.models import Escalation, Need
from app.models.enums import StaffRole
from app.schemas import PathId

router = APIRouter(tags=["escalations"])

_OWNERS = [require(*DESK, StaffRole.manager)]


@router.get("/escalations", dependencies=[require(*AREA_READERS)])
def get_escalations(
    wanted: Annotated[EscalationFilter, Query()], actor: CurrentActor, session: Reading
) -> list[EscalationOut]:
    """List unmet needs on the lists of block and subdistrict, the most overdue first."""
    found = queries.list_escalations(session, actor, queries.Wanted(**wanted.values()))
    return [_show(row, code) for row, code in found]


@router.post("/escalations/{escalation_id}/close", response_model=EscalationOut, dependencies=_OWNERS)
def post_close(escalation_id: PathId, body: CloseIn, actor: CurrentActor, once: Once) -> Response:
    """Close one with what came of it."""

    def work(session: WriteSession) -> EscalationOut:
        row = commands.close(session, actor, escalation_id, body.outcome.value, body.note, now())
        return _show(row, session.get_one(Need, row.need_id).code)

    return once.reply(work)


@router.post("/escalations/{escalation_id}/assign", response_model=EscalationOut, dependencies=_OWNERS)
def post_assign(escalation_id: PathId, body: AssignIn, actor: CurrentActor, once: Once) -> Response:
    """Give one to another owner."""

    def work(session: WriteSession) -> EscalationOut:
        row = commands.assign(session, actor, escalation_id, body.owner_id)
        return _show(row, session.get_one(Need, row.need_id).code)

    return once.reply(work)


def _show(row: Escalation, code: str) -> EscalationOut:
    return EscalationOut(
        id=row.id,
        need_id=row.need_id,
        need=code,
        level=row.level,
        raised_on=row.raised_on,
        due_on=row.due_on,
        owner_id=row.owner_id,
        outcome=row.outcome,
        closed_at=row.closed_at,
    )
