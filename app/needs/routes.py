"""Needs over HTTP: record, show, list, change, withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.auth import DESK, PEOPLE_READERS, CurrentActor, Reading, Writing, require
from app.needs import commands, queries
from app.needs.queries import Wanted
from app.needs.schemas import NeedEdit, NeedIn, NeedOut, NeedPage, NeedQuery, show_need
from app.preconditions import IfMatch, set_etag

router = APIRouter(tags=["needs"])

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
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
def get_need(need_id: Id, actor: CurrentActor, session: Reading, response: Response) -> NeedOut:
    """Show a need with its patterns and wishes."""
    need = queries.get_need(session, actor, need_id)
    set_etag(response, need.version)
    return show_need(need)


@router.post("/needs", status_code=201, dependencies=_EDITORS)
def record_need(body: NeedIn, actor: CurrentActor, session: Writing, response: Response) -> NeedOut:
    """Record what a person asks for."""
    values = {name: getattr(body, name) for name in type(body).model_fields}
    patterns = [pattern.to_rule() for pattern in values.pop("patterns")]
    person_id, service_ids = values.pop("person_id"), values.pop("service_ids")
    need = commands.record_need(session, actor, person_id, values, patterns, service_ids)
    set_etag(response, need.version)
    return show_need(need)


@router.patch("/needs/{need_id}", dependencies=_EDITORS)
def edit_need(
    need_id: Id, body: NeedEdit, version: IfMatch, actor: CurrentActor, session: Writing, response: Response
) -> NeedOut:
    """Change a need; `If-Match` carries the version that was read."""
    values = body.changes()
    patterns = values.pop("patterns", None)
    service_ids = values.pop("service_ids", None)
    rules = [pattern.to_rule() for pattern in patterns] if patterns is not None else None
    need = commands.edit_need(session, actor, need_id, version, values, rules, service_ids)
    set_etag(response, need.version)
    return show_need(need)


@router.post("/needs/{need_id}/withdraw", dependencies=_EDITORS)
def withdraw_need(
    need_id: Id, version: IfMatch, actor: CurrentActor, session: Writing, response: Response
) -> NeedOut:
    """Withdraw a need that holds no place."""
    need = commands.withdraw_need(session, actor, need_id, version)
    set_etag(response, need.version)
    return show_need(need)
