"""Waitlists over HTTP: join, leave, and see whose turn it is and why."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.auth import DESK, PEOPLE_READERS, CurrentActor, Reading, require
from app.clock import now, today
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.schemas import PathId
from app.scope import check_sees_need
from app.waitlist import commands, queries
from app.waitlist.rules import explain_turns
from app.waitlist.schemas import EntryOut, JoinIn, TurnOut

router = APIRouter(tags=["waitlist"])

_READERS = [require(*PEOPLE_READERS)]
_DESK = [require(*DESK, StaffRole.manager)]


@router.get("/services/{service_id}/waitlist", dependencies=_READERS)
def get_waitlist(service_id: PathId, actor: CurrentActor, session: Reading) -> list[TurnOut]:
    """List who waits for a service in the published order; people whom you do not see stay unnamed."""
    rows = queries.list_waiting(session, service_id, today())
    seen = queries.find_visible(session, actor, [row.need_id for row in rows])
    return [
        TurnOut(
            position=position,
            entry_id=row.entry_id or 0,
            need_id=row.need_id if row.need_id in seen else None,
            need_code=row.need_code if row.need_id in seen else None,
            priority=row.priority,
            months_waited=row.months_waited,
            draw=row.draw,
            decided_by=decided_by,
        )
        for position, (row, decided_by) in enumerate(explain_turns(rows), 1)
    ]


@router.post("/waitlist", status_code=201, response_model=EntryOut, dependencies=_DESK)
def post_entry(body: JoinIn, actor: CurrentActor, once: Once) -> Response:
    """Put an open need on a service's waitlist."""

    def work(session: WriteSession) -> EntryOut:
        check_sees_need(session, actor, body.need_id)
        return EntryOut.model_validate(commands.join(session, actor, body.need_id, body.service_id, now()))

    return once.reply(work, status=201)


@router.delete("/waitlist/{entry_id}", status_code=204, dependencies=_DESK)
def delete_entry(entry_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Take a need off a waitlist."""

    def work(session: WriteSession) -> None:
        queries.check_sees_entry(session, actor, entry_id)
        commands.leave(session, actor, entry_id)

    return once.reply(work)
