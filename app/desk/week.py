"""Who of a household is where on which day: the week in one grid, and the dated stays behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bookings.queries import count_placed_visit_minutes, count_visit_minutes
from app.bookings.rules import find_week
from app.clock import to_local
from app.desk.needs import Placed, list_booked, list_placed
from app.models import Person, PlacementException, PlacementUse, Slot
from app.models.enums import PlacementState, ServiceKind
from app.options.amounts import DEFAULT_VISIT_MINUTES


@dataclass(frozen=True)
class Stay:
    """Something that one person has on one day; adjoining parts of one place are one stay."""

    person_id: int
    need_id: int
    code: str
    kind: ServiceKind
    site_zh: str
    site_en: str
    on: date
    starts_at: datetime
    ends_at: datetime
    is_sure: bool
    """False while proposed or offered."""
    is_away: bool
    """Excused on that day."""

    @property
    def clock(self) -> str:
        """Local times, HH:MM–HH:MM."""
        return f"{to_local(self.starts_at):%H:%M}–{to_local(self.ends_at):%H:%M}"


@dataclass(frozen=True)
class Row:
    """One member's seven days."""

    person_id: int
    name: str
    days: list[list[Stay]]
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
    days = [monday + timedelta(days=i) for i in range(7)]
    stays = list_stays(session, [one.id for one in members], monday, sunday)
    default = DEFAULT_VISIT_MINUTES
    return Week(
        monday,
        days,
        [
            Row(
                one.id,
                one.name,
                [[stay for stay in stays if stay.person_id == one.id and stay.on == day] for day in days],
                count_visit_minutes(session, one.id, monday, sunday, default_minutes=default)
                + count_placed_visit_minutes(session, one.id, max(on, monday), default_minutes=default),
            )
            for one in members
        ],
    )


def list_stays(session: Session, person_ids: list[int], first: date, last: date) -> list[Stay]:
    """Return bookings and placements of people on their dates, by time."""
    found = [
        Stay(
            person_id=row.person_id,
            need_id=row.need_id,
            code=row.code,
            kind=row.kind,
            site_zh=row.site_zh,
            site_en=row.site_en or row.site_zh,
            on=row.on,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_sure=True,
            is_away=False,
        )
        for row in list_booked(session, person_ids, first)
        if row.on <= last
    ]
    return _join(sorted([*found, *_list_placed(session, person_ids, first, last)], key=_order))


def _order(stay: Stay) -> tuple[datetime, int, str]:
    return stay.starts_at, stay.person_id, stay.code


def _list_placed(session: Session, person_ids: list[int], first: date, last: date) -> list[Stay]:
    placed = {row.id: row for row in list_placed(session, person_ids)}
    if not placed:
        return []
    away = {
        (row.placement_id, row.on_date)
        for row in session.execute(
            select(PlacementException.placement_id, PlacementException.on_date).where(
                PlacementException.placement_id.in_(placed),
                PlacementException.on_date >= first,
                PlacementException.on_date <= last,
            )
        )
    }
    slots = session.execute(
        select(PlacementUse.placement_id, Slot.occurs_on, Slot.starts_at, Slot.ends_at)
        .join(Slot, Slot.template_id == PlacementUse.template_id)
        .where(PlacementUse.placement_id.in_(placed), Slot.occurs_on >= first, Slot.occurs_on <= last)
        .distinct()
    )
    return [
        _make(placed[id_], on, starts_at, ends_at, is_away=(id_, on) in away)
        for id_, on, starts_at, ends_at in slots
        if placed[id_].starts_on <= on <= (placed[id_].ends_on or on)
    ]


def _make(row: Placed, on: date, starts_at: datetime, ends_at: datetime, *, is_away: bool) -> Stay:
    return Stay(
        person_id=row.person_id,
        need_id=row.need_id,
        code=row.code,
        kind=row.kind,
        site_zh=row.site_zh,
        site_en=row.site_en or row.site_zh,
        on=on,
        starts_at=starts_at,
        ends_at=ends_at,
        is_sure=row.state in {PlacementState.confirmed, PlacementState.active},
        is_away=is_away,
    )


def _join(stays: list[Stay]) -> list[Stay]:
    """Make one stay of a morning and the afternoon that follows it in the same place."""
    found: list[Stay] = []
    for stay in stays:
        at = next(
            (
                i
                for i, one in enumerate(found)
                if (one.need_id, one.on, one.ends_at) == (stay.need_id, stay.on, stay.starts_at)
            ),
            None,
        )
        if at is None:
            found.append(stay)
        else:
            found[at] = replace(found[at], ends_at=stay.ends_at)
    return found
