"""Who may tick the roll, act on alarms and use the coordinator's pages: one row a route."""

from __future__ import annotations

from typing import Any, Final

from app.clock import today
from tests.security.rows import NOT_ALLOWED, Ids, R, Row, each

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


DAY: Final[dict[str, Row]] = {
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
    "POST /api/alarms/{alarm_id}/steps": Row(AT_THE_SITE, body=lambda _: {"note": "无人接听"}),
    "POST /api/alarms/{alarm_id}/close": Row(AT_THE_SITE, body=lambda _: {"outcome": "with_family"}),
}
