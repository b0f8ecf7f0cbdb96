"""What a notice goes through, when it may go out, and when it is tried again: pure.

| from    | act   | to      | when                                                                   |
|---------|-------|---------|------------------------------------------------------------------------|
| (none)  | put   | waiting | the event's own transaction writes it; a second one under the key is not |
| waiting | claim | waiting | a worker takes it for some minutes; whoever dies leaves it to the next   |
| waiting | send  | sent    | the channel took it                                                      |
| waiting | miss  | waiting | the channel failed; later again                                          |
| waiting | give_up | failed | the channel failed as often as the policy allows                        |
| failed  | retry | waiting | a manager wants it tried again                                           |

Nothing leads out of sent. Between `claim` and `send` lies the channel: a crash there sends twice, under the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from app.models.enums import NoticeState


class Act(StrEnum):
    """What can be done to a notice."""

    claim = "claim"
    send = "send"
    miss = "miss"
    give_up = "give_up"
    retry = "retry"


_N = NoticeState

TRANSITIONS: Final[Mapping[tuple[NoticeState, Act], NoticeState]] = {
    (_N.waiting, Act.claim): _N.waiting,
    (_N.waiting, Act.send): _N.sent,
    (_N.waiting, Act.miss): _N.waiting,
    (_N.waiting, Act.give_up): _N.failed,
    (_N.failed, Act.retry): _N.waiting,
}

_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True)
class Terms:
    """The policy of sending, as it is in force."""

    quiet_from: time
    quiet_to: time
    urgent: frozenset[str]
    """Templates that go out at night, too."""
    most_tries: int

    def is_quiet(self, local: datetime) -> bool:
        """Return whether people sleep; `local` is on Shanghai's clock. The hours may pass midnight."""
        at = local.time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to


def read_terms(quiet: Mapping[str, str], urgent: list[str], most_tries: int) -> Terms:
    """Return the terms of three policies; the hours read `21:00`."""
    return Terms(
        time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"]), frozenset(urgent), int(most_tries)
    )


def find_next_state(state: NoticeState, act: Act) -> NoticeState | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def after_miss(tries: int, terms: Terms) -> Act:
    """Return what a failed try leads to, `tries` counting it."""
    return Act.give_up if tries >= terms.most_tries else Act.miss


def find_wait(tries: int) -> timedelta:
    """Return how long to wait after so many failed tries: twice as long each time, up to six hours."""
    doubled: int = 2 ** (min(tries, 20) - 1)
    return min(_LONGEST_WAIT, _FIRST_WAIT * doubled)


def make_key(template: str, code: str, *more: Any) -> str:
    """Return the unique key of a notice: what it tells, about whom, which time."""
    return ":".join([template, code, *(str(part) for part in more)])[:120]
