"""Tells who has a long-term place that it skips the days of a closure, and that it runs on them after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select

from app.bookings.closed import Closing
from app.calendars.queries import load_calendar
from app.db import WriteSession
from app.models import CareClass, Placement, PlacementUse, Service, SlotTemplate
from app.models.enums import PlacementState
from app.notices.commands import Draft, put

TOLD: Final = (PlacementState.offered, PlacementState.confirmed, PlacementState.active)
"""A mere proposal was told to nobody."""


def tell_skipping(session: WriteSession, closing: Closing, codes: Sequence[str], now: datetime) -> None:
    """Tell who was told of a place that it does not run on these days; a mere proposal was told to nobody."""
    rows = session.execute(
        select(Placement.code, Placement.person_id).where(
            Placement.code.in_(codes), Placement.state.in_(TOLD)
        )
    )
    days = {"first_on": closing.starts_on.isoformat(), "last_on": closing.ends_on.isoformat()}
    # The same days may be closed, opened again and closed once more: each time is told.
    more = (*days.values(), f"{now:%y%m%d%H%M%S}")
    put(
        session,
        [Draft("placement_skips", row.code, person_id=row.person_id, data=days, more=more) for row in rows],
        now,
    )


def tell_running_again(session: WriteSession, opening: Closing, skipping: list[str], now: datetime) -> None:
    """Tell who has a place on days that are open again, also where no dated slot had been made for them yet."""
    services = select(Service).where(Service.site_id == opening.site_id).order_by(Service.id)
    if opening.service_id is not None:
        services = services.where(Service.id == opening.service_id)
    calendar = load_calendar(session)
    length = (opening.ends_on - opening.starts_on).days + 1
    drafts = []
    for service in session.scalars(services).all():
        days = [
            on
            for on in (opening.starts_on + timedelta(days=i) for i in range(length))
            if calendar.find_closure(service.site_id, service.id, on) is None
        ]
        if not days:
            continue
        rows = session.execute(
            select(Placement.code, Placement.person_id)
            .join(CareClass, CareClass.id == Placement.class_id)
            .join(PlacementUse, PlacementUse.placement_id == Placement.id)
            .join(SlotTemplate, SlotTemplate.id == PlacementUse.template_id)
            .where(
                CareClass.service_id == service.id,
                SlotTemplate.weekday.in_({on.weekday() for on in days}),
                Placement.state.in_(TOLD),
                Placement.starts_on <= days[-1],
                or_(Placement.ends_on.is_(None), Placement.ends_on >= days[0]),
                Placement.code.not_in(skipping),
            )
            .distinct()
            .order_by(Placement.code)
        )
        data = {"first_on": days[0].isoformat(), "last_on": days[-1].isoformat()}
        drafts += [
            Draft(
                "placement_runs_again",
                row.code,
                person_id=row.person_id,
                data=data,
                more=(*data.values(), f"{now:%y%m%d%H%M%S}"),
            )
            for row in rows
        ]
    put(session, drafts, now)
