"""Run sheets and escort groups over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import CurrentActor, Reading, require
from app.clock import today
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.preconditions import IfMatch, with_etag
from app.schemas import Day, PathId
from app.visits.commands import reorder
from app.visits.escorts import list_groups
from app.visits.queries import HalfDay, list_half_days
from app.visits.schemas import GroupOut, OrderIn, RunSheetOut, StopOut

router = APIRouter(tags=["the day"])

_AT_THE_SITE = [require(StaffRole.coordinator, StaffRole.manager, StaffRole.site)]


@router.get("/run-sheets", dependencies=_AT_THE_SITE)
def get_run_sheets(
    actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> list[RunSheetOut]:
    """List the half-days of your carers on a day (today), each with the proof that it fits."""
    return [_show(one) for one in list_half_days(session, actor, on or today())]


@router.put("/slots/{slot_id}/run-sheet", response_model=RunSheetOut, dependencies=_AT_THE_SITE)
def put_run_sheet(
    slot_id: PathId, body: OrderIn, version: IfMatch, actor: CurrentActor, once: Once
) -> Response:
    """Keep an order for this half-day and the same ones after it; one that does not fit is refused.

    `If-Match` carries the version of the sheet that was read.
    """

    def work(session: WriteSession) -> RunSheetOut:
        return _show(reorder(session, actor, slot_id, body.need_ids, version))

    return with_etag(once.reply(work))


@router.get("/escorts", dependencies=_AT_THE_SITE)
def get_escorts(
    actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> list[GroupOut]:
    """List who is fetched from which school gate or compound on a day (today), for your sites."""
    return [GroupOut.model_validate(group) for group in list_groups(session, actor, on or today())]


def _show(one: HalfDay) -> RunSheetOut:
    return RunSheetOut(
        slot_id=one.slot_id,
        service_id=one.service_id,
        site_id=one.site_id,
        part=one.part,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        fits=one.proof.fits,
        faults=list(one.proof.faults),
        over_minutes=one.proof.over_minutes,
        version=one.version,
        stops=[
            StopOut(
                need_id=stop.need_id,
                person_id=stop.person_id,
                minutes=stop.visit.minutes,
                travel_minutes=leg.travel_minutes,
                arrives_at=leg.arrives_at,
                leaves_at=leg.leaves_at,
            )
            for stop, leg in zip(one.stops, one.proof.legs, strict=True)
        ],
    )
