"""Reads the policies in force on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Policy
from app.policies.rules import Policies
from app.reference import keep


def load_policies(session: Session, on: date) -> Policies:
    """Return every policy in force on `on`; where two rows overlap, the later beginning wins."""
    return keep(session, ("policies", on), lambda: _load(session, on))


def _load(session: Session, on: date) -> Policies:
    rows = session.execute(
        select(Policy.key, Policy.value)
        .where(Policy.valid_from <= on, or_(Policy.valid_to.is_(None), Policy.valid_to >= on))
        .order_by(Policy.valid_from)
    )
    return Policies({key: value for key, value in rows})  # noqa: C416 - rows are no pairs to dict()


def get_policy(session: Session, key: str, on: date) -> Any:
    """Return one policy's value in force on `on`, or its documented default (app/policies/rules.py)."""
    return load_policies(session, on).get(key)
