"""Payloads of holds and bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.models.enums import BookingState, HoldState, Origin
from app.schemas import Reply, RowId, Strict

ReasonText = Annotated[str, Field(max_length=200, examples=["出院当日需要照护"])]


class BookingIn(Strict):
    """A slot for a need; an urgent one takes a place held back and says why."""

    need_id: RowId
    slot_id: RowId
    urgent: bool = False
    reason: ReasonText = ""


class HoldIn(Strict):
    """Who a slot's place is set aside for."""

    need_id: RowId


class MoveIn(Strict):
    """The slot to move to."""

    slot_id: RowId


class BookingOut(Reply):
    """One dated booking."""

    id: int
    code: str
    need_id: int
    person_id: int
    slot_id: int
    state: BookingState
    origin: Origin
    reason: str
    booked_at: datetime
    cancelled_at: datetime | None
    version: int


class HoldOut(Reply):
    """A place set aside for some minutes."""

    id: int
    need_id: int
    slot_id: int
    state: HoldState
    expires_at: datetime
