"""Looks up what a notice's text needs, at the moment of sending: site, kind, dates. Never a name, never a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import to_local
from app.language.catalogue import LANGUAGES
from app.language.days import say_date, say_pattern
from app.language.labels import label
from app.models import Booking, CareClass, Offer, Placement, Service, Site, Slot
from app.notices.commands import Claimed

_OF_PLACEMENT = frozenset(
    {"offer", "offer_reminder", "offer_expired", "placement_skips", "placement_runs_again"}
)
_OF_BOOKING = frozenset({"booking_confirmed", "booking_moved", "booking_cancelled"})

Facts = dict[str, dict[str, Any]]
"""By language, then by name."""


def load_facts(session: Session, claimed: Sequence[Claimed]) -> dict[int, Facts]:
    """Return by notice id what its text is filled with."""
    codes = {one.id: str(one.data.get("code") or one.key.partition(":")[2]) for one in claimed}
    placements = _load_placements(session, {codes[o.id] for o in claimed if o.template in _OF_PLACEMENT})
    bookings = _load_bookings(session, {codes[o.id] for o in claimed if o.template in _OF_BOOKING})
    found: dict[int, Facts] = {}
    for one in claimed:
        code = codes[one.id]
        known = placements if one.template in _OF_PLACEMENT else bookings
        base = known.get(code, {language: {} for language in LANGUAGES})
        found[one.id] = {
            language: {**base[language], **_say_data(one.data, language), "code": code}
            for language in LANGUAGES
        }
    return found


def _say_data(data: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a notice's own data with its dates as people say them."""
    return {
        name: say_date(date.fromisoformat(value), language)
        if isinstance(value, str) and (name == "on" or name.endswith("_on"))
        else value
        for name, value in data.items()
    }


def _load_placements(session: Session, codes: set[str]) -> dict[str, Facts]:
    rows = session.execute(
        select(
            Placement.id,
            Placement.code,
            Placement.weekdays,
            Placement.part,
            Placement.starts_on,
            Service.kind,
            Site.name_zh,
            Site.name_en,
        )
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Placement.code.in_(codes))
    ).all()
    ends: dict[int, datetime] = dict(
        session.execute(
            select(Offer.placement_id, Offer.expires_at)
            .where(Offer.placement_id.in_([row.id for row in rows]))
            .order_by(Offer.id)
        ).all()
    )
    return {
        row.code: {
            language: {
                "kind": label(row.kind, language),
                "site": _name(row.name_zh, row.name_en, language),
                "pattern": say_pattern(row.weekdays, row.part, None, language),
                "starts_on": say_date(row.starts_on, language),
                "until": _say_until(ends.get(row.id), language),
            }
            for language in LANGUAGES
        }
        for row in rows
    }


def _load_bookings(session: Session, codes: set[str]) -> dict[str, Facts]:
    rows = session.execute(
        select(
            Booking.code,
            Slot.occurs_on,
            Slot.starts_at,
            Slot.ends_at,
            Service.kind,
            Site.name_zh,
            Site.name_en,
        )
        .join(Slot, Slot.id == Booking.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Booking.code.in_(codes))
    )
    return {
        row.code: {
            language: {
                "kind": label(row.kind, language),
                "site": _name(row.name_zh, row.name_en, language),
                "on": say_date(row.occurs_on, language),
                "hours": f"{to_local(row.starts_at):%H:%M}–{to_local(row.ends_at):%H:%M}",
            }
            for language in LANGUAGES
        }
        for row in rows
    }


def _name(name_zh: str, name_en: str, language: str) -> str:
    return name_zh if language == "zh" else name_en or name_zh


def _say_until(expires_at: datetime | None, language: str) -> str:
    """Return the last day of an offer: it runs out at midnight, which belongs to the day before."""
    if expires_at is None:
        return "—"
    return say_date((to_local(expires_at) - timedelta(minutes=1)).date(), language)
