"""What a move would change, before it is done: distance, siblings, adults, rules; and targets in words. Decides nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.attendance.rules import Ratio
from app.attendance.targets import Change, Target, list_changes
from app.db import ReadSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import label
from app.models import CareClass, Person, Placement, Service, Site
from app.models.enums import WishPart
from app.options.question import Question
from app.placements.moving import check_group, find_move
from app.web.coordinator.board import LIGHTS
from app.web.coordinator.site_desk import say_refusal


class Names:
    """Says targets in the reader's language; distances are looked up once."""

    def __init__(
        self, session: ReadSession, targets: Sequence[Target], question: Question, language: str
    ) -> None:
        self.language = language
        rows = session.scalars(select(Site).where(Site.id.in_({row.site_id for row in targets})))
        zh = language == "zh"
        self._sites = {row.id: row.name_zh if zh else row.name_en or row.name_zh for row in rows}
        self._question = question

    @property
    def has_gate(self) -> bool:
        """Whether the child comes from a school gate."""
        return self._question.need.gate_site_id is not None

    def find_metres(self, target: Target, *, from_gate: bool) -> float:
        """Return metres on foot to a target: from the school gate where there is one, else from home."""
        reach, need = self._question.ground.reach, self._question.need
        if from_gate and need.gate_site_id is not None:
            return reach.find_gate_metres(need.gate_site_id, target.site_id)
        return reach.find_metres(self._question.person.home.compound_id, target.site_id)

    def order(self, target: Target) -> tuple[float, str, int]:
        """Return the key that sorts targets, the nearest first."""
        part = list(WishPart).index(target.part)
        return self.find_metres(target, from_gate=True), self._sites[target.site_id], part

    def say(self, target: Target) -> str:
        """Return site and wave."""
        return f"{self._sites[target.site_id]} · {label(target.part, self.language)}"

    def say_long(self, target: Target) -> str:
        """Return site, wave, places left and distance, as a list to choose from shows it."""
        metres = self.find_metres(target, from_gate=True)
        far = (
            ""
            if math.isinf(metres)
            else (f" · {metres:.0f} 米" if self.language == "zh" else f" · {metres:.0f} m")
        )
        left = f" · 余 {target.left}" if self.language == "zh" else f" · {target.left} left"
        return f"{self.say(target)}{left}{far}"

    def show_metres(self, target: Target | None, *, from_gate: bool) -> int | None:
        """Return metres for a table; None where there is no way."""
        metres = math.inf if target is None else self.find_metres(target, from_gate=from_gate)
        return None if math.isinf(metres) else round(metres)

    def say_site(self, site_id: int) -> str:
        """Return the name of a target's site."""
        return self._sites[site_id]


@dataclass(frozen=True)
class Planned:
    """A move that somebody looks at: who, with whom of the siblings, from where to where, when."""

    placement: Placement
    coming: Sequence[Placement]
    siblings: Sequence[Placement]
    goal: Target
    here: Target | None
    from_on: date
    today: date


def preview_move(session: ReadSession, plan: Planned, names: Names) -> dict[str, Any]:
    """Return what the move would change; nothing is done."""
    moving = [plan.placement, *plan.coming]
    goal, here = plan.goal, plan.here
    on, changes = list_changes(session, moving, goal.service_id, goal.part, plan.from_on)
    apart = [
        row for row in plan.siblings if row not in plan.coming and find_site(session, row) != goal.site_id
    ]
    return {
        "goal": names.say(goal),
        "on_text": say_date(on, names.language),
        "left": goal.left,
        "wanted": len(moving),
        "fits": goal.left >= len(moving),
        "uses_reserve": len(moving) > goal.left - goal.held_back,
        "has_gate": names.has_gate,
        "gate_before": names.show_metres(here, from_gate=True),
        "gate_after": names.show_metres(goal, from_gate=True),
        "home_before": names.show_metres(here, from_gate=False),
        "home_after": names.show_metres(goal, from_gate=False),
        "apart": [session.get_one(Person, row.person_id).name for row in apart],
        "together": [session.get_one(Person, row.person_id).name for row in plan.coming],
        "changes": [_show_change(row, names) for row in changes],
        "refusal": _find_refusal(session, plan, moving, names.language),
    }


def _find_refusal(session: ReadSession, plan: Planned, moving: Sequence[Placement], language: str) -> str:
    try:
        check_group(session, [row.need_id for row in moving], plan.goal.class_id)
        for row in moving:
            find_move(session, row, plan.goal.class_id, plan.goal.part, plan.from_on, plan.today)
    except DomainError as refused:
        return say_refusal(refused, language)
    return ""


def _show_change(change: Change, names: Names) -> dict[str, Any]:
    return {
        "site": names.say_site(change.site_id),
        "part": label(change.part, names.language),
        "before": _show_ratio(change.before, names.language),
        "after": _show_ratio(change.after, names.language),
        "is_worse": change.is_worse,
    }


def _show_ratio(ratio: Ratio, language: str) -> dict[str, Any]:
    colour, text = LIGHTS[ratio.light]
    return {
        "colour": colour,
        "text": say(text, language),
        "inside": ratio.expected,
        "adults": ratio.adults,
        "needed": ratio.needed,
    }


def find_site(session: ReadSession, placement: Placement) -> int:
    """Return the site of a placement."""
    return session.scalars(
        select(Service.site_id)
        .join(CareClass, CareClass.service_id == Service.id)
        .where(CareClass.id == placement.class_id)
    ).one()
