"""Payloads of the roll and its alarms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, cast

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, Part, RollMark
from app.schemas import Instant, Loose, Reply, RowId, Strict

Note = Annotated[str, Field(max_length=500)]
_TICK_ID: Final = re.compile(r"^[0-9A-Za-z-]{8,36}$")


class TickIn(Strict):
    """One tick; `tick_id` is the page's own, `marked_at` when it was seen."""

    tick_id: Annotated[
        str, Field(pattern=_TICK_ID.pattern, examples=["5f0c6f1e-6f6d-4d7e-9f53-b1f9e7a1c0aa"])
    ]
    slot_id: RowId
    person_id: RowId
    mark: Loose[RollMark]
    marked_at: Instant
    handed_to_id: RowId | None = None
    """For `handed_over`: the pickup authorisation of the adult."""


@dataclass(frozen=True)
class Unread:
    """A tick of which only its own id can be read."""

    tick_id: str


def _read_tick(value: Any, read: ValidatorFunctionWrapHandler) -> TickIn | Unread:
    """Return the tick, or its id alone: were the whole message refused, a tablet would lose the ticks beside it."""
    try:
        return cast("TickIn", read(value))
    except ValidationError:
        tick_id = value.get("tick_id") if isinstance(value, dict) else None
        if not isinstance(tick_id, str) or not _TICK_ID.fullmatch(tick_id):
            raise
        return Unread(tick_id)


def _read_clock(value: Any, read: ValidatorFunctionWrapHandler) -> datetime | None:
    """Return what a page's clock says, None where that is no time of this record: its ticks are judged one by one."""
    try:
        return cast("datetime | None", read(value))
    except ValidationError:
        return None


class TicksIn(Strict):
    """What a page has to tell, oldest first or in any order."""

    ticks: Annotated[list[Annotated[TickIn, WrapValidator(_read_tick)]], Field(min_length=1, max_length=200)]
    sent_at: Annotated[Instant | None, WrapValidator(_read_clock)] = None
    """What the page's clock says as it sends them: where that is wrong, so is every `marked_at`."""

    def sort_out(self) -> tuple[list[TickIn], list[Unread]]:
        """Return the ticks that can be read, and those that cannot."""
        given: Sequence[TickIn | Unread] = self.ticks
        unread = [each for each in given if isinstance(each, Unread)]
        return [each for each in given if isinstance(each, TickIn)], unread


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
