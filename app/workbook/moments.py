"""Reads dates, times and instants as offices write them, and writes them back. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from app.bounds import FIRST_DAY, LAST_DAY
from app.clock import SHANGHAI
from app.workbook.texts import CellFault, narrow

_DATE: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME: Final = re.compile(r"(\d{1,2})[:时点](\d{1,2})?(?::(\d{2}))?分?")
_INSTANT: Final = re.compile(r"(.*?\d日?)[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_SERIAL: Final = re.compile(r"\d{5}(?:\.0+)?")
_DAY_ZERO: Final = date(1899, 12, 30)
"""Excel's day 0 for every date after February 1900."""
_LAST_SERIAL: Final = 80_000


def read_date(raw: Any) -> date:
    """Return the date of a date cell, a serial number or a text such as 2026年3月1日.

    Raises
    ------
    CellFault
        `not_a_date`; `date_out_of_bounds`.

    """
    on = _read_any_date(raw)
    if not FIRST_DAY <= on <= LAST_DAY:
        raise CellFault("date_out_of_bounds", text=on.isoformat(), first=FIRST_DAY.year, last=LAST_DAY.year)
    return on


def _read_any_date(raw: Any) -> date:
    if isinstance(raw, datetime):
        if raw.time() == time(0):
            return raw.date()
        raise CellFault("not_a_date", text=raw)
    if isinstance(raw, date):
        return raw
    text = narrow(raw)
    match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
        if _SERIAL.fullmatch(text) and 61 <= float(text) <= _LAST_SERIAL:
            return _DAY_ZERO + timedelta(days=int(float(text)))
    except ValueError:
        pass
    raise CellFault("not_a_date", text=text)


def read_time(raw: Any) -> time:
    """Return the time of a time cell, a fraction of a day or a text such as 8:30.

    Raises
    ------
    CellFault
        `not_a_time`.

    """
    if isinstance(raw, datetime):
        raw = raw.time()
    if isinstance(raw, time):
        return raw
    if isinstance(raw, timedelta):
        raw = raw.total_seconds() / 86_400
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and 0 <= raw < 1:
        return (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=round(raw * 86_400))).time()
    match = _TIME.fullmatch(narrow(raw))
    try:
        if match:
            return time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        pass
    raise CellFault("not_a_time", text=narrow(raw))


def read_instant(raw: Any) -> datetime:
    """Return the instant (UTC) of a cell that tells Shanghai's date and time.

    Raises
    ------
    CellFault
        `not_an_instant`.

    """
    if isinstance(raw, datetime):
        read_date(raw.date())
        return raw.replace(tzinfo=SHANGHAI).astimezone(UTC)
    if isinstance(raw, date):
        read_date(raw)
        return datetime.combine(raw, time(0), SHANGHAI).astimezone(UTC)
    text = narrow(raw)
    match = _INSTANT.fullmatch(text)
    try:
        if not match:
            return datetime.combine(read_date(raw), time(0), SHANGHAI).astimezone(UTC)
        hour, minute, second, fraction = (
            int(match[2]),
            int(match[3]),
            int(match[4] or 0),
            (match[5] or "0").ljust(6, "0"),
        )
        at = time(hour, minute, second, int(fraction))
        return datetime.combine(read_date(match[1]), at, SHANGHAI).astimezone(UTC)
    except (ValueError, CellFault):
        raise CellFault("not_an_instant", text=text) from None


def write_instant(instant: datetime) -> str:
    """Return an instant as Shanghai's date and time; as short as it can be without losing any of it."""
    local = instant.astimezone(SHANGHAI).replace(tzinfo=None)
    if local.microsecond:
        return local.isoformat(" ", "microseconds")
    return local.isoformat(" ", "seconds" if local.second else "minutes")


def write_time(at: time) -> str:
    """Return a time as 08:30."""
    return at.isoformat("seconds" if at.second else "minutes")


def find_serial(on: date) -> int | None:
    """Return Excel's serial number of a date; None before March 1900, where Excel counts wrong."""
    serial = (on - _DAY_ZERO).days
    return serial if serial >= 61 else None
