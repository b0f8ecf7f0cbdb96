"""What a load balancer and a monitor read."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.schemas import Reply


class Health(Reply):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Ready(Reply):
    """The plan in force is fresh."""

    status: str = Field(examples=["ready"])
    effective_on: date
    published_at: datetime
    age_hours: float = Field(examples=[7.2])


class NightRequest(Reply):
    """The number of a request for a night; the worker serves them in order, several at once with one night."""

    number: int
