"""Make, change and disable users; one command per intent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import update

from app.accounts.errors import UserDisabled, UserExists
from app.accounts.passwords import hash_password
from app.accounts.queries import find_area_ids, find_site_ids, find_user, get_user
from app.auth_tokens import hash_token
from app.clock import now
from app.db import WriteSession
from app.models import Login, StaffArea, StaffSite, StaffUser
from app.models.enums import LoginKind, StaffRole


def create_user(
    session: WriteSession,
    name: str,
    display_name: str,
    role: StaffRole,
    password: str,
    area_codes: Iterable[str] = (),
    site_codes: Iterable[str] = (),
) -> StaffUser:
    """Make a user. Raises `UserExists`, `UnknownCode`, `WeakPassword`."""
    if find_user(session, name) is not None:
        raise UserExists(name=name)
    user = StaffUser(
        name=name,
        display_name=display_name,
        role=role,
        password_hash=hash_password(password),
        created_at=now(),
    )
    session.add(user)
    session.flush()
    session.add_all(StaffArea(user_id=user.id, area_id=id_) for id_ in find_area_ids(session, area_codes))
    session.add_all(StaffSite(user_id=user.id, site_id=id_) for id_ in find_site_ids(session, site_codes))
    session.flush()
    return user


def disable_user(session: WriteSession, name: str) -> StaffUser:
    """Disable a user; all logins end at once. Raises `UnknownUser`."""
    user = get_user(session, name)
    at = now()
    user.disabled_at = user.disabled_at or at
    end_logins(session, user.id, at)
    return user


def reset_password(session: WriteSession, name: str, password: str) -> StaffUser:
    """Give a user a new password and let a disabled one back in; all logins end. Raises `UnknownUser`, `WeakPassword`."""
    user = get_user(session, name)
    user.password_hash = hash_password(password)
    user.disabled_at = None
    end_logins(session, user.id, now())
    return user


def end_logins(session: WriteSession, user_id: int, at: datetime) -> None:
    """End every live login and token of a user."""
    live = update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
    session.execute(live.values(ended_at=at).execution_options(synchronize_session=False))


def create_token(
    session: WriteSession, name: str, lifetime: timedelta, label: str = ""
) -> tuple[str, datetime]:
    """Make a bearer token for a program; returns it with its end. Raises `UnknownUser`, `UserDisabled`."""
    user = get_user(session, name)
    if user.disabled_at is not None:
        raise UserDisabled(name=name)
    return start_login(session, user.id, LoginKind.token, lifetime, label)


def start_login(
    session: WriteSession, user_id: int, kind: LoginKind, lifetime: timedelta, label: str = ""
) -> tuple[str, datetime]:
    """Begin a login; returns its token, which is stored nowhere, and the instant of its end."""
    token, at = secrets.token_urlsafe(32), now()
    session.add(
        Login(
            user_id=user_id,
            kind=kind,
            token_hash=hash_token(token),
            label=label,
            created_at=at,
            last_seen_at=at,
            expires_at=at + lifetime,
        )
    )
    return token, at + lifetime
