"""The first page of the morning: the plan in force, its gates, who is unplaced and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from babel.dates import get_day_names
from fastapi import APIRouter, Request, Response

from app.auth import CurrentActor, Reading
from app.language.catalogue import LOCALES
from app.language.reasons import gate_title, title
from app.reports.queries import count_by_kind, count_by_reason, list_inherited
from app.reports.utilisation import list_use
from app.status.queries import GATES, find_published_plan
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_tonight(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show the published plan: counts only, the same for every role."""
    language = get_language(request)
    plan = find_published_plan(session)
    if plan is None:
        return render(request, "tonight.html", actor=actor, plan=None)
    # The first whole week that the plan's own places can be in: its notice period is over by then.
    monday = plan.effective_on + timedelta(days=14 - plan.effective_on.weekday())
    names = get_day_names("abbreviated", locale=LOCALES[language])
    values: dict[str, Any] = {
        "plan": plan,
        "clean": not any(plan.gates.get(gate, 0) for gate in GATES),
        "gates": [(gate_title(gate, language), plan.gates.get(gate, 0)) for gate in GATES],
        "gate_title": lambda gate: gate_title(gate, language),
        "reasons": [(title(row.reason, language), row.count) for row in count_by_reason(session, plan)],
        "kinds": count_by_kind(session, plan),
        "week": monday,
        "use": list_use(session, monday),
        "weekdays": [names[day] for day in range(7)],
        "inherited": list_inherited(session, plan),
    }
    return render(request, "tonight.html", actor=actor, **values)
