"""Which birth dates are under an age on a day. Pure."""

from __future__ import annotations

from datetime import date


def find_youngest_of_age(years: int, on: date) -> date:
    """Return the latest birth date of somebody who is `years` old on `on`; whoever is born later is younger.

    A 29 February birthday counts from 1 March in common years, as `count_years` has it.
    """
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February, and the other year has none
        return date(on.year - years, 2, 28)
