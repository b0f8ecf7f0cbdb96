"""What goes in and out about consultations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.schemas import Day, Reply, Strict

Text = Annotated[str, Field(max_length=4000)]


class ConsultationIn(Strict):
    """What was asked, told and agreed; `follow_up_on` puts the person on that morning's list."""

    asked: Text = Field(min_length=1, examples=["想了解日托和助餐"])
    told: Text | None = None
    agreed: Text | None = None
    follow_up_on: Day | None = None


class ConsultationOut(Reply):
    """One record in full; reading it is noted."""

    id: int
    person_id: int
    adviser_id: int
    held_at: datetime
    asked: str | None
    told: str | None
    agreed: str | None
    follow_up_on: date | None
    followed_up_at: datetime | None


class FollowUpOut(Reply):
    """Somebody to be followed up."""

    consultation_id: int
    person_id: int
    name: str
    follow_up_on: date


class Ticked(Reply):
    """The follow-up as it stands."""

    id: int
    followed_up_at: datetime | None
