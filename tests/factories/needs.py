"""Smallest valid needs: weekly with accepted patterns, dated, and groups that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.models import Need, NeedGroup, NeedPattern, NeedPreference, Person, Service
from app.models.enums import GroupKind, NeedRhythm, ServiceKind, WishPart
from tests.factories.people import TODAY
from tests.factories.serials import start_serials

_serials = start_serials()

MON_WED_FRI = (0, 2, 4)


def to_bits(weekdays: Iterable[int]) -> int:
    """Return the seven bits of a pattern: bit 0 is Monday."""
    return sum(1 << day for day in weekdays)


def make_need(
    session: Session,
    person: Person,
    kind: ServiceKind = ServiceKind.day_care,
    patterns: Sequence[tuple[Iterable[int], WishPart]] = ((MON_WED_FRI, WishPart.full_day),),
    **columns: Any,
) -> Need:
    """Make an open weekly need; `patterns` are (weekdays, part), the wish first."""
    return _make(
        session,
        person,
        kind,
        [
            NeedPattern(rank=i, weekdays=to_bits(days), part=part)
            for i, (days, part) in enumerate(patterns, 1)
        ],
        {"rhythm": NeedRhythm.weekly, "starts_on": date(2026, 12, 1)} | columns,
    )


def make_dated_need(
    session: Session,
    person: Person,
    occurs_on: date,
    kind: ServiceKind = ServiceKind.day_care,
    part: WishPart = WishPart.morning,
    **columns: Any,
) -> Need:
    """Make an open need for one date."""
    return _make(
        session,
        person,
        kind,
        [NeedPattern(rank=1, part=part, occurs_on=occurs_on)],
        {"rhythm": NeedRhythm.dated, "starts_on": occurs_on} | columns,
    )


def make_group(session: Session, kind: GroupKind, needs: Iterable[Need]) -> NeedGroup:
    """Make a group of needs: siblings at one site, twins and couples all or none."""
    group = NeedGroup(
        code=f"F-group-{next(_serials)}",
        kind=kind,
        same_site=True,
        all_or_none=kind is not GroupKind.siblings,
    )
    session.add(group)
    session.flush()
    for need in needs:
        need.group_id = group.id
    session.flush()
    return group


def make_preferences(session: Session, need: Need, services: Iterable[Service]) -> None:
    """Make the wishes of a need, best first."""
    for rank, service in enumerate(services, 1):
        session.add(NeedPreference(need_id=need.id, rank=rank, service_id=service.id))
    session.flush()


def _make(
    session: Session, person: Person, kind: ServiceKind, patterns: list[NeedPattern], columns: dict[str, Any]
) -> Need:
    given: dict[str, Any] = {
        "code": f"F-need-{next(_serials)}",
        "person_id": person.id,
        "kind": kind,
        "entered_on": TODAY,
        "patterns": patterns,
    }
    need = Need(**(given | columns))
    session.add(need)
    session.flush()
    return need
