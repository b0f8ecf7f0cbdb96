"""The outbox over HTTP: what was sent, what waits, what was given up; and trying that again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import CurrentActor, Reading, require
from app.clock import now
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.notices import commands, queries
from app.notices.schemas import NoticeFilter, NoticeOut
from app.schemas import PathId

router = APIRouter(tags=["notices"])


@router.get("/notices", dependencies=[require(StaffRole.manager, StaffRole.auditor)])
def get_notices(
    wanted: Annotated[NoticeFilter, Query()], actor: CurrentActor, session: Reading
) -> list[NoticeOut]:
    """List notices for people you see, and your own, the newest first."""
    found = queries.list_notices(session, actor, queries.Wanted(**wanted.values()))
    return [NoticeOut.model_validate(row) for row in found]


@router.post(
    "/notices/{notice_id}/retry", response_model=NoticeOut, dependencies=[require(StaffRole.manager)]
)
def post_retry(notice_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Try a notice again that was given up."""

    def work(session: WriteSession) -> NoticeOut:
        return NoticeOut.model_validate(commands.retry(session, actor, notice_id, now()))

    return once.reply(work)
