"""Payloads of waitlists."""

from __future__ import annotations

from app.schemas import Reply, RowId, Strict


class JoinIn(Strict):
    """Which need waits for which service."""

    need_id: RowId
    service_id: RowId


class EntryOut(Reply):
    """One entry of a waitlist."""

    id: int
    need_id: int
    service_id: int
    state: str


class TurnOut(Reply):
    """One place in the published order, with what decided it."""

    position: int
    """1 is next."""
    entry_id: int
    need_id: int | None
    """Null for a need whose person you do not see: the order is public, the person is not."""
    need_code: str | None
    priority: int
    """Class, 4 the highest."""
    months_waited: int
    draw: int
    decided_by: str
    """What sets it behind the entry before: `first`, `priority`, `months_waited` or `draw`."""
