"""Who may do what with what the worker makes: raised needs, run sheets, meals, packs."""

from __future__ import annotations

from typing import Final

from tests.security.rows import AREA, BOOKERS, Row, each

RUN: Final[dict[str, Row]] = {
    "GET /api/escalations": Row(AREA, None, ids=each("id"), mine="escalation_id"),
    "POST /api/escalations/{escalation_id}/close": Row(
        BOOKERS, body=lambda _: {"outcome": "other_help", "note": "已加餐"}
    ),
    "POST /api/escalations/{escalation_id}/assign": Row(
        BOOKERS, body=lambda ids: {"owner_id": ids["boss_id"]}
    ),
}
