"""The states of a plan and what leads from one to the next: pure.

| from      | act       | to          | when                                                                |
|-----------|-----------|-------------|---------------------------------------------------------------------|
| none      | draft     | draft       | a night wrote it whole; it sets nothing aside                        |
| draft     | publish   | published   | by the night itself, or a manager approves it; rebased once more     |
| draft     | reject    | rejected    | a manager says no, or the run that wrote it never ended              |
| published | supersede | superseded  | a later plan is published in the same transaction                    |
| published | roll_back | rolled_back | a manager takes it back: only what nobody was told of is withdrawn   |

At most one plan is published. Nothing leads out of rejected, superseded and rolled_back: an earlier plan never comes
back, the next night makes another.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.models.enums import PlanState


class PlanAct(StrEnum):
    """What can be done to a plan."""

    publish = "publish"
    reject = "reject"
    supersede = "supersede"
    roll_back = "roll_back"


_P = PlanState

TRANSITIONS: Final[dict[tuple[PlanState, PlanAct], PlanState]] = {
    (_P.draft, PlanAct.publish): _P.published,
    (_P.draft, PlanAct.reject): _P.rejected,
    (_P.published, PlanAct.supersede): _P.superseded,
    (_P.published, PlanAct.roll_back): _P.rolled_back,
}


def find_next_state(state: PlanState, act: PlanAct) -> PlanState | None:
    """Return where an act leads from a plan's state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))
