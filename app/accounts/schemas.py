"""What goes in and out over HTTP; strict: an unknown field or a number for a text is refused."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.models.enums import StaffRole
from app.schemas import Reply, Strict


class LoginIn(Strict):
    """Name and password."""

    name: str = Field(min_length=1, max_length=60, examples=["adviser"])
    password: str = Field(min_length=1, max_length=200, examples=["correct horse battery"])


class LoginOut(Reply):
    """The CSRF token goes into `X-CSRF-Token` of every unsafe request of this browser."""

    csrf_token: str = Field(examples=["nYw1Hq..."])
    expires_at: datetime
    name: str = Field(examples=["adviser"])
    role: StaffRole


class Me(Reply):
    """Who is signed in, and what they may see."""

    user_id: int
    name: str = Field(examples=["adviser"])
    display_name: str = Field(examples=["养老顾问"])
    role: StaffRole
    language: str = Field(examples=["zh"])
    areas: list[AreaRef]
    sites: list[SiteRef]


class AreaRef(Reply):
    """An area by id and name."""

    id: int
    code: str
    name_zh: str


class SiteRef(Reply):
    """A site by id and name."""

    id: int
    code: str
    name_zh: str
