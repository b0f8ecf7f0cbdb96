"""Who may look at a round and who may act on one, over the API and on pages: the staff, and the district's manager."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.security.rows import ALL, AREA, BOOKERS, NOT_ALLOWED, R, Row

ACT: Final = Row(frozenset({R.manager}), NOT_ALLOWED, district=True)
NUMBER: Final = {"public_number": "0317254", "source": "测试", "arose_on": "2026-01-05"}

ROUNDS: Final[dict[str, Row]] = {
    "GET /api/rounds": Row(ALL, None),
    "GET /api/rounds/{round_id}": Row(ALL, None),
    "GET /api/rounds/{round_id}/commitment": Row(ALL, None),
    "GET /api/rounds/{round_id}/list": Row(ALL, None),
    # Codes of everybody in the subdistrict stand in it.
    "GET /api/rounds/{round_id}/preview": Row(BOOKERS, NOT_ALLOWED, district=True),
    "POST /api/rounds": replace(
        ACT,
        body=lambda _: {
            "code": "R-X",
            "name": "测试轮次",
            "kind": "nursery",
            "opens_on": "2031-01-01",
            "closes_on": "2031-01-10",
            "publishes_on": "2031-01-20",
            "starts_on": "2031-02-01",
            "policy_version": "1",
        },
    ),
    **{f"POST /api/rounds/{{round_id}}/{act}": ACT for act in ("announce", "open", "close", "publish")},
    "POST /api/rounds/{round_id}/draw": replace(ACT, body=lambda _: NUMBER),
    "POST /api/rounds/{round_id}/cancel": replace(ACT, body=lambda _: {"reason": "测试"}),
    **{
        f"GET /rounds{rest}": Row(AREA, None, page=True)
        for rest in (
            "",
            "/{round_id}",
            "/{round_id}/commitment.json",
            "/{round_id}/list.json",
        )
    },
    **{
        f"POST /rounds/{{round_id}}/{act}": replace(ACT, page=True)
        for act in ("announce", "open", "close", "publish", "draw", "cancel")
    },
    "POST /rounds": replace(ACT, page=True),
}
