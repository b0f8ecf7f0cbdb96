"""The sample's dated policy data: policies, price rules with their sources, rounds. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.areas.rules import HUANGPU
from app.models import Policy, PriceRule, Round
from app.models.enums import Mode, RoundState, ServiceKind
from app.policies.rules import DEFAULT_POLICIES, DEFAULTS
from app.priority.rules import describe_order
from app.rounds.commitment import digest, find_public_key, hash_secret, make_policy_file
from app.sample.rows import Row, Rows

POLICY_VERSION: Final = "SYN-2026-1"


def _fen(yuan: int) -> int:
    return yuan * 100


PRICE_RULES: Final[tuple[tuple[str, dict[str, Any], int, int, int | None, int | None, str], ...]] = (
    ("SYN-R01", {"age_from": 60, "age_to": 79}, 10, 0, None, None, "助餐优惠：60-79岁九折（普陀，2025-12，V）"),
    ("SYN-R02", {"age_from": 80}, 15, 0, None, None, "助餐优惠：80岁以上八五折（普陀，2025-12，V）"),
    ("SYN-R03", {"age_from": 60, "evidence": "low_income", "minimum_fen": _fen(8)}, 0, _fen(5), _fen(5), None,
     "助餐补贴：低收入满8元减5元，每人每日一次（普陀，2025-12，V）"),
    ("SYN-R04", {"age_from": 60, "age_to": 79, "minimum_fen": _fen(15)}, 0, _fen(2), _fen(2), None,
     "助餐补贴：60-79岁满15元减2元（普陀，2025-12，V）"),
    ("SYN-R05", {"age_from": 80, "minimum_fen": _fen(15)}, 0, _fen(3), _fen(3), None,
     "助餐补贴：80岁以上满15元减3元（普陀，2025-12，V）"),
    ("SYN-R06", {"age_from": 80, "registered_here": True, "minimum_fen": _fen(15)}, 0, _fen(4), None, 5,
     "助餐补贴：80岁以上户籍在本街道，每月5次满15元减4元（瑞金二路，V）"),
    ("SYN-R07", {"minimum_fen": _fen(30)}, 0, _fen(5), None, None, "长者食堂满30元减5元（五里桥，V）"),
)  # fmt: skip
"""Code, conditions, percent off, fen off, cap a day, times a month, source; in the order in which they stack."""


@dataclass(frozen=True)
class Rounds:
    """The open round of the next holiday class."""

    row: Row
    opens_on: date
    starts_on: date


def build_policies(rows: Rows, today: date, next_holidays_on: date | None) -> Rounds:
    """Add policies in force, price rules and two rounds; returns the one whose window is open."""
    since = date(today.year - 1, 1, 1)
    values: dict[str, tuple[Any, str]] = {
        key: (default.value, default.source) for key, default in DEFAULTS.items()
    }
    values["district_bounds"] = (list(HUANGPU), "黄浦区外扩约500米（K）")
    for key, (value, source) in values.items():
        rows.add(Policy, key=key, value=value, valid_from=since, valid_to=None, source=source)
    for order, (code, conditions, percent, fen, cap, quota, source) in enumerate(PRICE_RULES, 1):
        rows.add(
            PriceRule, code=code, service_id=None, kind=ServiceKind.canteen, conditions=conditions,
            percent_off=percent, amount_off_fen=fen, per_day_cap_fen=cap, per_month_quota=quota,
            stacking_order=order, valid_from=since, valid_to=None, source=source,
        )  # fmt: skip
    opens_on = today - timedelta(days=20)
    starts_on = max(today + timedelta(days=35), next_holidays_on or today)
    _add_round(
        rows,
        "SYN-T1",
        ServiceKind.after_school,
        "上一轮晚托班报名",
        today - timedelta(days=120),
        None,
    )
    row = _add_round(rows, "SYN-T2", ServiceKind.holiday_class, "下一轮假期班报名", opens_on, starts_on)
    return Rounds(row, opens_on, starts_on)


def _add_round(
    rows: Rows, code: str, kind: ServiceKind, name: str, opens_on: date, starts_on: date | None
) -> Row:
    """Add a round; one that is over (`starts_on` None) has published its secret and its public number."""
    secret = _hash(f"synthetic secret of {code}")
    private = _hash(f"synthetic key of {code}")
    closes_on = opens_on + timedelta(days=28)
    order = describe_order(DEFAULT_POLICIES)
    policy = make_policy_file(code, kind, Mode.stable, POLICY_VERSION, order)
    is_over = starts_on is None
    return rows.add_sealed(
        Round, code, {"hidden_secret": secret, "hidden_list_key": private},
        code=code, kind=kind, name_zh=name, opens_on=opens_on, closes_on=closes_on,
        publishes_on=closes_on + timedelta(days=5), starts_on=starts_on or closes_on + timedelta(days=14),
        mode=Mode.stable, policy_version=POLICY_VERSION,
        state=RoundState.published if is_over else RoundState.open,
        secret_hash=hash_secret(secret), policy_hash=digest(policy), policy_file=policy,
        list_key=find_public_key(private), secret=secret if is_over else None,
        public_number="0317254" if is_over else None,
        public_number_source="福利彩票“3D”开奖号（示例）" if is_over else None,
        public_number_on=closes_on + timedelta(days=2) if is_over else None,
    )  # fmt: skip


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
