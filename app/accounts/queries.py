"""Reads staff, their scopes and their failed sign-ins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.accounts.errors import UnknownCode, UnknownUser
from app.models import Area, LoginAttempt, Site, StaffUser


def find_user(session: Session, name: str) -> StaffUser | None:
    """Return the user of a sign-in name, if there is one."""
    return session.scalar(select(StaffUser).where(StaffUser.name == name))


def get_user(session: Session, name: str) -> StaffUser:
    """Return the user of a sign-in name. Raises `UnknownUser`."""
    user = find_user(session, name)
    if user is None:
        raise UnknownUser(name=name)
    return user


def list_users(session: Session) -> list[StaffUser]:
    """Return all users with their areas and sites, by name."""
    query = select(StaffUser).order_by(StaffUser.name)
    return list(session.scalars(query.options(selectinload(StaffUser.areas), selectinload(StaffUser.sites))))


def find_area_ids(session: Session, codes: Iterable[str]) -> list[int]:
    """Return the ids of areas by code. Raises `UnknownCode` for the first that is not there."""
    known = dict(session.execute(select(Area.code, Area.id)).all())
    return [_get(known, code) for code in dict.fromkeys(codes)]


def find_site_ids(session: Session, codes: Iterable[str]) -> list[int]:
    """Return the ids of sites by code. Raises `UnknownCode` for the first that is not there."""
    known = dict(session.execute(select(Site.code, Site.id)).all())
    return [_get(known, code) for code in dict.fromkeys(codes)]


def _get(known: dict[str, int], code: str) -> int:
    if code not in known:
        raise UnknownCode(unknown=code)
    return known[code]


def list_failures(session: Session, key: str, since: datetime) -> list[datetime]:
    """Return when sign-ins counted under a key failed."""
    query = select(LoginAttempt.failed_at).where(LoginAttempt.key == key, LoginAttempt.failed_at > since)
    return list(session.scalars(query))
