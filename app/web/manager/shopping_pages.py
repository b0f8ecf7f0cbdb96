"""The shopping list, and a partner's offer: what would serve the most unmet need, and whom; worked out on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import Field

from app.auth import CurrentActor, CurrentContext, CurrentDatabase, Reading, require
from app.db import ReadSession
from app.errors import DomainError
from app.language.days import say_weekdays
from app.language.labels import label
from app.models.enums import CapacityKind, StaffRole
from app.reports.changes import load_wishes
from app.scope import check_runs_district
from app.shopping.commands import ShoppingList, read_kept, work_out
from app.shopping.offers import Answer, answer_offer
from app.shopping.queries import ClassName, list_offerable, load_class_names, load_wanting
from app.shopping.rules import Offer
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)
MOST = 12
NO_LIST: dict[str, Any] = {"made": None, "fault": ""}

Budget = Annotated[int, Form(ge=1, le=MOST)]
MOST_ROOM = 200
MOST_VOLUNTEERS = 40


@router.get("/shopping", dependencies=[require(StaffRole.manager, StaffRole.auditor)])
def show_list(request: Request, actor: CurrentActor, session: Reading, context: CurrentContext) -> Response:
    """Show the list that was worked out last, and the form for a new one."""
    kept = read_kept(context.settings.data)
    values = NO_LIST if kept is None else _show(session, kept, get_language(request))
    language = get_language(request)
    classes = [
        (code, one.kind, _name_site(one, language), _name_class(one, language))
        for code, one in list_offerable(session).items()
    ]
    return render(
        request,
        "manager/shopping.html",
        actor=actor,
        most=MOST,
        most_room=MOST_ROOM,
        most_volunteers=MOST_VOLUNTEERS,
        classes=classes,
        can_ask=actor.role is StaffRole.manager,
        answer=None,
        refused="",
        **values,
    )


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


def read_offer(
    class_code: Annotated[str, Form(max_length=64)],
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Form(max_length=7)] = [],  # noqa: B006 - a form field's default is never changed
    room: Annotated[int, Form(ge=0, le=MOST_ROOM)] = 0,
    volunteers: Annotated[int, Form(ge=0, le=MOST_VOLUNTEERS)] = 0,
) -> Offer:
    """Return the form as an offer."""
    bits = sum(1 << day for day in set(weekdays))
    return Offer(class_code, bits, room, volunteers)


@router.post("/shopping/offer", dependencies=[require(StaffRole.manager)])
def weigh_offer(
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    offer: Annotated[Offer, Depends(read_offer)],
) -> Response:
    """Work out whom a partner's offer would serve; nothing in the record changes."""
    language = get_language(request)
    with database.reading() as session:
        check_runs_district(session, actor)
    try:
        made = answer_offer(database, offer, lambda _step, _share: None)
    except DomainError as refused:
        told = refused.sentence(language)
        return render(
            request, "manager/_offer.html", actor=actor, status=refused.status, answer=None, refused=told
        )
    with database.reading() as session:
        answer = _show_answer(session, made, language)
    return render(request, "manager/_offer.html", actor=actor, answer=answer, refused="")


def _show_answer(session: ReadSession, made: Answer, language: str) -> dict[str, Any]:
    name = load_class_names(session, [made.offer.class_code])[made.offer.class_code]
    show_needs = _make_shower(session, [*made.served, *made.elsewhere], language)
    return {
        "made": made,
        "served": show_needs(made.served),
        "elsewhere": show_needs(made.elsewhere),
        "site": _name_site(name, language),
        "class": _name_class(name, language),
        "kind": name.kind,
        "days": say_weekdays(made.offer.weekdays, language),
        "adds": _say_more(made.adds, language),
        "short": [(label(kind, language), count) for kind, count in made.still_short],
    }


def _name_site(name: ClassName, language: str) -> str:
    return name.site_zh if language == "zh" else name.site_en


def _name_class(name: ClassName, language: str) -> str:
    return name.class_zh if language == "zh" else name.class_en


def _say_more(amounts: Mapping[CapacityKind, int], language: str) -> list[str]:
    return [f"{label(kind, language)} +{amount}" for kind, amount in amounts.items()]


def _make_shower(
    session: ReadSession, need_ids: Sequence[int], language: str
) -> Callable[[Sequence[int]], list[dict[str, Any]]]:
    """Return what shows some of these needs with whose they are; read once for all."""
    people, wishes = load_wanting(session, need_ids), load_wishes(session, need_ids)

    def show(ids: Sequence[int]) -> list[dict[str, Any]]:
        return [
            {
                "name": people[each].name,
                "kind": people[each].kind,
                "wish": f"{say_weekdays(wishes[each].weekdays, language)} {label(wishes[each].part, language)}"
                if each in wishes and wishes[each].weekdays
                else "",
            }
            for each in ids
            if each in people
        ]

    return show


def _show(session: ReadSession, made: ShoppingList, language: str) -> dict[str, Any]:
    names = load_class_names(session, [each.class_code for each in made.bought])
    ids = [*made.elsewhere, *(need_id for each in made.bought for need_id in each.need_ids)]
    show_needs = _make_shower(session, ids, language)
    return {
        "made": made,
        "fault": "",
        "made_at": datetime.fromisoformat(made.made_at),
        "rows": [
            {
                "site": _name_site(names[each.class_code], language),
                "class": _name_class(names[each.class_code], language),
                "kind": names[each.class_code].kind,
                "days": say_weekdays(each.weekdays, language),
                "more": _say_more(each.amounts, language),
                "needs": show_needs(each.need_ids),
            }
            for each in made.bought
            if each.class_code in names
        ],
        "elsewhere": show_needs(made.elsewhere),
    }
