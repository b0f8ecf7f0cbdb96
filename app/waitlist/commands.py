"""Joining and leaving a waitlist; the order is the published one, whenever somebody joined."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from app.actor import Actor
from app.audit.commands import record
from app.clock import to_local
from app.consents.queries import check_may_process
from app.db import WriteSession
from app.errors import NotFound
from app.models import Need, Service, WaitlistEntry
from app.models.enums import NeedState, WaitlistState
from app.waitlist.errors import AlreadyWaiting, NeedNotWaiting, NotForThisService
from app.waitlist.rules import EntryAct, find_next_state


def join(session: WriteSession, actor: Actor, need_id: int, service_id: int, now: datetime) -> WaitlistEntry:
    """Put an open need on a service's waitlist. Raises `NeedNotWaiting`, `AlreadyWaiting`, `GuardianConsentMissing`."""
    need, service = session.get(Need, need_id), session.get(Service, service_id)
    if need is None or service is None or not service.is_active:
        raise NotFound
    if need.state is not NeedState.open:
        raise NeedNotWaiting(state=need.state)
    if need.kind is not service.kind:
        raise NotForThisService(need=need.code, service=service.code)
    check_may_process(session, [need.person_id], to_local(now).date())
    entry = WaitlistEntry(need_id=need_id, service_id=service_id, state=WaitlistState.waiting, entered_at=now)
    try:
        with session.begin_nested():
            session.add(entry)
            session.flush()
    except IntegrityError as fault:
        raise AlreadyWaiting(need=need.code, service=service.code) from fault
    record(session, actor.label, "waitlist.join", f"need:{need.code}", {"service": service.code})
    return entry


def leave(session: WriteSession, actor: Actor, entry_id: int) -> WaitlistEntry:
    """Take a waiting entry off its list."""
    entry = session.scalars(
        select(WaitlistEntry).where(WaitlistEntry.id == entry_id).with_for_update()
    ).first()
    if entry is None:
        raise NotFound
    to = find_next_state(entry.state, EntryAct.leave)
    if to is None:
        raise NeedNotWaiting(state=entry.state)
    entry.state = to
    session.flush()
    record(session, actor.label, "waitlist.leave", f"waitlist:{entry.id}", {})
    return entry


def serve(session: WriteSession, need_id: int) -> None:
    """Take a need off every waitlist because it has what it asked for; part of the act that gave it."""
    session.execute(_SERVE, {"of_need_id": need_id})


_SERVE: Final = (
    update(WaitlistEntry)
    .where(WaitlistEntry.need_id == bindparam("of_need_id"), WaitlistEntry.state == WaitlistState.waiting)
    .values(state=WaitlistState.served)
)
