"""What goes in and out about needs; the note stays sealed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.bounds import LAST_ID
from app.models import Need
from app.models.enums import NeedRhythm, NeedState, ServiceKind, WishPart
from app.needs.rules import Pattern, to_weekdays
from app.people.rules import hide
from app.schemas import Day, Edit, Loose, Reply, RowId, Strict

Weekday = Annotated[int, Field(ge=0, le=6)]
Metres = Annotated[int, Field(ge=1, le=20_000, examples=[500])]
Minutes = Annotated[int, Field(ge=1, le=1440, examples=[60])]
Note = Annotated[str, Field(max_length=2000)]
IsAnother = Annotated[bool, Field(description="A second need for the same days is meant.")]


class PatternIn(Strict):
    """Weekdays (0 = Monday) and part of the day, or one date and part."""

    part: Loose[WishPart]
    weekdays: list[Weekday] = Field(default=[], max_length=7, examples=[[0, 2, 4]])
    occurs_on: Day | None = Field(default=None, examples=[None])

    def to_rule(self) -> Pattern:
        """Return the pattern as the rules read it."""
        return Pattern(self.part, tuple(sorted(set(self.weekdays))), self.occurs_on)


Patterns = Annotated[list[PatternIn], Field(min_length=1, max_length=10)]
Services = Annotated[list[RowId], Field(max_length=20)]


class NeedIn(Strict):
    """A new need: patterns the wish first, wished services best first."""

    person_id: RowId
    kind: Loose[ServiceKind]
    rhythm: Loose[NeedRhythm]
    starts_on: Day
    ends_on: Day | None = Field(default=None, examples=[None])
    patterns: Patterns
    service_ids: Services = Field(default=[])
    limit_metres: Metres | None = None
    visit_minutes: Minutes | None = None
    needs_escort: bool = False
    gate_site_id: RowId | None = Field(default=None, examples=[None])
    wants_transfer: bool = False
    note: Note | None = None
    is_another: IsAnother = False


class NeedEdit(Edit):
    """What changes about a need."""

    nullable = frozenset({"ends_on", "limit_metres", "visit_minutes", "gate_site_id", "note"})

    starts_on: Day | None = None
    ends_on: Day | None = None
    patterns: Patterns | None = None
    service_ids: Services | None = None
    limit_metres: Metres | None = None
    visit_minutes: Minutes | None = None
    needs_escort: bool | None = None
    gate_site_id: RowId | None = None
    wants_transfer: bool | None = None
    note: Note | None = None
    is_another: IsAnother = False


class NeedQuery(BaseModel):
    """Which needs to list; `after` is the last id of the page before."""

    model_config = ConfigDict(extra="forbid")

    person_id: RowId | None = None
    compound_id: RowId | None = None
    kind: ServiceKind | None = None
    state: NeedState | None = None
    after: int = Field(default=0, ge=0, le=LAST_ID)
    limit: int = Field(default=100, ge=1, le=500)


class PatternOut(Reply):
    """One accepted pattern."""

    rank: int
    part: WishPart
    weekdays: list[int]
    occurs_on: date | None


class NeedOut(Reply):
    """A need. The note is `***` where there is one."""

    id: int
    code: str
    person_id: int
    kind: ServiceKind
    rhythm: NeedRhythm
    state: NeedState
    entered_on: date
    starts_on: date
    ends_on: date | None
    patterns: list[PatternOut]
    service_ids: list[int]
    limit_metres: int | None
    visit_minutes: int | None
    needs_escort: bool
    gate_site_id: int | None
    group_id: int | None
    round_id: int | None
    wants_transfer: bool
    draw_number: int | None = Field(description="Drawn once; lower first")
    note: str | None = Field(examples=["***"])
    version: int


class NeedPage(Reply):
    """A page of needs; `next_after` asks for the next, null after the last."""

    needs: list[NeedOut]
    next_after: int | None


def show_need(need: Need) -> NeedOut:
    """Return a need as the desk may see it."""
    return NeedOut(
        id=need.id,
        code=need.code,
        person_id=need.person_id,
        kind=need.kind,
        rhythm=need.rhythm,
        state=need.state,
        entered_on=need.entered_on,
        starts_on=need.starts_on,
        ends_on=need.ends_on,
        patterns=[
            PatternOut(
                rank=row.rank, part=row.part, weekdays=to_weekdays(row.weekdays), occurs_on=row.occurs_on
            )
            for row in need.patterns
        ],
        service_ids=[row.service_id for row in need.preferences],
        limit_metres=need.limit_metres,
        visit_minutes=need.visit_minutes,
        needs_escort=need.needs_escort,
        gate_site_id=need.gate_site_id,
        group_id=need.group_id,
        round_id=need.round_id,
        wants_transfer=need.wants_transfer,
        draw_number=need.draw_number,
        note=hide(need.note_box),
        version=need.version,
    )
