"""The shopping list: which few increments, across services, would serve the most unmet need; worked out on request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from app.auth import CurrentActor, CurrentContext, CurrentDatabase, Reading, require
from app.db import ReadSession
from app.errors import DomainError
from app.language.days import say_weekdays
from app.language.labels import label
from app.models.enums import StaffRole
from app.reports.changes import load_wishes
from app.scope import check_runs_district
from app.shopping.commands import ShoppingList, read_kept, work_out
from app.shopping.queries import load_class_names, load_wanting
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)
MOST = 12
NO_LIST: dict[str, Any] = {"made": None, "fault": ""}

Budget = Annotated[int, Form(ge=1, le=MOST)]


@router.get("/shopping", dependencies=[require(StaffRole.manager, StaffRole.auditor)])
def show_list(request: Request, actor: CurrentActor, session: Reading, context: CurrentContext) -> Response:
    """Show the list that was worked out last, and the form for a new one."""
    kept = read_kept(context.settings.data)
    values = NO_LIST if kept is None else _show(session, kept, get_language(request))
    can_ask = actor.role is StaffRole.manager
    return render(request, "manager/shopping.html", actor=actor, most=MOST, can_ask=can_ask, **values)


@router.post("/shopping", dependencies=[require(StaffRole.manager)])
def work_list_out(
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    context: CurrentContext,
    budget: Budget = 3,
) -> Response:
    """Work the list out now (some ten seconds at a whole subdistrict) and show it; nothing in the record changes."""
    language = get_language(request)
    with database.reading() as session:
        check_runs_district(session, actor)
    try:
        made = work_out(database, context.settings.data, budget, lambda _step, _share: None)
    except DomainError as refused:
        values = NO_LIST | {"fault": refused.sentence(language)}
        return render(request, "manager/_shopping.html", actor=actor, status=refused.status, **values)
    with database.reading() as session:
        return render(request, "manager/_shopping.html", actor=actor, **_show(session, made, language))


def _show(session: ReadSession, made: ShoppingList, language: str) -> dict[str, Any]:
    names = load_class_names(session, [each.class_code for each in made.bought])
    ids = [*made.elsewhere, *(need_id for each in made.bought for need_id in each.need_ids)]
    people, wishes = load_wanting(session, ids), load_wishes(session, ids)

    def show_needs(need_ids: list[int]) -> list[dict[str, Any]]:
        return [
            {
                "name": people[each].name,
                "kind": people[each].kind,
                "wish": f"{say_weekdays(wishes[each].weekdays, language)} {label(wishes[each].part, language)}"
                if each in wishes and wishes[each].weekdays
                else "",
            }
            for each in need_ids
            if each in people
        ]

    return {
        "made": made,
        "fault": "",
        "made_at": datetime.fromisoformat(made.made_at),
        "rows": [
            {
                "site": names[each.class_code].site_zh
                if language == "zh"
                else names[each.class_code].site_en,
                "class": names[each.class_code].class_zh,
                "kind": names[each.class_code].kind,
                "days": say_weekdays(each.weekdays, language),
                "more": [f"+{amount} {label(kind, language)}" for kind, amount in each.amounts.items()],
                "needs": show_needs(each.need_ids),
            }
            for each in made.bought
            if each.class_code in names
        ],
        "elsewhere": show_needs(made.elsewhere),
    }
