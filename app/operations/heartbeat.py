"""The worker's sign of life, one row that it renews: a monitor sees when nobody looks after nights and notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.models import Lease

_NAME: Final = "worker"
EVERY: Final = timedelta(seconds=15)
ALIVE: Final = timedelta(seconds=90)
"""After this long without a beat nobody is there: long enough for a slow disk, short against anything that waits."""


def beat(session: WriteSession, holder: str, now: datetime) -> None:
    """Say that this worker lives; of several the last one is named."""
    session.execute(
        text("INSERT INTO lease (name, holder, token) VALUES (:name, '', 0) ON CONFLICT (name) DO NOTHING"),
        {"name": _NAME},
    )
    session.execute(
        update(Lease)
        .where(Lease.name == _NAME)
        .values(holder=holder, token=Lease.token + 1, expires_at=now + ALIVE)
    )


def find_beat(session: Session) -> tuple[str, datetime] | None:
    """Return who gave the last sign of life and when; None where no worker has ever run."""
    row = session.execute(select(Lease.holder, Lease.expires_at).where(Lease.name == _NAME)).first()
    return None if row is None or row.expires_at is None else (row.holder, row.expires_at - ALIVE)
