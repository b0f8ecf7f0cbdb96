"""Sets how many staff and volunteers look after one part of a service's day: on a date, or as a rule."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.actor import Actor
from app.attendance.errors import StaffingOutOfRange
from app.audit.commands import record
from app.db import WriteSession
from app.errors import NotFound
from app.models import Service, Staffing
from app.models.enums import Part
from app.scope import check_runs_site

MOST = 60


def set_staffing(
    session: WriteSession,
    actor: Actor,
    service_id: int,
    part: Part,
    on: date | None,
    numbers: tuple[int, int],
) -> Staffing:
    """Set (staff, volunteers) of a part of the day; `on` None sets the rule. Raises `NotFound`, `NotAllowed`."""
    service = session.scalars(select(Service).where(Service.id == service_id).with_for_update()).first()
    if service is None:
        raise NotFound
    check_runs_site(session, actor, service.site_id)
    if not all(0 <= number <= MOST for number in numbers):
        raise StaffingOutOfRange(most=MOST)
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
