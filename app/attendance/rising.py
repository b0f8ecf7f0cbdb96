"""Lets alarms rise by themselves: a step whose time is over without a word leads to the next, up to the manager.

Nothing here closes an alarm: an outcome is what a person says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.actor import system_actor
from app.attendance.alarm_rules import TRANSITIONS, AlarmAct, find_next_state
from app.attendance.alarms import begin_step, tell_owner
from app.db import WriteSession
from app.models import Alarm

RISING: Final = tuple(state for state, act in TRANSITIONS if act is AlarmAct.lapse)
MOST_AT_ONCE: Final = 50
"""So many rise in one short transaction; the rest a minute later, or in the next call."""


def rise_overdue(session: WriteSession, now: datetime) -> int:
    """Take every open alarm whose step is overdue one step further and return how many; safe to run again.

    One step a call: whoever begins late still gets the time of each step. The owner of the next step is told.
    """
    rows = session.scalars(
        select(Alarm)
        .where(Alarm.state.in_(RISING), Alarm.due_at <= now)
        .order_by(Alarm.due_at, Alarm.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        to = find_next_state(row.state, AlarmAct.lapse)
        if to is not None:
            begin_step(session, system_actor(), row, AlarmAct.lapse, to, "", now)
            tell_owner(session, row, now)
    return len(rows)
