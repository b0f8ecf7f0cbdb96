"""Turns proposals into offers with a time to answer, many at once; answers are in offers.py."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from app.calendars.queries import load_calendar
from app.clock import SHANGHAI, to_local
from app.db import WriteSession
from app.ledger.queries import PlacementIds
from app.models import Offer, Placement
from app.models.enums import PlacementState
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
    sent = session.scalars(
        update(Placement)
        .where(Placement.id.in_(wanted))
        .values(state=PlacementState.offered, version=Placement.version + 1)
        .returning(Placement.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(sent.all())
