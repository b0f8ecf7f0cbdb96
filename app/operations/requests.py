"""Asking the worker for a night outside the hour: two counters that only grow, kept where fencing tokens are."""

from __future__ import annotations

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.context import Context
from app.db import WriteSession
from app.models import Lease

_ASKED, _SERVED = "night-asked", "night-served"


def request_night(session: WriteSession, actor: Actor) -> int:
    """Ask for a night as soon as the worker can; returns the request's number."""
    _make(session, _ASKED)
    number = session.execute(
        update(Lease).where(Lease.name == _ASKED).values(token=Lease.token + 1).returning(Lease.token)
    ).scalar_one()
    record(session, actor.label, "night.request", "night", {"number": number})
    return number


def ask_for_night(context: Context) -> int:
    """Ask for a night from the command line; returns the request's number."""
    return context.database.write(lambda session: request_night(session, system_actor()))


def find_request(session: Session) -> int | None:
    """Return the newest request that no night has served yet."""
    counts = dict(
        session.execute(select(Lease.name, Lease.token).where(Lease.name.in_((_ASKED, _SERVED)))).all()
    )
    asked = counts.get(_ASKED, 0)
    return asked if asked > counts.get(_SERVED, 0) else None


def note_served(session: WriteSession, number: int) -> None:
    """Note that a night served this request and all before it."""
    _make(session, _SERVED)
    session.execute(update(Lease).where(Lease.name == _SERVED, Lease.token < number).values(token=number))


def _make(session: WriteSession, name: str) -> None:
    session.execute(
        text("INSERT INTO lease (name, holder, token) VALUES (:name, '', 0) ON CONFLICT (name) DO NOTHING"),
        {"name": name},
    )
