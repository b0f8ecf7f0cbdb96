"""Payloads of placements, their offers and absences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.models.enums import Channel, ExceptionKind, Origin, PlacementState, WishPart
from app.schemas import Day, Reply, RowId, Strict
from app.texts import SaidBy

ReasonText = Annotated[str, Field(min_length=1, max_length=200, examples=["出院后急需照护"])]
Weekday = Annotated[int, Field(ge=0, le=6)]


def _read_channel(value: object) -> object:
    return Channel(value) if isinstance(value, str) and value in set(Channel) else value


def _read_part(value: object) -> object:
    return WishPart(value) if isinstance(value, str) and value in set(WishPart) else value


def _read_exception(value: object) -> object:
    return ExceptionKind(value) if isinstance(value, str) and value in set(ExceptionKind) else value


ChannelWord = Annotated[Channel, BeforeValidator(_read_channel)]
PartWord = Annotated[WishPart, BeforeValidator(_read_part)]
ExceptionWord = Annotated[ExceptionKind, BeforeValidator(_read_exception)]


class PlacementIn(Strict):
    """A placement by hand; `overrides` goes against rules and order (never capacity), which the reason explains."""

    need_id: RowId
    class_id: RowId
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7, examples=[[0, 2, 4]])]
    part: PartWord
    starts_on: Day | None = None
    reason: ReasonText
    said_yes_by: SaidBy
    channel: ChannelWord = Channel.desk
    overrides: bool = False


class ReasonIn(Strict):
    """Why."""

    reason: ReasonText


class AnswerIn(Strict):
    """Who answered, and how."""

    by: SaidBy
    channel: ChannelWord


class EndIn(Strict):
    """The last day of a placement."""

    last_on: Day
    reason: ReasonText


class MoveIn(Strict):
    """Where children go, with whom, from when; `overrides` goes against the order of those who wait, never capacity."""

    class_id: RowId
    part: PartWord
    from_on: Day
    reason: ReasonText
    said_yes_by: SaidBy
    channel: ChannelWord = Channel.phone
    with_ids: Annotated[list[RowId], Field(max_length=8, default_factory=list)]
    """Placements of siblings that move along: all of them or nobody."""
    overrides: bool = False


class AbsenceIn(Strict):
    """A date on which somebody will not come."""

    on: Day
    kind: ExceptionWord = ExceptionKind.absent


class PlacementFilter(BaseModel):
    """Which placements to list; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    need_id: RowId | None = None
    person_id: RowId | None = None
    class_id: RowId | None = None
    state: PlacementState | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class PlacementOut(Reply):
    """A long-term place."""

    id: int
    code: str
    need_id: int
    person_id: int
    class_id: int
    weekdays: list[int]
    """0 = Monday."""
    part: WishPart
    starts_on: date
    ends_on: date | None
    state: PlacementState
    origin: Origin
    is_pinned: bool
    pin_reason: str
    is_transfer: bool
    """The place that somebody is about to change to; the old one stays until the yes, and then until this begins."""
    confirmed_at: datetime | None
    site_confirmed_at: datetime | None
    """The site's yes; of twins and couples each stays `offered` until every yes to both is there."""
    version: int


class PlacementsOut(Reply):
    """A group answers as one: every placement that an act changed."""

    placements: list[PlacementOut]


class AbsenceOut(Reply):
    """An absence; `frees_place` is false after the service's cut-off: the place or meal is spare, not free."""

    id: int
    placement_id: int
    on_date: date
    kind: ExceptionKind
    frees_place: bool
