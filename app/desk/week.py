"""A household's week in one grid: who is where on which day, and how many long-term-care hours that uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bookings.queries import count_placed_visit_minutes, count_visit_minutes
from app.bookings.rules import find_week
from app.clock import to_local
from app.desk.needs import list_booked, list_placed
from app.models import Person, PlacementException, PlacementUse, Slot
from app.models.enums import PlacementState, ServiceKind
from app.options.amounts import DEFAULT_VISIT_MINUTES


@dataclass(frozen=True)
class Entry:
    """Something that one person has on one day."""

    kind: ServiceKind
    site_zh: str
    site_en: str
    starts_at: str
    ends_at: str
    """Clock times, HH:MM."""
    is_sure: bool
    """False while proposed or offered."""
    is_away: bool
    """Excused on that day."""
    need_id: int


@dataclass(frozen=True)
class Row:
    """One member's seven days."""

    person_id: int
    name: str
    days: list[list[Entry]]
    care_minutes: int


@dataclass(frozen=True)
class Week:
    """The grid from Monday to Sunday."""

    monday: date
    days: list[date]
    rows: list[Row]


def load_week(session: Session, members: Sequence[Person], on: date) -> Week:
    """Return the week of a date for the members of a household; what slots say, so that holidays are empty."""
    monday, sunday = find_week(on)
    ids = [one.id for one in members]
    found: dict[int, list[list[Entry]]] = {id_: [[] for _ in range(7)] for id_ in ids}
    for row in list_booked(session, ids, monday):
        if row.on <= sunday:
            found[row.person_id][(row.on - monday).days].append(
                Entry(
                    row.kind,
                    row.site_zh,
                    row.site_en or row.site_zh,
                    _clock(row.starts_at),
                    _clock(row.ends_at),
                    is_sure=True,
                    is_away=False,
                    need_id=row.need_id,
                )
            )
    _add_placements(session, ids, monday, sunday, found)
    default = DEFAULT_VISIT_MINUTES
    return Week(
        monday,
        [monday + timedelta(days=i) for i in range(7)],
        [
            Row(
                one.id,
                one.name,
                [sorted(day, key=lambda entry: entry.starts_at) for day in found[one.id]],
                count_visit_minutes(session, one.id, monday, sunday, default_minutes=default)
                + count_placed_visit_minutes(session, one.id, max(on, monday), default_minutes=default),
            )
            for one in members
        ],
    )


def _add_placements(
    session: Session, ids: list[int], monday: date, sunday: date, found: dict[int, list[list[Entry]]]
) -> None:
    placed = {row.id: row for row in list_placed(session, ids)}
    away = set(
        session.execute(
            select(PlacementException.placement_id, PlacementException.on_date).where(
                PlacementException.placement_id.in_(placed),
                PlacementException.on_date >= monday,
                PlacementException.on_date <= sunday,
            )
        ).tuples()
    )
    slots = session.execute(
        select(PlacementUse.placement_id, Slot.occurs_on, Slot.starts_at, Slot.ends_at)
        .join(Slot, Slot.template_id == PlacementUse.template_id)
        .where(PlacementUse.placement_id.in_(placed), Slot.occurs_on >= monday, Slot.occurs_on <= sunday)
        .distinct()
        .order_by(Slot.starts_at)
    )
    for placement_id, on, starts_at, ends_at in slots:
        row = placed[placement_id]
        if on < row.starts_on or (row.ends_on is not None and on > row.ends_on):
            continue
        day = found[row.person_id][(on - monday).days]
        last = next((entry for entry in day if entry.need_id == row.need_id), None)
        if last is not None and last.ends_at == _clock(starts_at):
            # Morning and afternoon of one place are one stay.
            day.remove(last)
            starts = last.starts_at
        else:
            starts = _clock(starts_at)
        day.append(
            Entry(
                row.kind,
                row.site_zh,
                row.site_en or row.site_zh,
                starts,
                _clock(ends_at),
                is_sure=row.state in {PlacementState.confirmed, PlacementState.active},
                is_away=(placement_id, on) in away,
                need_id=row.need_id,
            )
        )


def _clock(at: datetime) -> str:
    return f"{to_local(at):%H:%M}"
