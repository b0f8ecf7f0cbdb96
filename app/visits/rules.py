"""Whether a carer's half-day fits in its printed order, and the order itself: pure.

A visit takes its own length and the travel allowance of its way by the zone table: from the team's base to the first,
then from door to door. What the ledger holds for a visit is the allowance from the base (an order is not known by
night); the proof here is of the order on the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf


class Fault(StrEnum):
    """Why an order does not fit."""

    too_long = "too_long"
    too_far = "too_far"
    twice = "twice"


@dataclass(frozen=True)
class Visit:
    """One visit of a half-day, wherever it stands in the order."""

    need_id: int
    compound_id: int
    minutes: int


@dataclass(frozen=True)
class Leg:
    """One line of the sheet: the way, then the visit."""

    need_id: int
    travel_minutes: int
    arrives_at: datetime
    leaves_at: datetime


@dataclass(frozen=True)
class Proof:
    """What the checker says of an order: its times, and what is wrong with it."""

    legs: tuple[Leg, ...]
    faults: tuple[Fault, ...]
    over_minutes: int
    """How far the last visit ends after the half-day; 0 where it fits."""

    @property
    def fits(self) -> bool:
        """Whether the half-day can be walked as printed."""
        return not self.faults


FindTravel = Callable[[int | None, int], int | None]
"""From a compound (None: the team's base) to a compound: minutes by the zone table, None beyond its last zone."""


def check_order(
    visits: Sequence[Visit], starts_at: datetime, ends_at: datetime, find_travel: FindTravel
) -> Proof:
    """Walk the half-day as printed and return its times with every fault; reads nothing but its arguments."""
    at, here = starts_at, None
    legs: list[Leg] = []
    faults: list[Fault] = []
    if len({visit.need_id for visit in visits}) < len(visits):
        faults.append(Fault.twice)
    for visit in visits:
        travel = find_travel(here, visit.compound_id)
        if travel is None:
            faults.append(Fault.too_far)
            travel = 0
        arrives = at + timedelta(minutes=travel)
        at = arrives + timedelta(minutes=visit.minutes)
        legs.append(Leg(visit.need_id, travel, arrives, at))
        here = visit.compound_id
    over = max(0, round((at - ends_at).total_seconds() / 60))
    if over:
        faults.append(Fault.too_long)
    return Proof(tuple(legs), tuple(dict.fromkeys(faults)), over)


def arrange(visits: Sequence[Visit], kept: Mapping[int, int], find_travel: FindTravel) -> list[int]:
    """Return needs in the order that staff kept, then whoever has no place in it: always the nearest next.

    Where two are as near, the one that was given first; who is beyond the last zone comes at the very end.
    """
    order = sorted((visit for visit in visits if visit.need_id in kept), key=lambda each: kept[each.need_id])
    left = [visit for visit in visits if visit.need_id not in kept]

    def reckon(visit: Visit) -> float:
        minutes = find_travel(order[-1].compound_id if order else None, visit.compound_id)
        return inf if minutes is None else minutes

    while left:
        order.append(left.pop(left.index(min(left, key=reckon))))
    return [visit.need_id for visit in order]


def is_no_worse(new: Proof, old: Proof) -> bool:
    """Return whether an order may replace another: it fits, or runs over no longer than the one before."""
    return new.fits or (not old.fits and new.over_minutes <= old.over_minutes)
