"""Needs over HTTP: record, show, list, change, withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import DESK, PEOPLE_READERS, CurrentActor, Reading, require
from app.db import WriteSession
from app.idempotency.once import Once
from app.needs import commands, queries
from app.needs.queries import Wanted
from app.needs.schemas import NeedEdit, NeedIn, NeedOut, NeedPage, NeedQuery, show_need
from app.preconditions import IfMatch, set_etag, with_etag
from app.schemas import PathId

router = APIRouter(tags=["needs"])

_READERS = [require(*PEOPLE_READERS)]
_EDITORS = [require(*DESK)]


@router.get("/needs", dependencies=_READERS)
def list_needs(actor: CurrentActor, session: Reading, asked: Annotated[NeedQuery, Query()]) -> NeedPage:
    """List needs by id: of a person, a compound, a kind, a state."""
    wanted = Wanted(**asked.model_dump())
    found = queries.list_needs(session, actor, wanted)
    return NeedPage(
        needs=[show_need(need) for need in found],
        next_after=found[-1].id if len(found) == wanted.limit else None,
    )


@router.get("/needs/{need_id}", dependencies=_READERS)
def get_need(need_id: PathId, actor: CurrentActor, session: Reading, response: Response) -> NeedOut:
    """Show a need with its patterns and wishes."""
    need = queries.get_need(session, actor, need_id)
    set_etag(response, need.version)
    return show_need(need)


@router.post("/needs", status_code=201, response_model=NeedOut, dependencies=_EDITORS)
def record_need(body: NeedIn, actor: CurrentActor, once: Once) -> Response:
    """Record what a person asks for."""
    values = body.values()
    patterns = [pattern.to_rule() for pattern in values.pop("patterns")]
    person_id, service_ids = values.pop("person_id"), values.pop("service_ids")
    is_another = values.pop("is_another")

    def work(session: WriteSession) -> NeedOut:
        need = commands.record_need(
            session, actor, person_id, values, patterns, service_ids, is_another=is_another
        )
        return show_need(need)

    return with_etag(once.reply(work, status=201))


@router.patch("/needs/{need_id}", response_model=NeedOut, dependencies=_EDITORS)
def edit_need(need_id: PathId, body: NeedEdit, version: IfMatch, actor: CurrentActor, once: Once) -> Response:
    """Change a need; `If-Match` carries the version that was read."""
    values = body.changes()
    patterns = values.pop("patterns", None)
    change = commands.Change(
        service_ids=values.pop("service_ids", None),
        is_another=values.pop("is_another", False),
        patterns=None if patterns is None else [pattern.to_rule() for pattern in patterns],
        values=values,
    )

    def work(session: WriteSession) -> NeedOut:
        return show_need(commands.edit_need(session, actor, need_id, version, change))

    return with_etag(once.reply(work))


@router.post("/needs/{need_id}/withdraw", response_model=NeedOut, dependencies=_EDITORS)
def withdraw_need(need_id: PathId, version: IfMatch, actor: CurrentActor, once: Once) -> Response:
    """Withdraw a need that holds no place."""
    return with_etag(
        once.reply(lambda session: show_need(commands.withdraw_need(session, actor, need_id, version)))
    )
