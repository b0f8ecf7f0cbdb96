"""The roll and its alarms over HTTP: ticks that may come late and twice, steps, outcomes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.attendance import alarms, queries
from app.attendance.commands import Noted, Tick, note_ticks
from app.attendance.errors import TickUnreadable
from app.attendance.reporting import report
from app.attendance.schemas import (
    AlarmOut,
    CloseIn,
    ReportIn,
    RollOut,
    StepIn,
    TickOut,
    TicksIn,
    TicksOut,
)
from app.auth import CurrentActor, Reading, require
from app.clock import now, today
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.problems import find_language
from app.schemas import Day, PathId
from app.scope import check_runs_site

router = APIRouter(tags=["the day"])

_AT_THE_SITE = [require(StaffRole.coordinator, StaffRole.manager, StaffRole.site)]


@router.get("/sites/{site_id}/roll", dependencies=_AT_THE_SITE)
def get_roll(
    site_id: PathId, actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> list[RollOut]:
    """List who is expected at one of your sites on a day (today), and what the roll says."""
    check_runs_site(session, actor, site_id)
    services = [row.id for row in queries.list_roll_services(session, actor) if row.site_id == site_id]
    stays = queries.list_stays(session, services, on or today())
    marks = queries.load_marks(session, {stay.slot_id for stay in stays})
    return [
        RollOut(
            slot_id=stay.slot_id,
            person_id=stay.person_id,
            class_id=stay.class_id,
            exit_part=stay.exit_part,
            starts_at=stay.starts_at,
            ends_at=stay.ends_at,
            mark=None if (seen := marks.get(stay.key)) is None else seen.mark,
            marked_at=None if seen is None else seen.marked_at,
            excused=stay.excused,
            uses_escort=stay.uses_escort,
            gate_site_id=stay.gate_site_id,
        )
        for stay in stays
    ]


@router.post("/roll/ticks", response_model=TicksOut, dependencies=_AT_THE_SITE)
def post_ticks(body: TicksIn, request: Request, actor: CurrentActor, once: Once) -> Response:
    """Note ticks of the roll; each is answered on its own, and one sent again has no second effect.

    One that cannot be read is refused alone, with `tick_unreadable`; no server will ever take it.
    """
    language = find_language(request)
    wanted, unread = body.sort_out()
    ticks = [
        Tick(
            tick_id=each.tick_id,
            slot_id=each.slot_id,
            person_id=each.person_id,
            mark=each.mark,
            marked_at=each.marked_at,
            handed_to_id=each.handed_to_id,
        )
        for each in wanted
    ]

    def work(session: WriteSession) -> TicksOut:
        noted = {each.tick_id: Noted(each.tick_id, refusal=TickUnreadable()) for each in unread}
        noted |= {one.tick_id: one for one in note_ticks(session, actor, ticks, now(), sent_at=body.sent_at)}
        return TicksOut(ticks=[_show(noted[each.tick_id], language) for each in body.ticks])

    return once.reply(work)


@router.get("/alarms", dependencies=_AT_THE_SITE)
def get_alarms(actor: CurrentActor, session: Reading) -> list[AlarmOut]:
    """List the open alarms at your sites, the longest due first."""
    return [AlarmOut.model_validate(row) for row in queries.list_open_alarms(session, actor)]


@router.post("/slots/{slot_id}/alarms", status_code=201, response_model=AlarmOut, dependencies=_AT_THE_SITE)
def post_alarm(slot_id: PathId, body: ReportIn, actor: CurrentActor, once: Once) -> Response:
    """Report somebody who is expected there today and missing, or who does not answer the door."""
    return once.reply(
        lambda session: AlarmOut.model_validate(report(session, actor, slot_id, body.person_id, now())),
        status=201,
    )


@router.post("/alarms/{alarm_id}/steps", response_model=AlarmOut, dependencies=_AT_THE_SITE)
def post_step(alarm_id: PathId, body: StepIn, actor: CurrentActor, once: Once) -> Response:
    """Note that the present step brought no answer; the next begins."""
    return once.reply(
        lambda session: AlarmOut.model_validate(
            alarms.note_unreached(session, actor, alarm_id, body.note, now())
        )
    )


@router.post("/alarms/{alarm_id}/close", response_model=AlarmOut, dependencies=_AT_THE_SITE)
def post_close(alarm_id: PathId, body: CloseIn, actor: CurrentActor, once: Once) -> Response:
    """Close an alarm with its outcome."""
    return once.reply(
        lambda session: AlarmOut.model_validate(
            alarms.close_alarm(session, actor, alarm_id, body.outcome, body.note, now())
        )
    )


def _show(one: Noted, language: str) -> TickOut:
    refusal = one.refusal
    return TickOut(
        tick_id=one.tick_id,
        mark=one.mark,
        is_replay=one.is_replay,
        code=None if refusal is None else refusal.code,
        detail=None if refusal is None else refusal.sentence(language),
    )
