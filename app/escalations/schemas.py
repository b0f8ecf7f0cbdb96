"""What goes in and out about raised needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.bounds import LAST_ID
from app.escalations.rules import Outcome
from app.models.enums import EscalationLevel
from app.schemas import Loose, Reply, RowId, Strict


class EscalationFilter(Strict):
    """Which raised needs to list."""

    level: Loose[EscalationLevel] | None = None
    is_open: bool | None = Field(default=True, strict=False)
    need_id: Annotated[int, Field(ge=1, le=LAST_ID, strict=False)] | None = None
    limit: int = Field(default=200, ge=1, le=1000, strict=False)


class CloseIn(Strict):
    """What came of it."""

    outcome: Loose[Outcome]
    note: str = Field(default="", max_length=150, examples=["已与社区食堂商定加餐"])


class AssignIn(Strict):
    """Who takes it over."""

    owner_id: RowId


class EscalationOut(Reply):
    """One unmet need on a level's list."""

    id: int
    need_id: int
    need: str
    level: EscalationLevel
    raised_on: date
    due_on: date
    owner_id: int | None
    outcome: str
    closed_at: datetime | None
