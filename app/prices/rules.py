"""What a bill comes to: price rules in stacking order, with thresholds, caps a day and quotas a month. Pure.

Each step looks at the bill as the steps before left it: Putuo's rules (domain-rules.md, V) first take a tenth off and
*then* ask whether 15 yuan are reached. What a step takes off is rounded up to whole fen, in the person's favour, and
is never more than the bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of what a bill comes to, with the days on which it is in force."""

    code: str
    conditions: Mapping[str, Any]
    """age_from, age_to (inclusive), evidence (a kind or several: any), registered_here, grades, weekdays, minimum_fen,
    channel. A condition that is not named holds for all."""
    percent_off: int
    amount_off_fen: int
    per_day_cap_fen: int | None
    per_month_quota: int | None
    stacking_order: int
    valid_from: date
    valid_to: date | None
    source: str
    service_id: int | None = None

    def is_valid(self, on: date) -> bool:
        """Return whether the rule is in force on `on`."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Payer:
    """What the rules ask about a person on a day."""

    years: int
    evidence: frozenset[str]
    grade: int | None
    is_registered_here: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """One meal, visit or day before any rule."""

    on: date
    fen: int
    service_id: int | None = None
    channel: str = "dine_in"


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule took off."""

    rule: Rule
    off_fen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A bill after the rules."""

    bill: Bill
    fen: int
    steps: Sequence[Step]


@dataclass
class Tally:
    """What each rule has given a person already: fen by day, times by month."""

    fen_by_day: dict[tuple[str, date], int] = field(default_factory=dict)
    times_by_month: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def count(self, rule: Rule, on: date) -> int:
        """Return how often the rule was used in the month of `on`."""
        return self.times_by_month.get((rule.code, on.year, on.month), 0)

    def add(self, rule: Rule, on: date, fen: int) -> None:
        """Note that a rule took something off."""
        day, month = (rule.code, on), (rule.code, on.year, on.month)
        self.fen_by_day[day] = self.fen_by_day.get(day, 0) + fen
        self.times_by_month[month] = self.times_by_month.get(month, 0) + 1


def price(bill: Bill, payer: Payer, rules: Iterable[Rule], tally: Tally | None = None) -> Quote:
    """Return what a bill comes to; the tally knows what was given before and learns what is given now."""
    tally = tally if tally is not None else Tally()
    fen, steps = bill.fen, []
    for rule in sorted(rules, key=lambda one: (one.stacking_order, one.code)):
        if not rule.is_valid(bill.on) or not _applies(rule, bill, payer, fen):
            continue
        off = _find_off(rule, bill.on, fen, tally)
        if off > 0:
            fen -= off
            steps.append(Step(rule, off))
            tally.add(rule, bill.on, off)
    return Quote(bill, fen, steps)


def price_in_order(bills: Iterable[Bill], payer: Payer, rules: Sequence[Rule]) -> list[Quote]:
    """Return quotes for several bills, the earlier first: that is how caps and quotas are used up."""
    tally = Tally()
    return [price(bill, payer, rules, tally) for bill in sorted(bills, key=lambda one: one.on)]


def _applies(rule: Rule, bill: Bill, payer: Payer, fen: int) -> bool:
    asked = rule.conditions
    return (
        rule.service_id in {None, bill.service_id}
        and asked.get("age_from", 0) <= payer.years <= asked.get("age_to", 200)
        and _has_any(asked.get("evidence"), payer.evidence)
        and ("registered_here" not in asked or bool(asked["registered_here"]) == payer.is_registered_here)
        and ("grades" not in asked or payer.grade in asked["grades"])
        and ("weekdays" not in asked or bill.on.weekday() in asked["weekdays"])
        and ("channel" not in asked or asked["channel"] == bill.channel)
        and fen >= asked.get("minimum_fen", 0)
    )


def _has_any(wanted: Any, held: frozenset[str]) -> bool:
    if wanted is None:
        return True
    return bool({wanted} & held) if isinstance(wanted, str) else bool(set(wanted) & held)


def _find_off(rule: Rule, on: date, fen: int, tally: Tally) -> int:
    if rule.per_month_quota is not None and tally.count(rule, on) >= rule.per_month_quota:
        return 0
    off = -(-fen * rule.percent_off // 100) + rule.amount_off_fen
    if rule.per_day_cap_fen is not None:
        off = min(off, rule.per_day_cap_fen - tally.fen_by_day.get((rule.code, on), 0))
    return max(0, min(off, fen))
