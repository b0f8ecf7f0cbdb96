"""Puts together what a move would do before anything is done: places, walking distance, siblings, ratio, rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.actor import Actor
from app.attendance.queries import list_roll_services
from app.attendance.targets import Target, list_siblings, list_targets
from app.bounds import read_id
from app.db import ReadSession
from app.language.days import say_pattern
from app.language.labels import label
from app.models import Person, Placement, Site
from app.models.enums import Channel, WishPart
from app.options.question import load_question
from app.web.coordinator.move_preview import Names, Planned, find_site, preview_move


@dataclass(frozen=True)
class Asked:
    """What a form or a drop asks for; `to` is `class.part`, a drop names `site.part` or `site.`."""

    from_on: date
    to: str = ""
    drop: str = ""
    with_ids: Sequence[int] | None = None
    """None: the siblings come along unless somebody unticks them."""
    said: dict[str, str] = field(default_factory=dict)
    """Reason and who agreed, as typed: kept when a conflict is answered."""


def load_move(
    session: ReadSession, actor: Actor, placement: Placement, asked: Asked, today: date, language: str
) -> dict[str, Any]:
    """Return everything that `coordinator/_move.html` names."""
    mine = {row.site_id for row in list_roll_services(session, actor)}
    targets = [
        row for row in list_targets(session, placement, max(asked.from_on, today)) if row.site_id in mine
    ]
    question = load_question(session, placement.need_id, today)
    names = Names(session, targets, question, language)
    siblings = list_siblings(session, placement)
    goal = _find_goal(targets, placement, asked)
    coming = [row for row in siblings if asked.with_ids is None or row.id in asked.with_ids]
    if goal is None:  # nothing is chosen yet: who comes along is a later question
        coming = []
    here = next((row for row in targets if row.is_present), None)
    person = session.get_one(Person, placement.person_id)
    next_best = _find_next_best(targets, placement, goal, len(coming) + 1, names)
    return {
        "placement_id": placement.id,
        "name": person.name,
        "pattern": say_pattern(placement.weekdays, placement.part, None, language),
        "from_on": asked.from_on,
        "here": "" if here is None else names.say(here),
        "targets": [
            {"key": name_target(row), "text": names.say_long(row), "is_present": row.is_present}
            for row in sorted(targets, key=names.order)
        ],
        "to": "" if goal is None else name_target(goal),
        "siblings": [
            {
                "id": row.id,
                "name": session.get_one(Person, row.person_id).name,
                "comes": row in coming,
                "where": _say_where(session, row, language),
            }
            for row in siblings
        ],
        "preview": None
        if goal is None
        else preview_move(
            session, Planned(placement, coming, siblings, goal, here, asked.from_on, today), names
        ),
        "channels": [Channel.phone, Channel.desk, Channel.online],
        "said": asked.said,
        "next_best": next_best,
        "best": None
        if next_best is None
        else {"text": names.say_long(next_best), "vals": _list_vals(next_best, coming, asked)},
        "conflict": "",
        "contested": False,
        "told": "",
    }


def name_target(target: Target) -> str:
    """Return the text that names a target in a form: class and part."""
    return f"{target.class_id}.{target.part.value}"


def parse_target(text: str) -> tuple[int, WishPart] | None:
    """Read what `name_target` wrote; None for anything else."""
    class_id, _, part = text.partition(".")
    try:
        return read_id(class_id), WishPart(part)
    except ValueError:
        return None


def _list_vals(target: Target, coming: Sequence[Placement], asked: Asked) -> str:
    """Return what a button sends to look at another target with the same children from the same day."""
    along = [row.id for row in coming]
    return json.dumps(
        {"to": name_target(target), "from": asked.from_on.isoformat(), "chosen": "true", "along": along}
    )


def _find_goal(targets: Sequence[Target], placement: Placement, asked: Asked) -> Target | None:
    if asked.drop:
        site_id, _, part = asked.drop.partition(".")
        wanted = part or placement.part.value
        return next((row for row in targets if (str(row.site_id), row.part.value) == (site_id, wanted)), None)
    return next((row for row in targets if name_target(row) == asked.to), None)


def _find_next_best(
    targets: Sequence[Target], placement: Placement, goal: Target | None, count: int, names: Names
) -> Target | None:
    """Return the nearest other target of the same wave with room for everybody."""
    part = placement.part if goal is None else goal.part
    room = [
        row
        for row in targets
        if row.part is part and row.left >= count and not row.is_present and row != goal
    ]
    return min(room, key=names.order, default=None)


def _say_where(session: ReadSession, placement: Placement, language: str) -> str:
    site = session.get_one(Site, find_site(session, placement))
    name = site.name_zh if language == "zh" else site.name_en or site.name_zh
    return f"{name} · {label(placement.part, language)}"
