"""Writes a placement's row with its uses; taking the capacity is the caller's next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.codes import find_free_code
from app.db import WriteSession
from app.models import Need, Placement, PlacementUse
from app.models.enums import CapacityKind, Origin, PlacementState
from app.options.build import Candidate, list_cells
from app.options.facts import Pattern
from app.options.stages import Stage

_LETTER = {Origin.desk: "H", Origin.standby: "S", Origin.urgent: "U"}
"""First letter of the code: by hand, from the standby order, urgent."""


@dataclass(frozen=True)
class Place:
    """What is given: a class with its cells, the uses in each, first and last day."""

    stage: Stage
    pattern: Pattern
    amounts: Mapping[CapacityKind, int]
    starts_on: date
    ends_on: date | None


def to_place(candidate: Candidate) -> Place:
    """Return the place that a candidate of app/options stands for: its first stage, until the next class."""
    return Place(
        candidate.stages[0], candidate.pattern, candidate.amounts, candidate.starts_on, candidate.ends_on
    )


def make_placement(
    session: WriteSession,
    need: Need,
    place: Place,
    origin: Origin,
    state: PlacementState,
    now: datetime | None = None,
) -> Placement:
    """Write a placement of a (locked) need and return it; `now` is when the person said yes, if that was before."""
    count = session.scalar(select(func.count(Placement.id)).where(Placement.need_id == need.id)) or 0
    row = Placement(
        code=find_free_code(session, Placement.code, f"{_LETTER[origin]}-{need.code}", count + 1),
        need_id=need.id,
        person_id=need.person_id,
        class_id=place.stage.care_class.id,
        weekdays=place.pattern.weekdays,
        part=place.pattern.part,
        starts_on=place.starts_on,
        ends_on=place.ends_on,
        state=state,
        origin=origin,
        confirmed_at=now,
        uses=[
            PlacementUse(template_id=cell.id, kind=kind, amount=amount)
            for cell in list_cells(place.stage)
            for kind, amount in place.amounts.items()
            if kind in cell.capacities
        ],
    )
    session.add(row)
    session.flush()
    return row
