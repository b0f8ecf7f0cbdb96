"""Argon2 behind a semaphore: 19 MiB a hash, at most two at once, so that sign-ins cannot eat the machine."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts.errors import WeakPassword
from app.accounts.rules import LEAST_PASSWORD, MOST_PASSWORD
from app.errors import Busy

_HASHER: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_TURNS: Final = BoundedSemaphore(2)
_PATIENCE_SECONDS: Final = 10


def hash_password(password: str) -> str:
    """Return the hash to store. Raises `WeakPassword`, `Busy`."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise WeakPassword(least=LEAST_PASSWORD, most=MOST_PASSWORD)
    with _Turn():
        return _HASHER.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Return whether the password is the stored one; an unknown user costs the same time. Raises `Busy`."""
    if len(password) > MOST_PASSWORD:
        return False
    with _Turn():
        right = _HASHER.verify(password, stored or _nobody())
    return right and stored is not None


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


class _Turn:
    def __enter__(self) -> None:
        if not _TURNS.acquire(timeout=_PATIENCE_SECONDS):
            raise Busy

    def __exit__(self, *_: object) -> None:
        _TURNS.release()
