"""A history's own time and chance: what the program's clock and codes ask the standard library is exchanged for it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from app import clock, codes
from tests.factories import areas, needs, people, placements, providers, rounds
from tests.factories.serials import start_serials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random


COUNTING = (areas, needs, people, placements, providers, rounds)


class Turned:
    """The moment of a history; `advance` and `go_to` turn it on."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)

    def go_to(self, on: date, at: time) -> None:
        """Go to a time of a day, never back."""
        self.moment = max(self.moment, datetime.combine(on, at, clock.SHANGHAI))

    @property
    def today(self) -> date:
        """Return the day."""
        return clock.to_local(self.moment).date()


@contextmanager
def turn(moment: datetime, random: Random) -> Iterator[Turned]:
    """Let the program's clock show a history's moment and its new codes follow from the seed alone.

    The factories count from the start again, whatever tests ran before: rows are read in the order of their codes. The
    processes that a history starts keep their own time.
    """
    turned = Turned(moment)

    class Shown(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return turned.moment.astimezone(tz)

    kept = clock.datetime, codes.secrets
    counted = [(factory, factory._serials) for factory in COUNTING]
    for factory in COUNTING:
        factory._serials = start_serials()
    clock.datetime, codes.secrets = Shown, random  # type: ignore[misc, assignment]
    try:
        yield turned
    finally:
        clock.datetime, codes.secrets = kept  # type: ignore[misc]
        for factory, serials in counted:
            factory._serials = serials
