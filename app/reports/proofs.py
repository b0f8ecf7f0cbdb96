"""What a plan's night proved, level by level of the published order: the first ones exactly, how near the others."""

from __future__ import annotations

from dataclasses import dataclass

from app.db import ReadSession
from app.models import Plan, PlanRun

EXACT = 0.000_005
"""A gap that no shown figure tells from zero."""


@dataclass(frozen=True)
class Proof:
    """`exact` of `levels` levels, from the first on, are proven best; `name` is that of the next one."""

    exact: int
    levels: int
    name: str


def find_open_level(session: ReadSession, plan: Plan) -> Proof | None:
    """Return where the proof of best ends; None where every level is proven or the night said nothing of its levels."""
    problems = session.get_one(PlanRun, plan.run_id).report.get("problems", [])
    levels = list(zip(*(problem["levels"] for problem in problems), strict=True))
    for exact, same in enumerate(levels):
        if any(each["gap"] is None or each["gap"] > EXACT for each in same):
            return Proof(exact, len(levels), same[0]["name"])
    return None
