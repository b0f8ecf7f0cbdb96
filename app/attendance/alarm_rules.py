"""When somebody is missing, and how an alarm goes on: pure.

Missing is not absent (lifecycle.md): expected, not excused and not there after some minutes raises an alarm; it has
an owner, steps, and ends with an outcome. It becomes a no-show only when it is closed as one.

| from      | act         | to        | when                                                          |
|-----------|-------------|-----------|---------------------------------------------------------------|
| (none)    | raise       | call      | the minutes of its kind are over                              |
| call      | unreached   | contact   | the guardian (or the person) does not answer                  |
| contact   | unreached   | committee | none of the other contacts answers                            |
| committee | unreached   | manager   | the school or the committee knows nothing                     |
| manager   | unreached   | manager   | still nothing; the manager goes on                            |
| call      | lapse       | contact   | the step's time is over and nobody noted anything             |
| contact   | lapse       | committee | likewise                                                      |
| committee | lapse       | manager   | likewise; from then on it is the manager's, and stays overdue |
| call      | close       | closed    | an outcome is known                                           |
| contact   | close       | closed    | an outcome is known                                           |
| committee | close       | closed    | an outcome is known                                           |
| manager   | close       | closed    | an outcome is known                                           |

A tick of the roll that says the person is there closes it as `arrived`. Nothing leads out of closed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from app.attendance.rules import THERE, Marked, Stay
from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, RollMark

NO_SHOWS_OF: Final = frozenset({AlarmKind.gate, AlarmKind.missing, AlarmKind.unanswered})
"""Kinds that can turn out to be a no-show; a child that nobody fetched was there."""


class AlarmAct(StrEnum):
    """What can be done to an alarm."""

    unreached = "unreached"
    lapse = "lapse"
    close = "close"


_S, _A = AlarmState, AlarmAct

TRANSITIONS: Final[dict[tuple[AlarmState, AlarmAct], AlarmState]] = {
    (_S.call, _A.unreached): _S.contact,
    (_S.contact, _A.unreached): _S.committee,
    (_S.committee, _A.unreached): _S.manager,
    (_S.manager, _A.unreached): _S.manager,
    (_S.call, _A.lapse): _S.contact,
    (_S.contact, _A.lapse): _S.committee,
    (_S.committee, _A.lapse): _S.manager,
    (_S.call, _A.close): _S.closed,
    (_S.contact, _A.close): _S.closed,
    (_S.committee, _A.close): _S.closed,
    (_S.manager, _A.close): _S.closed,
}


def find_next_state(state: AlarmState, act: AlarmAct) -> AlarmState | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def list_outcomes(kind: AlarmKind) -> list[AlarmOutcome]:
    """Return how an alarm of a kind may end."""
    return [each for each in AlarmOutcome if each is not AlarmOutcome.no_show or kind in NO_SHOWS_OF]


@dataclass(frozen=True)
class Due:
    """An alarm that has to be there: of a person, or (None) of a whole roll that nobody has begun."""

    slot_id: int
    person_id: int | None
    site_id: int
    kind: AlarmKind


def list_due(
    stays: Iterable[Stay],
    marks: Mapping[tuple[int, int], Marked],
    begun: Collection[int],
    now: datetime,
    minutes: Mapping[str, Any],
) -> list[Due]:
    """Return every alarm that is due now. `begun` holds the class ids whose roll has had a tick today.

    Where nobody has begun the roll of a class, one alarm says so: forty children missing at once are a roll that
    was not taken, and forty alarms would hide the one child that is.
    """
    found: dict[tuple[int, int | None, AlarmKind], Due] = {}

    def add(stay: Stay, kind: AlarmKind, person_id: int | None) -> None:
        found.setdefault((stay.slot_id, person_id, kind), Due(stay.slot_id, person_id, stay.site_id, kind))

    def is_over(since: datetime, key: str) -> bool:
        return now >= since + timedelta(minutes=int(minutes[key]))

    for stay in stays:
        marked = marks.get(stay.key)
        mark = RollMark.cleared if marked is None else marked.mark
        if mark is RollMark.present and is_over(stay.ends_at, "unclaimed"):
            add(stay, AlarmKind.unclaimed, stay.person_id)
        if mark in THERE or mark is RollMark.absent or stay.excused is not None:
            continue
        if stay.class_id not in begun:
            if is_over(stay.starts_at, "roll"):
                add(stay, AlarmKind.roll, None)
        elif is_over(stay.starts_at, "missing"):
            add(stay, AlarmKind.missing, stay.person_id)
        elif stay.uses_escort and mark is RollMark.cleared and is_over(stay.starts_at, "gate"):
            add(stay, AlarmKind.gate, stay.person_id)
    return list(found.values())


def settles(kind: AlarmKind, mark: RollMark) -> AlarmOutcome | None:
    """Return the outcome that a mark of the roll gives an open alarm, if it gives one."""
    if kind is AlarmKind.unclaimed:
        return AlarmOutcome.with_family if mark is RollMark.handed_over else None
    if mark in THERE or (kind is AlarmKind.gate and mark is RollMark.collected):
        return AlarmOutcome.arrived
    return AlarmOutcome.excused if mark is RollMark.absent else None
