"""Payloads of holds and bookings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.bookings.rules import check_closed_days
from app.models.enums import BookingState, HoldState, Origin
from app.schemas import Day, Reply, RowId, Strict

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


class ClosureIn(Strict):
    """What is closed, from when to when; without a service the whole site."""

    site_id: RowId
    service_id: RowId | None = None
    starts_on: Day
    ends_on: Day
    reason: Annotated[str, Field(min_length=1, max_length=120, examples=["设备检修"])]

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_closed_days(self.starts_on, self.ends_on)
        return self


class ClosureOut(Reply):
    """What a closure did; codes of bookings and placements."""

    id: int
    code: str
    moved: list[str]
    ended: list[str]
    skipping: list[str]


class ClosureRowOut(Reply):
    """A closure that is not over."""

    id: int
    code: str
    site_id: int
    service_id: int | None
    starts_on: date
    ends_on: date
    reason: str


class OpenAgainIn(Strict):
    """From which day on what was closed is open; the first day of the closure, or an earlier one, takes it back."""

    from_on: Day


class OpenAgainOut(Reply):
    """What opening again did; codes of placements and bookings."""

    id: int
    code: str
    starts_on: date
    ends_on: date
    """As it stands now; the old one where the closure was taken back."""
    taken_back: bool
    slots: int
    """Dated slots that are open again; later ones are made as the horizon reaches them."""
    running: list[str]
    skipping: list[str]
    """Placements that go on skipping some of the days: booked elsewhere meanwhile, or no room any more."""
    cancelled: list[str]
    """Bookings that the closure cancelled and nobody has made good yet; nobody is booked again without being asked."""


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
