"""What a date, an instant and an id may be that come from outside: one rule for the API, pages, forms and workbooks.

Pure. Between these bounds a day more or less is always a date, and a row's id is a number that a database holds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Nobody alive was born before; nothing is arranged after. What has no end is left empty, never 9999-12-31."""

LAST_ID: Final = 2**63 - 1
_MOST_DIGITS: Final = 19

DAY_BOUNDS: Final = (
    "日期应在 1900 年至 2100 年之间；长期有效的请留空。 | "
    "A date lies between 1900 and 2100; leave it empty where there is no end."
)


def check_day(on: date) -> date:
    """Return the date, or raise `ValueError` (`zh | en`) where it lies outside the bounds."""
    if not FIRST_DAY <= on <= LAST_DAY:
        raise ValueError(DAY_BOUNDS)
    return on


def check_instant(at: datetime) -> datetime:
    """Return the instant, or raise `ValueError` where its date, in any time zone, may lie outside the bounds."""
    if not FIRST_DAY.year < at.year < LAST_DAY.year:
        raise ValueError(DAY_BOUNDS)
    return at


def read_day(text: str) -> date:
    """Return the date that a form's own text names, as YYYY-MM-DD; `ValueError` for any other."""
    return check_day(date.fromisoformat(text))


def read_id(text: str) -> int:
    """Return the row's id that a form's own text names; `ValueError` for any other."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and 1 <= int(text) <= LAST_ID):
        raise ValueError(text)
    return int(text)
