"""Who may do what with what the worker makes: raised needs, run sheets, meals, packs."""

from __future__ import annotations

from typing import Final

from tests.security.rows import AREA, BOOKERS, EDIT, NOT_ALLOWED, R, Row, each

AT_THE_SITE: Final = frozenset({R.coordinator, R.manager, R.site})

RUN: Final[dict[str, Row]] = {
    "GET /api/escalations": Row(AREA, None, ids=each("id"), mine="escalation_id"),
    "POST /api/escalations/{escalation_id}/close": Row(
        BOOKERS, body=lambda _: {"outcome": "other_help", "note": "已加餐"}
    ),
    "POST /api/escalations/{escalation_id}/assign": Row(
        BOOKERS, body=lambda ids: {"owner_id": ids["boss_id"]}
    ),
    "GET /api/kitchen": Row(AT_THE_SITE, None),
    "GET /api/services/{service_id}/meals": Row(AT_THE_SITE, using={"service_id": "canteen_id"}),
    "POST /api/slots/{slot_id}/walk-ins": Row(AT_THE_SITE, NOT_ALLOWED),
    "DELETE /api/walk-ins/{walk_in_id}": Row(AT_THE_SITE, NOT_ALLOWED),
    "GET /api/run-sheets": Row(AT_THE_SITE, None),
    "PUT /api/slots/{slot_id}/run-sheet": Row(
        AT_THE_SITE, NOT_ALLOWED, lambda ids: {"need_ids": [ids["need_id"]]}, headers=EDIT
    ),
    "GET /api/escorts": Row(AT_THE_SITE, None),
    "GET /visits": Row(AT_THE_SITE, None, page=True),
    "POST /visits/slots/{slot_id}/move": Row(
        AT_THE_SITE,
        NOT_ALLOWED,
        lambda ids: {"need_id": str(ids["need_id"]), "by": "1", "version": "1"},
        page=True,
    ),
    "GET /visits/visits.pdf": Row(AT_THE_SITE, None, page=True),
    "GET /escorts": Row(AT_THE_SITE, None, page=True),
    "GET /escorts/escorts.pdf": Row(AT_THE_SITE, None, page=True),
    "GET /kitchen": Row(AT_THE_SITE, None, page=True),
    "GET /kitchen/kitchen.pdf": Row(AT_THE_SITE, None, page=True),
    "GET /kitchen/kitchen.xlsx": Row(AT_THE_SITE, None, page=True),
    "POST /kitchen/slots/{slot_id}/tick": Row(AT_THE_SITE, NOT_ALLOWED, page=True),
    "POST /kitchen/slots/{slot_id}/untick": Row(AT_THE_SITE, NOT_ALLOWED, page=True),
}
