"""Drafts whose person has another place at that time by now: one that a desk gave, or that the plan does not know.

Times are compared as the night compares them, by the half-days of a week, so that nothing the gates allow clashes here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from app.among import is_among
from app.db import WriteSession
from app.models import Placement, PlacementUse, SlotTemplate
from app.options.facts import Cell
from app.options.load import CELL
from app.planning.elsewhere import is_draft, is_elsewhere
from app.planning.household import name_halves


class Half(NamedTuple):
    """A half-day of somebody's week, by whose place and for how long."""

    placement_id: int
    need_id: int
    weekday: int
    half: str
    starts_on: date
    ends_on: date | None

    def meets(self, other: Half) -> bool:
        """Return whether both want the same person at the same time, for different needs."""
        return (
            self.need_id != other.need_id
            and (self.weekday, self.half) == (other.weekday, other.half)
            and (self.ends_on is None or other.starts_on <= self.ends_on)
            and (other.ends_on is None or self.starts_on <= other.ends_on)
        )


def list_clashing(session: WriteSession, plan_id: int) -> set[int]:
    """Return the drafts of a plan whose person has another place at that time."""
    drafted = select(Placement.person_id).where(is_draft(plan_id))
    theirs = _load_halves(session, is_elsewhere(plan_id) & Placement.person_id.in_(drafted))
    if not theirs:
        return set()
    mine = _load_halves(session, is_draft(plan_id) & is_among(Placement.person_id, "people"), list(theirs))
    return {
        one.placement_id
        for person_id, halves in mine.items()
        for one in halves
        if any(one.meets(other) for other in theirs[person_id])
    }


def _load_halves(
    session: WriteSession, wanted: ColumnElement[bool], people: Sequence[int] = ()
) -> dict[int, list[Half]]:
    """Return the half-days of the places that a condition selects, by person."""
    rows = session.execute(
        select(
            Placement.person_id,
            Placement.id,
            Placement.need_id,
            Placement.starts_on,
            Placement.ends_on,
            PlacementUse.template_id,
        )
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .where(wanted)
        .distinct(),
        {"people": people} if people else {},
    ).all()
    halves = _name_halves(session, {row.template_id for row in rows})
    found: dict[int, list[Half]] = defaultdict(list)
    for row in rows:
        for weekday, half in halves[row.template_id]:
            found[row.person_id].append(Half(row.id, row.need_id, weekday, half, row.starts_on, row.ends_on))
    return found


def _name_halves(session: WriteSession, template_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    rows = session.execute(
        select(*CELL).where(is_among(SlotTemplate.id, "templates")),
        {"templates": list(template_ids)},
    )
    cells = [Cell(*row, {}) for row in rows]
    return {cell.id: [(cell.weekday, half) for half in name_halves(cell)] for cell in cells}
