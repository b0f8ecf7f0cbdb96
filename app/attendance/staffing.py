"""Sets how many staff and volunteers look after one part of a service's day: on a date, or as a rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.errors import StaffingOutOfRange
from app.audit.commands import record
from app.db import WriteSession
from app.errors import NotFound, StaleVersion
from app.models import Service, Staffing
from app.models.enums import Part
from app.scope import check_runs_site

MOST = 60
UNSET = "0.0"


@dataclass(frozen=True)
class Seen:
    """Whose day's numbers somebody had before them, in which version (`find_versions`)."""

    on: date
    version: str


def find_versions(session: Session, service_ids: Collection[int], on: date) -> dict[tuple[int, Part], str]:
    """Return the version of the numbers of a day, by service and part: of the rule and of what stands for the date.

    What has no row is left out: its version is `UNSET`.
    """
    found: dict[tuple[int, Part], list[int]] = {}
    rows = session.scalars(
        select(Staffing).where(
            Staffing.service_id.in_(service_ids), Staffing.on_date.is_(None) | (Staffing.on_date == on)
        )
    )
    for row in rows:
        found.setdefault((row.service_id, row.part), [0, 0])[row.on_date is not None] = row.version
    return {key: f"{rule}.{date_}" for key, (rule, date_) in found.items()}


def set_staffing(
    session: WriteSession,
    actor: Actor,
    service_id: int,
    part: Part,
    on: date | None,
    numbers: tuple[int, int],
    *,
    seen: Seen | None = None,
) -> Staffing:
    """Set (staff, volunteers) of a part of the day; `on` None sets the rule.

    Raises `NotFound`, `NotAllowed`, and `StaleVersion` where the numbers are no longer those that were seen.
    """
    service = session.scalars(select(Service).where(Service.id == service_id).with_for_update()).first()
    if service is None:
        raise NotFound
    check_runs_site(session, actor, service.site_id)
    if not all(0 <= number <= MOST for number in numbers):
        raise StaffingOutOfRange(most=MOST)
    if seen is not None:
        present = find_versions(session, [service_id], seen.on).get((service_id, part), UNSET)
        if present != seen.version:
            raise StaleVersion
    is_date = Staffing.on_date.is_(None) if on is None else Staffing.on_date == on
    row = session.scalars(
        select(Staffing).where(Staffing.service_id == service_id, Staffing.part == part, is_date)
    ).first()
    if row is None:
        row = Staffing(service_id=service_id, part=part, on_date=on, version=0)
        session.add(row)
    row.staff, row.volunteers = numbers
    row.version += 1
    session.flush()
    record(
        session,
        actor.label,
        "staffing.set",
        f"service:{service.code}",
        {"part": part, "on": on, "staff": numbers[0], "volunteers": numbers[1]},
    )
    return row
