"""Payloads of slots and their capacities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.models.enums import CapacityKind, Part, ServiceKind, SlotState
from app.schemas import Day, Loose, Reply, RowId, Strict


class SlotFilter(BaseModel):
    """Which slots to list; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_on: Annotated[Day | None, Field(alias="from", examples=["2026-12-01"])] = None
    to_on: Annotated[Day | None, Field(alias="to", examples=["2026-12-14"])] = None
    service_id: RowId | None = None
    class_id: RowId | None = None
    site_id: RowId | None = None
    kind: ServiceKind | None = None
    limit: Annotated[int, Field(ge=1, le=2000)] = 500


class CapacityOut(Reply):
    """One capacity kind of a slot."""

    kind: CapacityKind
    capacity: int
    taken: int
    available: int
    """Never below 0, even where an import brought in more than there is."""
    overfull: int


class SlotOut(Reply):
    """One dated occurrence that can be booked; the plain figures are those of kind `places`, null where it has none."""

    id: int
    class_id: int
    service_id: int
    site_id: int
    kind: ServiceKind
    part: Part
    occurs_on: date
    starts_at: datetime
    ends_at: datetime
    state: SlotState
    capacity: int | None
    taken: int | None
    available: int | None
    held_back: int
    """Places of those available that only an urgent booking takes."""
    capacities: list[CapacityOut]
    version: int
    """For `If-Match`: changes with what the slot offers, not with what is taken."""


class CapacityIn(Strict):
    """What a slot shall offer of one kind."""

    kind: Loose[CapacityKind]
    capacity: Annotated[int, Field(ge=0, le=100_000)]
    reason: Annotated[str, Field(min_length=1, max_length=120, examples=["一名护理员请假"])]
