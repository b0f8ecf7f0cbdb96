"""What goes in and out about notices: states and codes, no text and no name."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.models.enums import NoticeState
from app.schemas import Loose, Reply, Strict


class NoticeFilter(Strict):
    """Which notices to list."""

    state: Loose[NoticeState] | None = None
    template: str | None = Field(default=None, max_length=60, examples=["offer"])
    first: int = Field(default=0, ge=0, le=1_000_000, strict=False)
    limit: int = Field(default=100, ge=1, le=500, strict=False)


class NoticeOut(Reply):
    """One row of the outbox."""

    id: int
    key: str = Field(examples=["offer:P1"])
    template: str
    person_id: int | None
    user_id: int | None
    state: NoticeState
    due_at: datetime
    tries: int
    made_at: datetime | None
    sent_at: datetime | None
    channel: str
    fault: str
