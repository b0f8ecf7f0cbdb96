"""What waits: open needs by age, offers without an answer, urgent bookings of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.actor import AREA_READERS, Actor
from app.clock import SHANGHAI, to_local
from app.ledger.queries import OCCUPYING
from app.models import Booking, CareClass, Need, Offer, Person, Placement, Service, Site, Slot
from app.models.enums import BookingState, NeedState, Origin, ServiceKind
from app.priority.rules import count_months_waited
from app.scope import sees_person_id

BANDS: Final = (1, 3, 6, 12)
"""A need of so many whole months and more is in the next band."""
URGENT_DAYS: Final = 7
MOST_URGENT_SHOWN: Final = 50


def open_without_place() -> Select[int]:
    """Return a query of the ids of open needs for which no place is set aside, offered or agreed."""
    served = select(Placement.need_id).where(Placement.state.in_(OCCUPYING))
    return select(Need.id).where(Need.state == NeedState.open, Need.id.not_in(served))


@dataclass(frozen=True)
class Ages:
    """How long the open needs of one kind have waited: one count a band, the youngest first."""

    kind: ServiceKind
    counts: list[int]
    oldest_months: int

    @property
    def total(self) -> int:
        """Return all of them."""
        return sum(self.counts)


def list_ages(session: Session, on: date) -> list[Ages]:
    """Return how long open needs without a place have waited on a day, by kind and month band."""
    rows = session.execute(
        select(Need.kind, Need.entered_on, func.count())
        .where(Need.id.in_(open_without_place()))
        .group_by(Need.kind, Need.entered_on)
    ).all()
    counts: dict[ServiceKind, list[int]] = {}
    oldest: dict[ServiceKind, int] = {}
    for kind, entered_on, count in rows:
        months = count_months_waited(entered_on, on)
        row = counts.setdefault(kind, [0] * (len(BANDS) + 1))
        row[sum(months >= band for band in BANDS)] += count
        oldest[kind] = max(months, oldest.get(kind, 0))
    return [Ages(kind, counts[kind], oldest[kind]) for kind in ServiceKind if kind in counts]


@dataclass(frozen=True)
class OfferFigures:
    """Offers that nobody has answered."""

    waiting: int
    expire_today: int


def count_offers(session: Session, at: datetime) -> OfferFigures:
    """Return how many offers wait for an answer, and how many of them run out before midnight."""
    midnight = datetime.combine(to_local(at).date() + timedelta(days=1), time(), SHANGHAI)
    rows = select(func.count()).select_from(Offer).where(Offer.answer.is_(None), Offer.expires_at > at)
    return OfferFigures(
        session.scalar(rows) or 0, session.scalar(rows.where(Offer.expires_at < midnight)) or 0
    )


@dataclass(frozen=True)
class Urgent:
    """An urgent booking, with the reason that the adviser gave."""

    code: str
    person_name: str
    kind: ServiceKind
    site_zh: str
    site_en: str
    on: date
    booked_at: datetime
    reason: str


def count_urgent(session: Session, at: datetime) -> int:
    """Return how many urgent bookings of the last days stand, wherever people live."""
    return session.scalar(_only_urgent(select(func.count()).select_from(Booking), at)) or 0


def list_urgent(session: Session, actor: Actor, at: datetime) -> list[Urgent]:
    """Return the urgent bookings of the last days for people whom the actor sees by area, the newest first."""
    if actor.role not in AREA_READERS:
        return []
    query = (
        select(
            Booking.code,
            Person.name,
            Service.kind,
            Site.name_zh,
            Site.name_en,
            Slot.occurs_on,
            Booking.booked_at,
            Booking.reason,
        )
        .join(Person, Person.id == Booking.person_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(sees_person_id(actor, Booking.person_id))
        .order_by(Booking.booked_at.desc(), Booking.id.desc())
        .limit(MOST_URGENT_SHOWN)
    )
    return [
        Urgent(row.code, row.name, row.kind, row.name_zh, row.name_en or row.name_zh, *row[5:])
        for row in session.execute(_only_urgent(query, at))
    ]


def _only_urgent(query: Select[*tuple[Any, ...]], at: datetime) -> Select[*tuple[Any, ...]]:
    return query.where(
        Booking.origin == Origin.urgent,
        Booking.state != BookingState.cancelled,
        Booking.booked_at >= at - timedelta(days=URGENT_DAYS),
    )
