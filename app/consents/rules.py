"""Which birth dates are under an age on a day, and who may consent for whom. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with who gave a consent."""

    not_a_guardian = "not_a_guardian"
    """For somebody so young a guardian has to."""
    consent_not_theirs = "consent_not_theirs"
    """Neither the person nor a guardian in office."""


def find_youngest_of_age(years: int, on: date) -> date:
    """Return the latest birth date of somebody who is `years` old on `on`; whoever is born later is younger.

    A 29 February birthday counts from 1 March in common years, as `count_years` has it.
    """
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February, and the other year has none
        return date(on.year - years, 2, 28)


def find_flaw(born_on: date, given_on: date, years: int, *, is_own: bool, is_guardian: bool) -> Flaw | None:
    """Return what is wrong with who consented; `is_guardian` is of the day on which it was given."""
    if is_guardian:
        return None
    if born_on > find_youngest_of_age(years, given_on):
        return Flaw.not_a_guardian
    return None if is_own else Flaw.consent_not_theirs
