"""Turns proposals into offers with a time to answer, many at once, and recalls them; answers are in offers.py."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import Select, exists, insert, literal, select, update
from sqlalchemy.orm import Session

from app.calendars.queries import load_calendar
from app.clock import SHANGHAI, to_local
from app.db import WriteSession
from app.ledger.queries import PlacementIds
from app.models import Notice, Offer, Placement
from app.models.enums import PlacementState
from app.notices.commands import put_selected
from app.policies.queries import get_policy


def find_offer_end(session: Session, now: datetime) -> datetime:
    """Return when an offer sent now runs out: the end of the last of the policy's working days, in Shanghai."""
    today = to_local(now).date()
    days = int(get_policy(session, "offer_working_days", today))
    last = load_calendar(session).add_working_days(today, days)
    return datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


def send_offers(session: WriteSession, placement_ids: PlacementIds, now: datetime) -> int:
    """Turn proposals into offers, set-based, and return how many; those in another state are left alone.

    For publishing and for the standby order. The caller notes it in the audit as part of its own act.
    """
    expires_at = find_offer_end(session, now)
    wanted = select(Placement.id).where(
        Placement.id.in_(placement_ids), Placement.state == PlacementState.proposed
    )
    session.flush()
    session.execute(
        insert(Offer).from_select(
            ["placement_id", "sent_at", "expires_at", "answered_by"],
            select(
                Placement.id,
                literal(now, Offer.sent_at.type),
                literal(expires_at, Offer.expires_at.type),
                literal(""),
            ).where(Placement.id.in_(wanted)),
        )
    )
    put_selected(session, "offer", _tell(wanted), now)  # before the state moves on, which `wanted` asks for
    sent = session.scalars(
        update(Placement)
        .where(Placement.id.in_(wanted))
        .values(state=PlacementState.offered, version=Placement.version + 1)
        .returning(Placement.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(sent.all())


def remind(session: WriteSession, now: datetime) -> None:
    """Put a notice of each offer that runs out soon and has no answer; one each, however often this is called."""
    hours = int(get_policy(session, "offer_reminder_hours", to_local(now).date()))
    soon = select(Offer.placement_id).where(
        Offer.answer.is_(None),
        Offer.expires_at > now,
        Offer.expires_at <= now + timedelta(hours=hours),
        # Who was told a moment ago needs no recall.
        Offer.sent_at <= now - timedelta(hours=hours) / 2,
    )
    is_told = exists().where(Notice.key == literal("offer_reminder:").concat(Placement.code))
    # Locked, so that of two sweeps at once the second sees what the first has put.
    ids = session.scalars(
        select(Placement.id)
        .where(Placement.id.in_(soon), Placement.state == PlacementState.offered, ~is_told)
        .order_by(Placement.id)
        .with_for_update(key_share=True)
    ).all()
    put_selected(session, "offer_reminder", _tell(ids), now)


def tell_expired(session: WriteSession, placement_ids: PlacementIds, now: datetime) -> None:
    """Put a notice of each offer that ran out."""
    put_selected(session, "offer_expired", _tell(placement_ids), now)


def _tell(placement_ids: PlacementIds) -> Select[str, int]:
    """Select (code, person_id) of placements, as the outbox wants them."""
    return select(Placement.code, Placement.person_id).where(Placement.id.in_(placement_ids))
