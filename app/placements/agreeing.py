"""When a yes becomes a place: with the person's and, where the service asks for it, the site's; of twins and couples all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import WriteSession
from app.models import Placement
from app.models.enums import PlacementState
from app.placements.changes import change
from app.placements.queries import get_service_of_class, is_ahead, lock_inseparable
from app.placements.rules import Act
from app.placements.transfers import take_over


def confirm_agreed(
    session: WriteSession, actor: Actor, rows: Sequence[Placement], act: Act, now: datetime, **data: Any
) -> list[int]:
    """Confirm those of these (locked) offers to which everybody has said yes; return the classes that somebody leaves.

    One of a group that is all or none is confirmed with the others or not yet: the last yes confirms them all. So a no
    to one, as long as it can come, still finds the other unconfirmed.
    """
    session.flush()
    left: list[int] = []
    for row in rows:
        if row.state is not PlacementState.offered:
            continue  # confirmed a moment ago, with the one before
        together = lock_inseparable(session, row)
        if not all(is_agreed(session, each) for each in together) or is_ahead(session, row):
            continue
        for each in together:
            old = take_over(session, actor, each, now)
            left += [] if old is None else [old.class_id]
            change(session, actor, each, act, **data)
    return left


def is_agreed(session: Session, row: Placement) -> bool:
    """Return whether nobody's yes is missing: the person's, and the site's where its service asks for one."""
    if row.confirmed_at is None:
        return False
    return row.site_confirmed_at is not None or not get_service_of_class(session, row.class_id).site_confirms
