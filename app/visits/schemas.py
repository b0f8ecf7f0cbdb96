"""What goes in and out about run sheets and escorts: ids, times, faults; no names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.models.enums import Part
from app.schemas import Reply, RowId, Strict
from app.visits.rules import Fault


class OrderIn(Strict):
    """Every visit of the half-day, in the order wanted."""

    need_ids: Annotated[list[RowId], Field(min_length=1, max_length=40)]


class StopOut(Reply):
    """One line of the sheet."""

    need_id: int
    person_id: int
    minutes: int
    travel_minutes: int
    arrives_at: datetime
    leaves_at: datetime


class RunSheetOut(Reply):
    """A carer's half-day in its printed order."""

    slot_id: int
    service_id: int
    site_id: int
    part: Part
    starts_at: datetime
    ends_at: datetime
    fits: bool
    faults: list[Fault]
    over_minutes: int
    version: int
    """For `If-Match`: changes with every visit and every change of the order."""
    stops: list[StopOut]


class FetchedOut(Reply):
    """One person to fetch."""

    person_id: int
    site_id: int
    starts_at: datetime
    is_excused: bool


class GroupOut(Reply):
    """One place with the people to fetch there."""

    is_gate: bool
    place: str
    expected: int
    people: list[FetchedOut]
