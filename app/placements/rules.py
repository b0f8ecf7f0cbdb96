"""The states of a placement and what leads from one to the next: pure.

| from      | act            | to        | when                                                              |
|-----------|----------------|-----------|-------------------------------------------------------------------|
| (none)    | draft          | draft     | a plan that is not published; it sets nothing aside               |
| draft     | publish        | proposed  | the plan is published and sets the place aside; nobody was told   |
| draft     | withdraw       | withdrawn | the plan is not published                                         |
| (none)    | place          | confirmed | by hand, the person or guardian having said yes                   |
| proposed  | offer          | offered   | the person is told and has some working days to answer            |
| proposed  | withdraw       | withdrawn | a later plan, a roll-back, or the need is withdrawn               |
| offered   | accept         | confirmed | the person or guardian says yes, and the site need not            |
| offered   | accept_for_now | offered   | the person says yes; the site still has its entry check or trial  |
| offered   | site_accept    | confirmed | the site says yes after the person did                            |
| offered   | site_refuse    | declined  | the site says no after the entry check or trial day               |
| offered   | decline        | declined  | the person or guardian says no                                    |
| offered   | expire         | expired   | nobody answered in time                                           |
| confirmed | start          | active    | the first day has come                                            |
| confirmed | step_back      | withdrawn | the person gives the place up before the first day                |
| confirmed | end            | ended     | a last day is set and has passed                                  |
| active    | end            | ended     | a last day is set and has passed                                  |

Nothing leads out of ended, declined, expired and withdrawn: a second chance is a new placement. No act of a plan
leads out of offered, confirmed or active: that would revoke what somebody was told. Twins and couples are offered
together, run out together, and are accepted by the last yes that any of them needs (agreeing.py). Who wishes to change has the new
place beside the old one: accepting it sets the old one's last day (transfers.py), nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from app.calendars.rules import Calendar
from app.models.enums import Origin, PlacementState


class Act(StrEnum):
    """What can be done to a placement."""

    publish = "publish"
    offer = "offer"
    withdraw = "withdraw"
    accept = "accept"
    accept_for_now = "accept_for_now"
    site_accept = "site_accept"
    site_refuse = "site_refuse"
    decline = "decline"
    expire = "expire"
    start = "start"
    step_back = "step_back"
    end = "end"


_P = PlacementState

TRANSITIONS: dict[tuple[PlacementState, Act], PlacementState] = {
    (_P.draft, Act.publish): _P.proposed,
    (_P.draft, Act.withdraw): _P.withdrawn,
    (_P.proposed, Act.offer): _P.offered,
    (_P.proposed, Act.withdraw): _P.withdrawn,
    (_P.offered, Act.accept): _P.confirmed,
    (_P.offered, Act.accept_for_now): _P.offered,
    (_P.offered, Act.site_accept): _P.confirmed,
    (_P.offered, Act.site_refuse): _P.declined,
    (_P.offered, Act.decline): _P.declined,
    (_P.offered, Act.expire): _P.expired,
    (_P.confirmed, Act.start): _P.active,
    (_P.confirmed, Act.step_back): _P.withdrawn,
    (_P.confirmed, Act.end): _P.ended,
    (_P.active, Act.end): _P.ended,
}


def find_next_state(state: PlacementState, act: Act) -> PlacementState | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def list_acts(state: PlacementState) -> list[Act]:
    """Return what can be done to a placement in a state."""
    return [act for (from_state, act) in TRANSITIONS if from_state is state]


def may_undo(origin: Origin, state: PlacementState, starts_on: date, today: date) -> bool:
    """Return whether one click takes a place back: what the desk itself gave and what has not begun.

    Anything else was promised by a plan, perhaps to a group that is placed together: it is ended with a reason.
    """
    return origin is Origin.desk and state is PlacementState.confirmed and starts_on > today


@dataclass(frozen=True)
class CutOff:
    """Until when an absence frees the place or meal: working days before the date, and a local time."""

    days_before: int
    at: time

    def find_moment(self, calendar: Calendar, on: date) -> datetime:
        """Return the last moment for a date on the office's own clock (without a zone)."""
        return datetime.combine(calendar.add_working_days(on, -self.days_before), self.at)


def parse_cut_off(text: str) -> CutOff:
    """Read a service's cut-off as `-1 15:00` (the working day before at three) or `0 08:00` (the day itself)."""
    try:
        days, _, at = text.partition(" ")
        cut_off = CutOff(-int(days), time.fromisoformat(at))
    except ValueError as fault:
        raise ValueError(f"a cut-off reads '-1 15:00', not {text!r}") from fault
    if cut_off.days_before < 0:
        raise ValueError(f"a cut-off lies on the day or before it, not after: {text!r}")
    return cut_off


def runs_on(weekdays: int, weekday: int | None) -> bool:
    """Return whether a pattern (bit 0 = Monday) has the weekday whose timetable runs; None: nothing runs."""
    return weekday is not None and bool(weekdays >> weekday & 1)
