"""Who may do what to whom, over the API: one row a route, written by hand; a route without a row fails the tests."""

from __future__ import annotations

from typing import Final

from app.clock import today
from tests.security.matrix_day import DAY
from tests.security.matrix_pages import PAGES
from tests.security.matrix_rounds import ROUNDS
from tests.security.matrix_run import RUN
from tests.security.rows import (
    ALL,
    AREA,
    BOOKERS,
    DESK,
    EDIT,
    NOT_ALLOWED,
    READERS,
    SITE_TOO,
    R,
    Row,
    each,
)

ANSWER: Final = {"by": "本人", "channel": "phone"}
REASON: Final = {"reason": "测试"}
LAST: Final = {"last_on": "2027-06-30"}

MATRIX: dict[str, Row] = {
    "POST /api/login": Row(ALL, None, lambda _: {"name": "nobody", "password": "nothing"}, public=True),
    "POST /api/logout": Row(ALL, None),
    "GET /api/me": Row(ALL, None),
    "GET /api/health": Row(ALL, None, public=True),
    "GET /api/ready": Row(ALL, None, public=True),
    "POST /api/night-requests": Row(frozenset({R.manager}), NOT_ALLOWED, district=True),
    "GET /metrics": Row(ALL, None, public=True),
    "GET /api/openapi.json": Row(ALL, None, public=True),
    "GET /api/areas": Row(ALL, None),
    "GET /api/areas/{area_id}/buildings": Row(ALL, None),
    "GET /api/sites": Row(ALL, None),
    "GET /api/sites/{site_id}": Row(ALL, None),
    "GET /api/services": Row(ALL, None),
    "GET /api/services/{service_id}": Row(ALL, None),
    "GET /api/slots": Row(ALL, None),
    "GET /api/slots/{slot_id}": Row(ALL, None),
    "PUT /api/slots/{slot_id}/capacity": Row(
        frozenset({R.coordinator, R.manager}),
        NOT_ALLOWED,
        lambda _: {"kind": "places", "capacity": 12, "reason": "测试"},
        headers=EDIT,
    ),
    "POST /api/people/search": Row(
        READERS, None, lambda _: {"text": "王桂英", "limit": 50}, ids=each("id"), mine="person_id"
    ),
    "GET /api/people/{person_id}": Row(READERS),
    "POST /api/people/{person_id}/unmask": Row(
        READERS - {R.auditor}, body=lambda _: {"fields": ["phone"], "reason": "测试"}
    ),
    "POST /api/people": Row(
        DESK,
        body=lambda ids: {
            "household_id": ids["household_id"],
            "name": "李四",
            "sex": "male",
            "born_on": "1950-01-01",
        },
    ),
    "PATCH /api/people/{person_id}": Row(DESK, body=lambda _: {"stairs": "stick"}, headers=EDIT),
    "POST /api/people/{person_id}/move": Row(
        DESK, body=lambda ids: {"household_id": ids["household_id"]}, headers=EDIT
    ),
    "POST /api/people/{person_id}/evidence": Row(
        DESK, body=lambda _: {"kind": "lives_alone", "valid_from": "2026-01-01"}
    ),
    "POST /api/people/{person_id}/evidence/{evidence_id}/end": Row(DESK, body=lambda _: LAST),
    "POST /api/people/{person_id}/consents": Row(
        DESK,
        body=lambda ids: {"purpose": "photos", "given_by_id": ids["person_id"], "given_on": "2026-01-01"},
    ),
    "POST /api/people/{person_id}/consents/{consent_id}/withdraw": Row(DESK),
    "POST /api/people/{person_id}/guardians": Row(
        DESK,
        body=lambda ids: {
            "guardian_id": ids["guardian_id"],
            "relation": "子女",
            "valid_from": "2026-01-01",
        },
    ),
    "POST /api/people/{person_id}/guardians/{guardianship_id}/end": Row(DESK, body=lambda _: LAST),
    "POST /api/people/{person_id}/pickups": Row(
        DESK, body=lambda _: {"adult_name": "张三", "relation": "叔叔", "valid_from": "2026-01-01"}
    ),
    "POST /api/people/{person_id}/pickups/{pickup_id}/end": Row(DESK, body=lambda _: LAST),
    "POST /api/households": Row(
        DESK, (422, "unknown_compound"), lambda ids: {"compound_id": ids["compound_id"]}
    ),
    "GET /api/households/{household_id}": Row(AREA),
    "GET /api/households/{household_id}/week": Row(AREA),
    "PATCH /api/households/{household_id}": Row(DESK, body=lambda _: {"floor": 1}, headers=EDIT),
    "GET /api/people/{person_id}/consultations": Row(DESK),
    "POST /api/people/{person_id}/consultations": Row(DESK, body=lambda _: {"asked": "测试"}),
    "GET /api/follow-ups": Row(DESK, None, ids=each("person_id"), mine="person_id"),
    "POST /api/consultations/{consultation_id}/followed-up": Row(DESK),
    "GET /api/needs": Row(READERS, None, ids=each("needs", "id"), mine="need_id"),
    "GET /api/needs/{need_id}": Row(READERS),
    "POST /api/needs": Row(
        DESK,
        body=lambda ids: {
            "person_id": ids["person_id"],
            "kind": "day_care",
            "rhythm": "weekly",
            "starts_on": today().isoformat(),
            "patterns": [{"weekdays": [0], "part": "morning"}],
        },
    ),
    "PATCH /api/needs/{need_id}": Row(DESK, body=lambda _: {"limit_metres": 400}, headers=EDIT),
    "POST /api/needs/{need_id}/withdraw": Row(DESK, headers=EDIT),
    "GET /api/bookings": Row(READERS, None, ids=each("id"), mine="booking_id"),
    "GET /api/bookings/{booking_id}": Row(READERS),
    "POST /api/bookings": Row(
        BOOKERS, body=lambda ids: {"need_id": ids["need_id"], "slot_id": ids["slot_id"]}
    ),
    "POST /api/bookings/{booking_id}/move": Row(BOOKERS, body=lambda ids: {"slot_id": ids["slot_id"]}),
    "DELETE /api/bookings/{booking_id}": Row(BOOKERS),
    "POST /api/slots/{slot_id}/holds": Row(BOOKERS, body=lambda ids: {"need_id": ids["need_id"]}),
    "POST /api/holds/{hold_id}/confirm": Row(BOOKERS),
    "DELETE /api/holds/{hold_id}": Row(BOOKERS),
    "GET /api/closures": Row(frozenset({R.coordinator, R.manager}), None, ids=each("id"), mine="closure_id"),
    "POST /api/closures/{closure_id}/open-again": Row(
        frozenset({R.coordinator, R.manager}),
        NOT_ALLOWED,
        lambda _: {"from_on": "2027-02-01"},
    ),
    "POST /api/closures": Row(
        frozenset({R.coordinator, R.manager}),
        NOT_ALLOWED,
        lambda ids: {
            "site_id": ids["site_id"],
            "starts_on": "2027-03-01",
            "ends_on": "2027-03-02",
            "reason": "检修",
        },
    ),
    "GET /api/placements": Row(READERS, None, ids=each("id"), mine="placement_id", query="?limit=1000"),
    "GET /api/placements/{placement_id}": Row(READERS),
    "POST /api/placements": Row(
        BOOKERS,
        body=lambda ids: {
            "need_id": ids["need_id"],
            "class_id": ids["class_id"],
            "weekdays": [0],
            "part": "morning",
            "reason": "测试",
            "said_yes_by": "本人",
        },
    ),
    "POST /api/placements/{placement_id}/pin": Row(BOOKERS, body=lambda _: REASON),
    "POST /api/placements/{placement_id}/unpin": Row(BOOKERS, body=lambda _: REASON),
    "POST /api/placements/{placement_id}/offer": Row(BOOKERS),
    "POST /api/placements/{placement_id}/accept": Row(BOOKERS, body=lambda _: ANSWER),
    "POST /api/placements/{placement_id}/decline": Row(BOOKERS, body=lambda _: ANSWER),
    "POST /api/placements/{placement_id}/site-confirm": Row(SITE_TOO),
    "POST /api/placements/{placement_id}/site-refuse": Row(SITE_TOO, body=lambda _: REASON),
    "POST /api/placements/{placement_id}/end": Row(BOOKERS, body=lambda _: LAST | REASON),
    "POST /api/placements/{placement_id}/withdraw": Row(BOOKERS),
    "POST /api/placements/{placement_id}/absences": Row(SITE_TOO, body=lambda ids: {"on": ids["on"]}),
    "DELETE /api/placements/{placement_id}/absences/{on}": Row(SITE_TOO),
    "GET /api/services/{service_id}/waitlist": Row(
        READERS, None, ids=lambda rows: [row["need_id"] for row in rows if row["need_id"]], mine="need_id"
    ),
    "POST /api/waitlist": Row(
        BOOKERS, body=lambda ids: {"need_id": ids["need_id"], "service_id": ids["service_id"]}
    ),
    "DELETE /api/waitlist/{entry_id}": Row(BOOKERS),
    "GET /api/needs/{need_id}/options": Row(AREA),
    "GET /api/plan": Row(AREA, None),
    "GET /api/plans": Row(AREA, None),
    "GET /api/plans/{plan_id}": Row(AREA, None),
    "GET /api/plans/{plan_id}/proposals": Row(AREA, None, ids=each("proposals", "id"), mine="proposal_id"),
    "GET /api/proposals/{proposal_id}": Row(AREA),
    "POST /api/plans/{plan_id}/approve": Row(frozenset({R.manager}), NOT_ALLOWED, district=True),
    "POST /api/plans/{plan_id}/reject": Row(
        frozenset({R.manager}), NOT_ALLOWED, lambda _: REASON, district=True
    ),
    "POST /api/plans/{plan_id}/roll-back": Row(
        frozenset({R.manager}), NOT_ALLOWED, lambda _: REASON, district=True
    ),
    "POST /api/proposals/{proposal_id}/accept": Row(BOOKERS, body=lambda _: ANSWER),
    "POST /api/proposals/{proposal_id}/reject": Row(BOOKERS, body=lambda _: ANSWER),
    "GET /api/notices": Row(
        frozenset({R.manager, R.auditor}), None, ids=each("id"), mine="notice_id", query="?limit=500"
    ),
    "POST /api/notices/{notice_id}/retry": Row(frozenset({R.manager})),
}

MATRIX |= DAY | PAGES | ROUNDS | RUN
