"""The first page of the morning: the plan in force, its gates, who is unplaced and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from babel.dates import get_day_names
from fastapi import APIRouter, Request, Response

from app.auth import CurrentActor, Reading
from app.language.catalogue import LOCALES, say
from app.language.reasons import gate_title, inherited_title, title
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
    monday = plan.effective_on - timedelta(days=plan.effective_on.weekday())
    values: dict[str, Any] = {
        "plan": plan,
        "clean": not any(plan.gates.get(gate, 0) for gate in GATES),
        "gates": [(gate_title(gate, language), plan.gates.get(gate, 0)) for gate in GATES],
        "reasons": [(title(row.reason, language), row.count) for row in count_by_reason(session, plan)],
        "kinds": count_by_kind(session, plan),
        "week": monday,
        "use": list_use(session, monday),
        "weekdays": list(get_day_names("abbreviated", locale=LOCALES[language]).values()),
        "inherited": [
            {
                "what": inherited_title(row.code, language),
                "subject": row.subject,
                "owner": say(row.owner, language),
            }
            for row in list_inherited(session, plan)
        ],
    }
    return render(request, "tonight.html", actor=actor, **values)
