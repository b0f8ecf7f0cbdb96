"""Sheets of dated policy data: policies, price rules, rounds. Declarations only."""

from __future__ import annotations

from app.models import Policy, PriceRule, Round
from app.models.enums import Mode, RoundState, ServiceKind
from app.workbook.sheet import Column, Kind, Sheet, choice, code, count, day, refer, valid_from_to

POLICIES = Sheet(
    "policies", "政策参数", "Policies", Policy,
    (
        Column("key", "参数", "Key", required=True, length=60, pattern=r"[a-z0-9_.]+"),
        *valid_from_to(),
        Column("value", "取值", "Value", Kind.json, required=True, length=30_000),
        Column("source", "依据", "Source", required=True),
    ),
    identity=("key", "valid_from"),
)  # fmt: skip

PRICE_RULES = Sheet(
    "price_rules", "价格规则", "Price rules", PriceRule,
    (
        code(48),
        refer("service", "服务", "Service", "services", note_zh="空白表示同类服务都适用。", note_en="Empty: every service of the kind."),
        choice("kind", "服务类型", "Kind", ServiceKind, required=True),
        Column("conditions", "条件", "Conditions", Kind.json, default="{}", length=4000),
        count("percent_off", "优惠百分比", "Percent off", default=0, high=100),
        count("amount_off_fen", "减免（分）", "Amount off, fen", default=0),
        count("per_day_cap_fen", "每日上限（分）", "Cap per day, fen"),
        count("per_month_quota", "每月次数", "Times per month"),
        count("stacking_order", "叠加顺序", "Stacking order", default=0, high=1000),
        *valid_from_to(),
        Column("source", "依据", "Source", required=True),
    ),
)  # fmt: skip

ROUNDS = Sheet(
    "rounds", "轮次", "Rounds", Round,
    (
        code(48),
        choice("kind", "服务类型", "Kind", ServiceKind, required=True),
        Column("name_zh", "名称", "Name", required=True, length=80),
        day("opens_on", "开放日期", "Opens", required=True),
        day("closes_on", "截止日期", "Closes", required=True),
        day("publishes_on", "公布日期", "Publishes", required=True),
        day("starts_on", "开始日期", "Starts", required=True),
        choice("mode", "分配方式", "Mode", Mode, required=True),
        choice("state", "状态", "State", RoundState, default=RoundState.planned),
        Column("policy_version", "政策版本", "Policy version", required=True, length=40),
        Column("secret_hash", "密钥摘要", "Hash of the secret", required=True, length=64),
        Column("policy_hash", "政策摘要", "Hash of the policy", required=True, length=64),
        Column("secret", "密钥", "Secret", length=64),
        Column("public_number", "公开数", "Public number", length=80),
        Column("public_number_source", "公开数来源", "Source of the number"),
        day("public_number_on", "公开数产生日", "Number arose on"),
    ),
)  # fmt: skip

SHEETS = (POLICIES, PRICE_RULES, ROUNDS)
