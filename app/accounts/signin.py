"""Signing in and out: throttled by counts in the database, so that several workers share them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update

from app.accounts.commands import start_login
from app.accounts.errors import TooManyAttempts, WrongPassword
from app.accounts.passwords import is_password
from app.accounts.queries import find_user, list_failures
from app.accounts.rules import KNOWN_DEVICE, WINDOW, Bucket, choose_buckets, find_wait_seconds
from app.auth_tokens import hash_token
from app.clock import now
from app.db import Database, WriteSession
from app.models import Login, LoginAttempt, StaffUser
from app.models.enums import LoginKind
from app.sealed import keyring

LIFETIME: Final = timedelta(hours=12)
_PROOF: Final = "device proof"


@dataclass(frozen=True)
class SignedIn:
    """A new browser login: its secret, the proof that this browser is known, its end."""

    user: StaffUser
    token: str
    device_proof: str
    expires_at: datetime


@dataclass(frozen=True)
class Browser:
    """What a browser brings along as somebody signs in in it: where it is, and its two cookies."""

    address: str
    device_proof: str
    token: str
    """Of the login that it holds; empty without one."""


def sign_in(database: Database, name: str, password: str, browser: Browser) -> SignedIn:
    """Check a password and begin a login; the one that the browser held before ends, whoever's it was.

    The attempt is noted as failed *before* the password is looked at and struck out when it was right: guesses that
    arrive together cannot all slip past the count, and no transaction is open while Argon2 works.
    Raises `TooManyAttempts`, `WrongPassword`, `Busy`.
    """
    device = _check_device(name, browser.device_proof)
    buckets = choose_buckets(is_known_device=device is not None)
    keys = {bucket: _key(bucket, name, browser.address, device or "") for bucket in buckets}
    noted = database.write(lambda session: _note(session, keys))
    with database.reading() as session:
        user = find_user(session, name)
    stored = user.password_hash if user is not None and user.disabled_at is None else None
    if not is_password(password, stored) or user is None:
        raise WrongPassword

    def begin(session: WriteSession) -> SignedIn:
        session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(noted)))
        _end_held(session, browser.token)
        token, expires_at = start_login(session, user.id, LoginKind.browser, LIFETIME)
        return SignedIn(user, token, _prove_device(name), expires_at)

    return database.write(begin)


def sign_out(session: WriteSession, login_id: int) -> None:
    """End one login."""
    session.execute(update(Login).where(Login.id == login_id).values(ended_at=now()))


def _end_held(session: WriteSession, token: str) -> None:
    """End the login whose cookie is about to be written over: nobody could sign it out any more."""
    if token:
        held = (
            Login.token_hash == hash_token(token),
            Login.kind == LoginKind.browser,
            Login.ended_at.is_(None),
        )
        session.execute(update(Login).where(*held).values(ended_at=now()))


def _note(session: WriteSession, keys: dict[Bucket, str]) -> list[int]:
    at = now()
    session.execute(delete(LoginAttempt).where(LoginAttempt.failed_at < at - WINDOW))
    failures = {bucket: list_failures(session, key, at - WINDOW) for bucket, key in keys.items()}
    wait = find_wait_seconds(failures, at)
    if wait is not None:
        raise TooManyAttempts(retry_after_seconds=wait)
    rows = [LoginAttempt(key=key, failed_at=at) for key in keys.values()]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _key(bucket: Bucket, name: str, address: str, device: str) -> str:
    parts = {"device": device, "name": name, "address": address}
    told = "\0".join(parts[part] for part in bucket.name.split("+"))
    return keyring().blind(told, f"login {bucket.name}")


def _prove_device(name: str) -> str:
    """Return the proof that a browser keeps: a fresh name for it, signed for this user."""
    device = keyring().blind(f"{name}\0{now().isoformat()}", f"{KNOWN_DEVICE.name} id")
    signed = keyring().blind(f"{name}\0{device}", _PROOF)
    return f"{device}.{signed}"


def _check_device(name: str, proof: str) -> str | None:
    device, _, signature = proof.partition(".")
    signed = keyring().list_blinds(f"{name}\0{device}", _PROOF)
    return device if any(hmac.compare_digest(signature.encode(), each.encode()) for each in signed) else None
