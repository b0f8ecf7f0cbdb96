"""The published order: class 4..1 from evidence, whole months waited, the drawn number. Pure.

An evidence word counts on a day when a proof of that kind is valid on it. Three words are derived: `grade_high`
(care grade from policy `hard_grade_from`), `grade_middle` (grades 2 up to that), `age_high` (policy `high_age_from`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.models.enums import Role
from app.policies.rules import Policies

DRAW_BITS: Final = 31
LOWEST_CLASS: Final = 1


def get_priority_class(
    role: Role | None, words: Iterable[str], grade: int | None, years: int, policies: Policies
) -> int:
    """Return the class, 4 the highest.

    `words` are the kinds of evidence valid on the day, `grade` a valid care grade or None, `years` the age in
    whole years. Who is neither elder nor child is in the lowest class.
    """
    if role is None:
        return LOWEST_CLASS
    held = set(words) | _derive(grade, years, policies)
    for row in policies.get("elder_classes" if role is Role.elder else "child_classes"):
        if any(_holds(way["all"], held) for way in row["any"]):
            return int(row["class"])
    return LOWEST_CLASS


def _derive(grade: int | None, years: int, policies: Policies) -> set[str]:
    words = set()
    if grade is not None and grade >= policies.get("hard_grade_from"):
        words.add("grade_high")
    elif grade is not None and grade >= 2:
        words.add("grade_middle")
    if years >= policies.get("high_age_from"):
        words.add("age_high")
    return words


def _holds(conditions: Sequence[Sequence[str]], held: set[str]) -> bool:
    return all(any(word in held for word in alternatives) for alternatives in conditions)


def count_months_waited(entered_on: date, on: date) -> int:
    """Return the whole months between two dates, never below 0: the 31st waits a month on the month's last day."""
    months = (on.year - entered_on.year) * 12 + on.month - entered_on.month
    if on.day < entered_on.day and not _is_last_of_month(on):
        months -= 1
    return max(0, months)


def _is_last_of_month(on: date) -> bool:
    return date.fromordinal(on.toordinal() + 1).month != on.month


def draw_number(seed: str, need_code: str) -> int:
    """Return the drawn number of a need, 0 to 2**31 - 1, lower first: HMAC-SHA-256 of the code under the seed.

    Anybody with the published seed and the list of codes derives the same numbers (`carematch verify`).
    """
    digest = hmac.digest(seed.encode(), need_code.encode(), hashlib.sha256)
    return int.from_bytes(digest[:4], "big") >> (32 - DRAW_BITS)


def get_order_key(class_: int, months_waited: int, draw: int) -> tuple[int, int, int]:
    """Return a key that sorts needs in the published order, first in line first."""
    return (-class_, -months_waited, draw)


def describe_order(policies: Policies) -> Mapping[str, Any]:
    """Return the rules in force as data, as the published list and the policy file state them."""
    return {
        key: policies.get(key)
        for key in ("elder_classes", "child_classes", "hard_grade_from", "high_age_from")
    }
