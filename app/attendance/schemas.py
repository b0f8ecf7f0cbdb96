"""Payloads of the roll and its alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, Part, RollMark
from app.schemas import Loose, Reply, RowId, Strict

Note = Annotated[str, Field(max_length=500)]


class TickIn(Strict):
    """One tick; `tick_id` is the page's own, `marked_at` when it was seen."""

    tick_id: Annotated[
        str, Field(pattern=r"^[0-9A-Za-z-]{8,36}$", examples=["5f0c6f1e-6f6d-4d7e-9f53-b1f9e7a1c0aa"])
    ]
    slot_id: RowId
    person_id: RowId
    mark: Loose[RollMark]
    marked_at: Loose[AwareDatetime]
    handed_to_id: RowId | None = None
    """For `handed_over`: the pickup authorisation of the adult."""


class TicksIn(Strict):
    """What a page has to tell, oldest first or in any order."""

    ticks: Annotated[list[TickIn], Field(min_length=1, max_length=200)]
    sent_at: Loose[AwareDatetime] | None = None
    """What the page's clock says as it sends them: where that is wrong, so is every `marked_at`."""


class TickOut(Reply):
    """What became of one tick."""

    tick_id: str
    mark: RollMark | None
    """What the roll now says; null where the tick was refused."""
    is_replay: bool
    code: str | None
    """Why it was refused, or that a hand-over was overtaken by a later mark."""
    detail: str | None


class TicksOut(Reply):
    """What became of each tick, in the order sent."""

    ticks: list[TickOut]


class RollOut(Reply):
    """One stay of the roll."""

    slot_id: int
    person_id: int
    class_id: int
    exit_part: Part
    starts_at: datetime
    ends_at: datetime
    mark: RollMark | None
    """Null: expected."""
    marked_at: datetime | None
    excused: str | None
    uses_escort: bool
    gate_site_id: int | None


class AlarmOut(Reply):
    """An alarm."""

    id: int
    slot_id: int
    person_id: int | None
    kind: AlarmKind
    state: AlarmState
    raised_at: datetime
    due_at: datetime
    owner_id: int | None
    outcome: AlarmOutcome | None
    closed_at: datetime | None


class ReportIn(Strict):
    """Who is expected in the slot and not there, or does not answer."""

    person_id: RowId


class StepIn(Strict):
    """What was tried without an answer."""

    note: Note = ""


class CloseIn(Strict):
    """How an alarm ended."""

    outcome: Loose[AlarmOutcome]
    note: Note = ""
