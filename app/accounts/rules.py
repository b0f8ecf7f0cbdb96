"""How many failed sign-ins are too many. Pure: no session, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)
LEAST_PASSWORD: Final = 8
MOST_PASSWORD: Final = 200
"""Argon2 takes any length; an upper bound keeps a megabyte of password from being hashed."""


@dataclass(frozen=True)
class Bucket:
    """One thing that failures are counted by, with the most that may fail within `WINDOW`."""

    name: str
    limit: int


KNOWN_DEVICE: Final = Bucket("device", 10)
NAME_AND_ADDRESS: Final = Bucket("name+address", 10)
NAME: Final = Bucket("name", 50)
ADDRESS: Final = Bucket("address", 100)
"""An office shares one address, so this one is wide."""


def choose_buckets(*, is_known_device: bool) -> tuple[Bucket, ...]:
    """Return what counts against an attempt.

    A browser in which this user has signed in before carries proof of it and is counted by itself: whoever guesses
    from elsewhere cannot lock the lawful user out (OWASP: slow down online guessing with device cookies).
    """
    return (KNOWN_DEVICE,) if is_known_device else (NAME_AND_ADDRESS, NAME, ADDRESS)


def find_wait_seconds(failures: Mapping[Bucket, list[datetime]], at: datetime) -> int | None:
    """Return how long to wait until every bucket has room again; None where all have it now."""
    waits = []
    for bucket, failed in failures.items():
        recent = sorted(f for f in failed if f > at - WINDOW)
        if len(recent) >= bucket.limit:
            frees = recent[len(recent) - bucket.limit] + WINDOW
            waits.append(int((frees - at).total_seconds()) + 1)
    return max(waits) if waits else None
