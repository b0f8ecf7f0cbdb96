"""Price rules: stacking order, thresholds at 8 and 15 yuan, caps a day, quotas a month; whole fen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.prices.rules import Bill, Payer, Rule, Tally, price, price_in_order

DAY = date(2026, 11, 23)


def make_rule(code: str, order: int = 1, **changes: Any) -> Rule:
    given: dict[str, Any] = {
        "conditions": {},
        "percent_off": 0,
        "amount_off_fen": 0,
        "per_day_cap_fen": None,
        "per_month_quota": None,
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "source": "test",
    }
    return Rule(code=code, stacking_order=order, **(given | changes))


def make_payer(years: int = 70, *evidence: str, grade: int | None = None, registered: bool = True) -> Payer:
    return Payer(years, frozenset(evidence), grade, registered)


TEN_OFF = make_rule("ten", 1, percent_off=10, conditions={"age_from": 60, "age_to": 79})
FIFTEEN_OFF = make_rule("fifteen", 2, percent_off=15, conditions={"age_from": 80})
POOR = make_rule(
    "poor", 3, amount_off_fen=500, per_day_cap_fen=500,
    conditions={"age_from": 60, "evidence": "low_income", "minimum_fen": 800},
)  # fmt: skip
TWO = make_rule(
    "two", 4, amount_off_fen=200, per_day_cap_fen=200,
    conditions={"age_from": 60, "age_to": 79, "minimum_fen": 1500},
)  # fmt: skip
MONTHLY = make_rule("monthly", 5, amount_off_fen=400, per_month_quota=5, conditions={"minimum_fen": 1500})


@pytest.mark.parametrize(
    ("years", "fen", "expected"),
    [
        (59, 2000, 2000),
        (60, 2000, 1600),  # a tenth off, then 2 yuan
        (79, 2000, 1600),
        (80, 2000, 1700),
        (70, 1666, 1499),  # 14.99 after the tenth: the threshold of 15 is missed by one fen
        (70, 1667, 1300),  # 15.00 after the tenth: reached
        (70, 0, 0),
    ],
)
def test_the_threshold_is_asked_of_the_bill_as_earlier_steps_left_it(
    years: int, fen: int, expected: int
) -> None:
    assert price(Bill(DAY, fen), make_payer(years), [TWO, FIFTEEN_OFF, TEN_OFF]).fen == expected


@pytest.mark.parametrize(("fen", "expected"), [(799, 799), (800, 300), (801, 301)])
def test_low_income_takes_five_yuan_from_eight_on(fen: int, expected: int) -> None:
    assert price(Bill(DAY, fen), make_payer(70, "low_income"), [POOR]).fen == expected
    assert price(Bill(DAY, fen), make_payer(70), [POOR]).fen == fen


def test_a_cap_a_day_is_used_up_by_the_first_meal_and_fresh_the_next_day() -> None:
    bills = [Bill(DAY, 1800), Bill(DAY, 1800), Bill(date(2026, 11, 24), 1800)]
    assert [quote.fen for quote in price_in_order(bills, make_payer(), [TWO])] == [1600, 1800, 1600]


def test_the_sixth_meal_of_a_month_has_no_quota_left_and_the_next_month_has() -> None:
    bills = [Bill(date(2026, 11, day), 1800) for day in range(1, 7)] + [Bill(date(2026, 12, 1), 1800)]
    assert [quote.fen for quote in price_in_order(bills, make_payer(85), [MONTHLY])] == [
        1400, 1400, 1400, 1400, 1400, 1800, 1400,
    ]  # fmt: skip


def test_a_bill_never_falls_below_nothing() -> None:
    assert price(Bill(DAY, 300), make_payer(), [make_rule("much", amount_off_fen=500)]).fen == 0


@pytest.mark.parametrize(
    ("conditions", "payer", "bill"),
    [
        ({"registered_here": True}, make_payer(registered=False), Bill(DAY, 1000)),
        ({"grades": [2, 3]}, make_payer(grade=4), Bill(DAY, 1000)),
        ({"grades": [2, 3]}, make_payer(grade=None), Bill(DAY, 1000)),
        ({"weekdays": [1]}, make_payer(), Bill(DAY, 1000)),
        ({"channel": "delivery"}, make_payer(), Bill(DAY, 1000)),
        ({"evidence": ["low_income", "minimum_living"]}, make_payer(70, "lives_alone"), Bill(DAY, 1000)),
    ],
)
def test_a_condition_that_is_not_met_leaves_the_bill_alone(
    conditions: dict[str, Any], payer: Payer, bill: Bill
) -> None:
    assert price(bill, payer, [make_rule("rule", amount_off_fen=100, conditions=conditions)]).fen == 1000


def test_a_higher_grade_may_get_less_since_each_grade_has_its_own_rule() -> None:
    rules = [
        make_rule("two", amount_off_fen=300, conditions={"grades": [2]}),
        make_rule("five", amount_off_fen=100, conditions={"grades": [5]}),
    ]
    prices = [price(Bill(DAY, 1000), make_payer(grade=grade), rules).fen for grade in (2, 3, 5)]
    assert prices == [700, 1000, 900]


def test_a_rule_counts_on_its_days_and_at_its_service_only() -> None:
    rule = make_rule("here", amount_off_fen=100, service_id=7, valid_to=DAY)
    assert price(Bill(DAY, 1000, service_id=7), make_payer(), [rule]).fen == 900
    assert price(Bill(DAY, 1000, service_id=8), make_payer(), [rule]).fen == 1000
    assert price(Bill(date(2026, 11, 24), 1000, service_id=7), make_payer(), [rule]).fen == 1000


def test_a_quote_names_every_step_in_order() -> None:
    quote = price(Bill(DAY, 2000), make_payer(), [TWO, TEN_OFF], Tally())
    assert [(step.rule.code, step.off_fen) for step in quote.steps] == [("ten", 200), ("two", 200)]
