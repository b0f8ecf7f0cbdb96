"""Passwords that cost nothing: tests sign in thousands of times, and what a hash costs is the point of Argon2 elsewhere."""

from __future__ import annotations

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts import passwords

OWN = passwords._HASHER
"""The program's own, for the test of what it costs."""


def use() -> None:
    """Let this process hash at the least cost that Argon2 takes."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    passwords._HASHER = cheap  # type: ignore[misc]
    passwords._nobody.cache_clear()
