"""Who may open which page and press which button: one row a route, as for the API."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from tests.security.rows import ALL, AREA, DESK, NOT_ALLOWED, NOT_FOUND, Ids, R, Row


def linked_people(page: Any) -> list[int]:
    """Return the ids of the people whom a page links to."""
    return [int(found) for found in re.findall(r"/desk/people/(\d+)", str(page))]


def need_form(_ids: Ids) -> dict[str, Any]:
    """Return a filled-in form for a new need."""
    return {"kind": "day_care", "rhythm": "weekly", "part": "morning", "weekdays": ["0"]}


def option(ids: Ids) -> dict[str, Any]:
    """Return a form that names an option of the person's own class."""
    return {"key": f"{ids['class_id']}.1.morning.2026-11-30"}


ANSWER: Final = {"says": "yes", "by": "本人", "channel": "phone"}
DESK_PAGE: Final = Row(DESK, NOT_FOUND, page=True)
PLAN_PAGE: Final = Row(frozenset({R.manager}), NOT_ALLOWED, page=True, district=True)

PAGES: Final[dict[str, Row]] = {
    "GET /": Row(ALL, None, page=True),
    "GET /map": Row(ALL, None, page=True),
    "GET /map/data.json": Row(ALL, None, page=True),
    "GET /login": Row(ALL, None, public=True, page=True),
    "POST /login": Row(
        ALL, None, lambda _: {"name": "nobody", "password": "nothing"}, public=True, page=True
    ),
    "POST /logout": Row(ALL, None, page=True),
    "POST /language/{language}": Row(ALL, None, public=True, page=True),
    "GET /assets/{digest}/{name:path}": Row(ALL, None, public=True, page=True),
    "GET /coordinator/worker.js": Row(ALL, None, public=True, page=True),
    "GET /desk": replace(DESK_PAGE, foreign=None, ids=linked_people, mine="person_id"),
    "POST /desk/search": replace(
        DESK_PAGE, foreign=None, body=lambda _: {"text": "王桂英"}, ids=linked_people, mine="person_id"
    ),
    "POST /desk/follow-ups/{consultation_id}/done": DESK_PAGE,
    "GET /desk/people/{person_id}": DESK_PAGE,
    "GET /desk/people/{person_id}/live": DESK_PAGE,
    "GET /desk/people/{person_id}/week": DESK_PAGE,
    "GET /desk/people/{person_id}/map": DESK_PAGE,
    "GET /desk/people/{person_id}/map.json": DESK_PAGE,
    "GET /desk/people/{person_id}/plan.pdf": DESK_PAGE,
    "GET /desk/people/{person_id}/calendar.ics": DESK_PAGE,
    "GET /desk/people/{person_id}/needs/new": DESK_PAGE,
    "POST /desk/people/{person_id}/needs": replace(DESK_PAGE, body=need_form),
    "POST /desk/people/{person_id}/consents": replace(
        DESK_PAGE, body=lambda ids: {"given_by_id": str(ids["person_id"]), "channel": "desk"}
    ),
    "POST /desk/people/{person_id}/consents/{consent_id}/withdraw": DESK_PAGE,
    "POST /desk/people/{person_id}/consultations": replace(DESK_PAGE, body=lambda _: {"asked": "测试"}),
    "POST /desk/people/{person_id}/unmask": replace(
        DESK_PAGE, body=lambda _: {"field": "phone", "reason": "测试"}
    ),
    "GET /desk/needs/{need_id}": DESK_PAGE,
    "GET /desk/needs/{need_id}/live": DESK_PAGE,
    "GET /desk/needs/{need_id}/notice.pdf": DESK_PAGE,
    "POST /desk/needs/{need_id}/hold": replace(DESK_PAGE, body=option),
    "POST /desk/needs/{need_id}/choose": replace(DESK_PAGE, body=option),
    "POST /desk/needs/{need_id}/confirm": DESK_PAGE,
    "POST /desk/needs/{need_id}/release": DESK_PAGE,
    "POST /desk/needs/{need_id}/bookings/{booking_id}/cancel": replace(
        DESK_PAGE, using={"need_id": "booking_need_id"}
    ),
    "POST /desk/needs/{need_id}/place": replace(
        DESK_PAGE, body=lambda ids: option(ids) | {"by": "本人", "channel": "desk", "reason": "测试"}
    ),
    "POST /desk/needs/{need_id}/placements/{placement_id}/undo": replace(
        DESK_PAGE, using={"need_id": "placement_need_id"}
    ),
    "POST /desk/needs/{need_id}/placements/{placement_id}/answer": replace(
        DESK_PAGE, body=lambda _: ANSWER, using={"need_id": "offered_need_id", "placement_id": "offered_id"}
    ),
    "POST /desk/needs/{need_id}/wait": replace(
        DESK_PAGE, body=lambda ids: {"service_id": str(ids["service_id"])}
    ),
    "POST /desk/needs/{need_id}/waits/{entry_id}/leave": DESK_PAGE,
    "GET /plan/proposals": Row(AREA, None, page=True),
    "GET /coverage": Row(AREA, None, page=True),
    "GET /unmet": Row(AREA, None, page=True),
    "POST /unmet/{escalation_id}/close": Row(
        DESK | {R.manager}, NOT_FOUND, lambda _: {"outcome": "other_help"}, page=True
    ),
    "GET /shopping": Row(frozenset({R.manager, R.auditor}), None, page=True),
    "POST /shopping": replace(PLAN_PAGE, body=lambda _: {"budget": "2"}),
    "POST /shopping/offer": replace(
        PLAN_PAGE, body=lambda _: {"class_code": "X", "weekdays": "2", "room": "1", "volunteers": "0"}
    ),
    "GET /notices": Row(frozenset({R.manager, R.auditor}), None, page=True),
    "POST /notices/{notice_id}/retry": Row(frozenset({R.manager}), NOT_FOUND, page=True),
    "POST /plan/{plan_id}/approve": PLAN_PAGE,
    "POST /plan/{plan_id}/reject": replace(PLAN_PAGE, body=lambda _: {"reason": "测试"}),
    "GET /plan/{plan_id}/roll-back": PLAN_PAGE,
    "POST /plan/{plan_id}/roll-back": replace(PLAN_PAGE, body=lambda _: {"reason": "测试"}),
}
