"""Puts together what the morning page shows; reads only, the same figures for every role, buttons for the manager."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from babel.dates import get_day_names

from app.actor import Actor
from app.attendance.queries import list_open_alarms
from app.clock import now, today
from app.db import ReadSession
from app.errors import NotAllowed
from app.language.catalogue import LOCALES
from app.language.levels import level_title
from app.language.reasons import gate_title, title
from app.models import Plan
from app.models.enums import StaffRole
from app.reports.deciding import count_outcomes, find_waiting_draft, is_rolled_back
from app.reports.fairness import list_by_block, list_by_class
from app.reports.faults import name_subjects
from app.reports.proofs import EXACT, find_open_level
from app.reports.queries import count_by_kind, count_by_reason, list_inherited
from app.reports.utilisation import list_use
from app.reports.waiting import count_offers, count_urgent, list_ages, list_urgent
from app.scope import check_runs_district
from app.status.queries import GATES, find_published_plan


def decides(session: ReadSession, actor: Actor) -> bool:
    """Return whether the actor may approve, reject and roll back: a manager of the whole subdistrict."""
    if actor.role is not StaffRole.manager:
        return False
    try:
        check_runs_district(session, actor)
    except NotAllowed:
        return False
    return True


def load_morning(session: ReadSession, actor: Actor, language: str) -> dict[str, Any]:
    """Return everything that `manager/_morning.html` names."""
    plan, draft = find_published_plan(session), find_waiting_draft(session, today())
    values: dict[str, Any] = {
        "plan": plan,
        "draft": None if draft is None else _show_plan(session, draft, language),
        "decides": decides(session, actor),
        "is_rolled_back": plan is None and is_rolled_back(session),
        "told": "",
        "conflict": "",
        "ages": list_ages(session, today()),
        "offers": count_offers(session, now()),
        "alarms_open": len(list_open_alarms(session, actor)),
        "sees_board": actor.role in {StaffRole.manager, StaffRole.coordinator, StaffRole.site},
        "urgent_in_all": count_urgent(session, now()),
        "urgent": list_urgent(session, actor, now()),
    }
    if plan is None:
        return values
    # The first whole week that the plan's own places can be in: its notice period is over by then.
    monday = plan.effective_on + timedelta(days=14 - plan.effective_on.weekday())
    names = get_day_names("abbreviated", locale=LOCALES[language])
    return values | {
        "shown": _show_plan(session, plan, language),
        "is_best": plan.gap is not None and plan.gap <= EXACT,
        "proven": _show_proof(session, plan, language),
        "reasons": [(title(row.reason, language), row.count) for row in count_by_reason(session, plan)],
        "kinds": count_by_kind(session, plan),
        "classes": list_by_class(session, plan),
        "blocks": list_by_block(session, plan),
        "week": monday,
        "use": list_use(session, monday, plan.id),
        "weekdays": [names[day] for day in range(7)],
        "inherited": _show_inherited(session, plan, language, shows_people=decides(session, actor)),
    }


def _show_proof(session: ReadSession, plan: Plan, language: str) -> dict[str, Any] | None:
    """Return how many levels are proven best and the name of the next; None where all are, or none."""
    found = find_open_level(session, plan)
    if found is None or not found.exact:
        return None
    return {"exact": found.exact, "levels": found.levels, "next": level_title(found.name, language)}


def _show_inherited(
    session: ReadSession, plan: Plan, language: str, *, shows_people: bool
) -> list[dict[str, Any]]:
    """Return what was wrong before with owners and cases in words; names only for who decides on everybody."""
    rows = list_inherited(session, plan)
    subjects = [subject for row in rows for subject in row.subjects]
    names = name_subjects(session, subjects, language, shows_people=shows_people)
    return [
        {
            "title": gate_title(row.code, language),
            "owner": row.owner_zh if language == "zh" else row.owner_en,
            "count": len(row.subjects),
            "cases": list(dict.fromkeys(names[subject] for subject in row.subjects)),
        }
        for row in rows
    ]


def _show_plan(session: ReadSession, plan: Plan, language: str) -> dict[str, Any]:
    return {
        "plan": plan,
        "clean": not any(plan.gates.get(gate, 0) for gate in GATES),
        "gates": [(gate_title(gate, language), plan.gates.get(gate, 0)) for gate in GATES],
        "outcomes": {outcome.value: count for outcome, count in count_outcomes(session, plan.id).items()},
    }
