"""What a family changes its mind about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from app.clock import today
from app.models import Consent

if TYPE_CHECKING:
    from app.db import Database
    from app.models.enums import ConsentPurpose


def withdraw_consents(database: Database, person_id: int, *purposes: ConsentPurpose) -> None:
    """Withdraw every consent of a person for these purposes, since yesterday."""
    database.write(
        lambda session: session.execute(
            update(Consent)
            .where(Consent.person_id == person_id, Consent.purpose.in_(purposes))
            .values(withdrawn_on=today() - timedelta(days=1))
        )
    )
