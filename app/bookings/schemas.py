"""Payloads of holds and bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.bookings.rules import find_last_closed_day
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
        if self.ends_on < self.starts_on:
            raise ValueError("最后一天不能早于第一天。 | The last day cannot lie before the first.")
        if self.ends_on > find_last_closed_day(self.starts_on):
            raise ValueError(
                "一次停开最长两年；不知何时重开的，先写两年内的一天，届时再续。 | "
                "A closure lasts two years at most; where the end is not known, name a day within two years and go on from there then."
            )
        return self


class ClosureOut(Reply):
    """What a closure did; codes of bookings and placements."""

    id: int
    code: str
    moved: list[str]
    ended: list[str]
    skipping: list[str]


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
