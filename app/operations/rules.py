"""When the worker runs the night: a table of cases, without clock, process or database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

PUBLISHED: Final = 0
HELD_BACK: Final = 3
BUSY: Final = 75
"""Exit codes of `carematch nightly` that need no help: done, done in part, somebody else is at it."""

_SOON: Final = timedelta(minutes=1)
_LATER: Final = timedelta(minutes=10)
_MOST_TRIES: Final = 6


@dataclass(frozen=True)
class Progress:
    """What the worker remembers; a restart may forget it, since `--once` finds out what was published."""

    done_on: date | None = None
    """Shanghai's date on which the night was last finished."""
    tried_on: date | None = None
    tries: int = 0
    not_before: datetime | None = None


def is_due(progress: Progress, at: datetime, wanted: time) -> bool:
    """Return whether to start the scheduled night now; `at` is on Shanghai's clock.

    It is due from the wanted time until midnight, so a worker that was down then catches up when it comes back.
    """
    if at.timetz().replace(tzinfo=None) < wanted or progress.done_on == at.date():
        return False
    if progress.tried_on == at.date() and progress.tries >= _MOST_TRIES:
        return False
    return progress.not_before is None or at >= progress.not_before


def note_end(progress: Progress, at: datetime, code: int, *, began_on: date | None = None) -> Progress:
    """Return what is known after the night ended with an exit code: done, or when to try again.

    A night that began before midnight and ended after it is that of the day on which it began: the next day's is
    still to come.
    """
    day = began_on or at.date()
    if code in {PUBLISHED, HELD_BACK}:
        return Progress(done_on=day)
    tries = (progress.tries if progress.tried_on == day else 0) + (code != BUSY)
    return replace(progress, tried_on=day, tries=tries, not_before=at + (_SOON if code == BUSY else _LATER))
