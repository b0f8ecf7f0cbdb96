"""Who may tick the roll, act on alarms and use the coordinator's pages: one row a route."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from app.clock import today
from tests.security.rows import BOOKERS, DESK, NOT_ALLOWED, NOT_FOUND, Ids, R, Row, each

AT_THE_SITE: Final = frozenset({R.coordinator, R.manager, R.site})


def tick(ids: Ids) -> dict[str, Any]:
    """Return a tick of the target's person."""
    return {
        "ticks": [
            {
                "tick_id": "tick-of-the-matrix",
                "slot_id": ids["slot_id"],
                "person_id": ids["person_id"],
                "mark": "present",
                "marked_at": "2026-11-30T08:00:00Z",
            }
        ]
    }


def linked_alarms(page: Any) -> list[int]:
    """Return the ids of the alarms that a page shows."""
    return [int(found) for found in re.findall(r'id="alarm-(\d+)"', str(page))]


PAPER: Final = {"name": "paper", "form": "paper_form"}
"""A paper's name and format are no ids: the targets name one of each."""

DAY: dict[str, Row] = {
    "GET /api/sites/{site_id}/roll": Row(AT_THE_SITE, NOT_ALLOWED),
    # Each tick is answered on its own: a foreign one is refused inside the reply (tests/app/attendance).
    "POST /api/roll/ticks": Row(AT_THE_SITE, None, tick),
    "POST /api/placements/{placement_id}/move": Row(
        frozenset({R.coordinator, R.manager}),
        body=lambda ids: {
            "class_id": ids["class_id"],
            "part": "afternoon",
            "from_on": today().isoformat(),
            "reason": "测试",
            "said_yes_by": "本人",
        },
    ),
    "GET /api/alarms": Row(AT_THE_SITE, None, ids=each("id"), mine="alarm_id"),
    "POST /api/slots/{slot_id}/alarms": Row(
        AT_THE_SITE, NOT_ALLOWED, body=lambda ids: {"person_id": ids["person_id"]}
    ),
    "POST /api/alarms/{alarm_id}/steps": Row(AT_THE_SITE, body=lambda _: {"note": "无人接听"}),
    "POST /api/alarms/{alarm_id}/close": Row(AT_THE_SITE, body=lambda _: {"outcome": "with_family"}),
}

SITE_PAGE: Final = Row(AT_THE_SITE, NOT_ALLOWED, page=True)
CHARGE: Final = frozenset({R.coordinator, R.manager})
ALARM: Final = Row(AT_THE_SITE, NOT_FOUND, page=True)

DAY |= {
    "GET /closures": Row(BOOKERS, None, page=True),
    "POST /closures": Row(
        CHARGE,
        NOT_ALLOWED,
        lambda ids: {
            "what": str(ids["site_id"]),
            "starts_on": "2027-03-03",
            "ends_on": "2027-03-04",
            "reason": "检修",
        },
        page=True,
    ),
    "POST /closures/{closure_id}/open-again": Row(
        CHARGE, NOT_ALLOWED, lambda _: {"from_on": "2027-02-01"}, page=True
    ),
    "GET /coordinator": Row(AT_THE_SITE, None, page=True, ids=linked_alarms, mine="alarm_id"),
    "GET /coordinator/live": Row(AT_THE_SITE, None, page=True, ids=linked_alarms, mine="alarm_id"),
    "GET /coordinator/sites/{site_id}": SITE_PAGE,
    "GET /coordinator/sites/{site_id}/live": SITE_PAGE,
    "GET /coordinator/sites/{site_id}/pack.pdf": SITE_PAGE,
    "GET /coordinator/sites/{site_id}/waitlist": SITE_PAGE,
    "GET /coordinator/sites/{site_id}/papers/{name}.{form}": replace(SITE_PAGE, using=PAPER),
    "GET /coordinator/sites/{site_id}/staff": replace(SITE_PAGE, roles=CHARGE),
    "POST /coordinator/sites/{site_id}/staff": replace(
        SITE_PAGE,
        roles=CHARGE,
        body=lambda ids: {
            "service_id": str(ids["service_id"]),
            "part": "morning",
            "staff": "2",
            "volunteers": "1",
            "version": "0.0",
        },
    ),
    "POST /coordinator/sites/{site_id}/places": replace(
        SITE_PAGE,
        roles=CHARGE,
        body=lambda ids: {
            "slot_id": str(ids["slot_id"]),
            "kind": "places",
            "capacity": "12",
            "version": "1",
            "reason": "测试",
        },
    ),
    "POST /coordinator/placements/{placement_id}/away": Row(
        AT_THE_SITE,
        NOT_FOUND,
        lambda _: {"first": "2026-11-30", "last": "2026-12-02", "kind": "hospital"},
        page=True,
    ),
    "GET /coordinator/placements/{placement_id}/move": Row(CHARGE, NOT_FOUND, page=True),
    "POST /coordinator/placements/{placement_id}/move": Row(
        CHARGE,
        NOT_FOUND,
        lambda ids: {
            "to": f"{ids['class_id']}.afternoon",
            "from": today().isoformat(),
            "reason": "测试",
            "by": "guardian",
            "channel": "phone",
        },
        page=True,
    ),
    "POST /desk/tasks/{task_id}/done": Row(DESK, NOT_FOUND, page=True),
    "POST /coordinator/alarms/{alarm_id}/contacts": ALARM,
    "POST /coordinator/alarms/{alarm_id}/step": ALARM,
    "POST /coordinator/alarms/{alarm_id}/close": replace(ALARM, body=lambda _: {"outcome": "with_family"}),
}
