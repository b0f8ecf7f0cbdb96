"""Health, readiness, metrics: without an account, and without a person in them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.actor import system_actor
from app.auth import CurrentActor, CurrentDatabase, require
from app.clock import now
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.notices.queries import count_notices
from app.operations import metrics
from app.operations.errors import NoPlanYet, NotReady
from app.operations.heartbeat import find_beat
from app.operations.queries import find_published
from app.operations.requests import request_night
from app.operations.schemas import Health, NightRequest, Ready
from app.scope import check_runs_district

router = APIRouter(tags=["operations"])
root_router = APIRouter(include_in_schema=False)

LIMIT_HOURS: Final = 26
"""A night, and two hours to mend one that failed."""


@router.get("/health", openapi_extra={"security": []})
def health() -> Health:
    """Tell that the process answers."""
    return Health(status="ok")


@router.get("/ready", openapi_extra={"security": []})
def ready(database: CurrentDatabase) -> Ready:
    """Tell the age of the published plan; 503 where it is older than 26 hours or there is none."""
    with database.reading() as session:
        found = find_published(session)
    if found is None:
        raise NoPlanYet(retry_after_seconds=60)
    effective_on, published_at = found
    age_hours = round((now() - published_at).total_seconds() / 3600, 2)
    if age_hours > LIMIT_HOURS:
        raise NotReady(age_hours=age_hours, limit_hours=LIMIT_HOURS, retry_after_seconds=60)
    return Ready(status="ready", effective_on=effective_on, published_at=published_at, age_hours=age_hours)


@router.post(
    "/night-requests",
    status_code=202,
    response_model=NightRequest,
    dependencies=[require(StaffRole.manager)],
)
def post_night_request(actor: CurrentActor, once: Once) -> Response:
    """Ask the worker for a night outside its hour."""

    def work(session: WriteSession) -> NightRequest:
        check_runs_district(session, actor)
        return NightRequest(number=request_night(session, actor))

    return once.reply(work, status=202)


@root_router.get("/metrics")
def show_metrics(database: CurrentDatabase) -> Response:
    """Give the counts in Prometheus' text format."""
    at = now()
    with database.reading() as session:
        found, beaten = find_published(session), find_beat(session)
        counts = count_notices(session, system_actor())
    standing = metrics.Standing(
        (at - found[1]).total_seconds() / 3600 if found else None,
        (at - beaten[1]).total_seconds() if beaten else None,
        {state.value: number for state, number in counts.items()},
    )
    return Response(metrics.render(standing), media_type=CONTENT_TYPE_LATEST)
