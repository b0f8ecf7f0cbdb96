"""Takes a report that somebody expected is not there: from the door, the dining room, a centre that keeps no roll.

Where a roll is kept the sweep raises alarms by itself; a meal or a visit that nobody answers only a person can tell.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.actor import Actor
from app.attendance.alarm_rules import Due
from app.attendance.alarms import raise_alarm
from app.attendance.errors import AlarmKnown, NotOnRoll, RollNotOpen
from app.attendance.queries import list_stays
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.models import Alarm, CareClass, Service, Slot
from app.models.enums import AlarmKind, ServiceKind
from app.scope import check_runs_slot

AT_THE_DOOR = frozenset({ServiceKind.canteen, ServiceKind.home_visit})
"""Services that come to people: nobody is missing there, somebody does not answer."""


def report(session: WriteSession, actor: Actor, slot_id: int, person_id: int, now: datetime) -> Alarm:
    """Raise an alarm about somebody who is expected today in a slot (the first of the stay) and not excused.

    Raises `RollNotOpen` on another day, `NotOnRoll`, `AlarmKnown`.
    """
    check_runs_slot(session, actor, slot_id)
    slot = session.execute(
        select(Slot.occurs_on, Service.id.label("service_id"), Service.kind, Service.site_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Slot.id == slot_id)
    ).one()
    if slot.occurs_on != to_local(now).date():
        raise RollNotOpen(on=slot.occurs_on.isoformat())
    stays = list_stays(session, [slot.service_id], slot.occurs_on, person_ids={person_id})
    if not any(stay.slot_id == slot_id and stay.excused is None for stay in stays):
        raise NotOnRoll(slot_id=slot_id, person_id=person_id)
    kind = AlarmKind.unanswered if slot.kind in AT_THE_DOOR else AlarmKind.missing
    row = raise_alarm(session, Due(slot_id, person_id, slot.site_id, kind), now)
    if row is None:
        raise AlarmKnown(slot_id=slot_id, person_id=person_id)
    record(session, actor.label, "alarm.report", f"alarm:{row.id}", {"kind": kind})
    return row
