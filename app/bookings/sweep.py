"""Ends what ends by itself: holds after their minutes, offers after their days, placements after their last day.

Each part is a transaction of its own and safe to run again; `carematch worker` calls it every minute, and a full
slot gives up its own holds without waiting for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings.holds import expire_holds
from app.clock import to_local
from app.db import Database, WriteSession
from app.idempotency.commands import forget_before
from app.placements.commands import follow_dates
from app.placements.moving_up import move_up
from app.placements.offers import expire_offers
from app.placements.sending import remind
from app.rounds.commands import follow_dates as follow_rounds
from app.slots.commands import extend_horizon

KEYS_KEPT = timedelta(days=7)
"""How long a request may be repeated under its Idempotency-Key, K."""


@dataclass(frozen=True)
class Swept:
    """How much ended by itself."""

    holds: int
    offers: int
    placements: int
    slots: int
    keys: int
    rounds: int


def expire_due(session: WriteSession, now: datetime) -> Swept:
    """End everything whose time is over, in one transaction; `sweep` does it in short ones."""
    today = to_local(now).date()
    return Swept(
        holds=expire_holds(session, now),
        offers=_end_offers(session, now),
        placements=move_up(session, today) + follow_dates(session, today),
        slots=extend_horizon(session, today),
        keys=forget_before(session, now - KEYS_KEPT),
        rounds=follow_rounds(session, today),
    )


def sweep(database: Database, now: datetime) -> Swept:
    """End everything whose time is over, each kind in a transaction of its own: bookings go on in between."""
    today = to_local(now).date()
    return Swept(
        holds=database.write(lambda session: expire_holds(session, now)),
        offers=database.write(lambda session: _end_offers(session, now)),
        placements=database.write(lambda session: move_up(session, today) + follow_dates(session, today)),
        slots=database.write(lambda session: extend_horizon(session, today)),
        keys=database.write(lambda session: forget_before(session, now - KEYS_KEPT)),
        rounds=database.write(lambda session: follow_rounds(session, today)),
    )


def _end_offers(session: WriteSession, now: datetime) -> int:
    remind(session, now)
    return len(expire_offers(session, now))
