"""The sample's dated policy data: policies, price rules with their sources, rounds. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.areas.rules import HUANGPU
from app.models import CareClass, Policy, PriceRule, Round
from app.models.enums import Mode, RoundState, ServiceKind
from app.policies.rules import DEFAULT_POLICIES, DEFAULTS
from app.priority.rules import describe_order, draw_number
from app.rounds.commitment import (
    digest,
    find_public_key,
    hash_entries,
    hash_secret,
    make_commitment,
    make_policy_file,
    make_seed,
    sign,
)
from app.rounds.listing import LIST, Entry, Outcome, count_bands, find_cutoffs, make_rows
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
    number = "0317254"
    past = _list_past(rows, make_seed(secret, number)) if is_over else []
    dates = {
        "opens_on": opens_on,
        "closes_on": closes_on,
        "publishes_on": closes_on + timedelta(days=5),
        "starts_on": starts_on or closes_on + timedelta(days=14),
    }
    source, arose_on = "福利彩票“3D”开奖号（示例）", closes_on + timedelta(days=2)
    document: dict[str, Any] = {}
    if is_over:
        listed = make_rows(past)
        document = {
            "format": LIST,
            "commitment": make_commitment(
                code=code, name=name, dates=dates, policy=policy, secret_hash=hash_secret(secret),
                policy_hash=digest(policy), list_key=find_public_key(private),
            ),
            "secret": secret, "public_number": number, "public_number_source": source,
            "public_number_on": arose_on.isoformat(),
            "entries_sha256": hash_entries([each.need for each in past]),
            "effective_on": dates["publishes_on"].isoformat(),
            "bands": count_bands(listed), "rows": listed, "cutoffs": find_cutoffs(listed),
        }  # fmt: skip
        document |= {"signature": sign(private, document)}
    return rows.add_sealed(
        Round, code, {"hidden_secret": secret, "hidden_list_key": private},
        code=code, kind=kind, name_zh=name, **dates, mode=Mode.stable, policy_version=POLICY_VERSION,
        state=RoundState.published if is_over else RoundState.open,
        secret_hash=hash_secret(secret), policy_hash=digest(policy), policy_file=policy,
        list_key=find_public_key(private), secret=secret if is_over else None,
        public_number=number if is_over else None, public_number_source=source if is_over else None,
        public_number_on=arose_on if is_over else None,
        entries=sorted(each.need for each in past) if is_over else None,
        published_list=document or None,
    )  # fmt: skip


PAST_CLASSES: Final = {4: 3, 3: 8, 2: 17, 1: 20}
PAST_PLACES = 36


def _list_past(rows: Rows, seed: str) -> list[Entry]:
    """Return who took part in the last round, by code: the best of the order in the after-school classes in turn."""
    classes = sorted(
        row["code"] for row in rows.tables[CareClass] if row["service_id"]["kind"] is ServiceKind.after_school
    )[: PAST_PLACES // 6]
    people = [(class_, number) for class_, count in PAST_CLASSES.items() for number in range(count)]
    mixed = sorted(people, key=lambda one: _hash(f"{one}"))  # a code says nothing about the class
    codes = [(class_, f"SYN-T1-{number:03d}") for number, (class_, _) in enumerate(mixed, 1)]
    ordered = sorted(codes, key=lambda one: (-one[0], draw_number(seed, one[1])))
    return [
        Entry(code, draw_number(seed, code), class_, Outcome.placed, classes[place % len(classes)])
        if place < PAST_PLACES and classes
        else Entry(code, draw_number(seed, code), class_, Outcome.waiting)
        for place, (class_, code) in enumerate(ordered)
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
