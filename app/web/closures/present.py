"""Puts together what the page of closures shows: what one may close, what is closed, what stays cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.actor import DESK, Actor
from app.bookings.cancelled import list_cancelled
from app.bookings.closed import list_closures, runs_site
from app.bookings.rules import LONGEST_CLOSURE
from app.clock import to_local
from app.db import ReadSession
from app.models import Service, Site
from app.models.enums import StaffRole


def load_closures(session: ReadSession, actor: Actor, now: datetime, language: str) -> dict[str, Any]:
    """Return everything that the templates name."""
    today = to_local(now).date()
    may_act = actor.role in {StaffRole.coordinator, StaffRole.manager}
    zh = language == "zh"

    def name(row: Site | Service) -> str:
        return row.name_zh if zh else row.name_en or row.name_zh

    # An adviser closes nothing and has to know of all: the people of one area go to sites of another.
    closures = list_closures(session, actor if may_act else None, today)
    return {
        "may_act": may_act,
        "links": actor.role in DESK,
        "today": today,
        "last_on": today + LONGEST_CLOSURE,
        "choices": _list_choices(session, actor, name) if may_act else [],
        "closures": [
            {
                "row": each.closure,
                "site": name(each.site),
                "service": name(each.service) if each.service else "",
                "from_on": max(today, each.closure.starts_on),
            }
            for each in closures
        ],
        "cancelled": [
            {
                "row": each,
                "site": name(each.site),
                "service": name(each.service),
            }
            for each in list_cancelled(session, now, actor=actor)
        ],
    }


def _list_choices(session: ReadSession, actor: Actor, name: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return per site what can be closed: (value of the form, text), the whole site first."""
    rows = session.execute(
        select(Site, Service)
        .join(Service, Service.site_id == Site.id)
        .where(runs_site(actor), Service.is_active)
        .order_by(Site.code, Service.code)
    )
    found: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for site, service in rows:
        _, choices = found.setdefault(site.id, (name(site), [(str(site.id), "")]))
        choices.append((f"{site.id}.{service.id}", name(service)))
    return list(found.values())
