"""Reads how the installation stands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Plan
from app.models.enums import PlanState


def find_published(session: Session) -> tuple[date, datetime] | None:
    """Return the effective day of the plan in force and when it was published; None before the first night."""
    row = session.execute(
        select(Plan.effective_on, Plan.published_at).where(Plan.state == PlanState.published)
    ).first()
    return None if row is None or row.published_at is None else (row.effective_on, row.published_at)
