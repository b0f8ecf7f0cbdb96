"""The only place that asks the time; everything else is handed an instant or a date."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHIFT_VARIABLE = "CAREMATCH_CLOCK_SHIFT"
"""Seconds by which every process of a test or a training runs ahead of (or behind) the real clock."""

_shift = timedelta(seconds=float(os.environ.get(SHIFT_VARIABLE) or 0))


def now() -> datetime:
    """Return the present instant, in UTC, with its zone."""
    return datetime.now(UTC) + _shift


def today() -> date:
    """Return the present date in Shanghai: the office's day, whatever zone the server runs in."""
    return now().astimezone(SHANGHAI).date()


def tomorrow() -> date:
    """Return the day that a plan takes effect unless somebody names another."""
    return today() + timedelta(days=1)


def to_local(instant: datetime) -> datetime:
    """Return the same instant on Shanghai's clock; naive values are refused."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no instant; give it a zone first")
    return instant.astimezone(SHANGHAI)


def process_label() -> str:
    """Name this process in a lease or a log line: host and process id."""
    return f"{os.uname().nodename}:{os.getpid()}"
