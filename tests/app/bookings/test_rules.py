"""The tables of bookings and holds, transition by transition."""

from __future__ import annotations

from datetime import date

import pytest

from app.bookings import rules
from app.bookings.rules import Act, HoldAct, find_next_hold_state, find_next_state, find_week
from app.models.enums import BookingState, HoldState

BOOKINGS = {
    ("booked", "move"): "booked",
    ("booked", "cancel"): "cancelled",
    ("booked", "attend"): "attended",
    ("booked", "miss"): "no_show",
}
HOLDS = {("live", "use"): "used", ("live", "release"): "released", ("live", "expire"): "expired"}


@pytest.mark.parametrize("state", list(BookingState))
@pytest.mark.parametrize("act", list(Act))
def test_every_pair_of_a_booking_is_decided(state: BookingState, act: Act) -> None:
    assert find_next_state(state, act) == BOOKINGS.get((state.value, act.value))


@pytest.mark.parametrize("state", list(HoldState))
@pytest.mark.parametrize("act", list(HoldAct))
def test_every_pair_of_a_hold_is_decided(state: HoldState, act: HoldAct) -> None:
    assert find_next_hold_state(state, act) == HOLDS.get((state.value, act.value))


def test_tables_in_the_docstring_are_the_tables_in_force() -> None:
    rows = [line.split("|")[1:4] for line in (rules.__doc__ or "").splitlines() if line.startswith("| ")]
    told = {tuple(cell.strip() for cell in row) for row in rows if row[0].strip() not in {"(none)", "from"}}
    assert told == {(*pair, to) for pair, to in (BOOKINGS | HOLDS).items()}


def test_week_of_care_hours_starts_on_monday() -> None:
    assert find_week(date(2026, 11, 8)) == (date(2026, 11, 2), date(2026, 11, 8))
    assert find_week(date(2026, 11, 9)) == (date(2026, 11, 9), date(2026, 11, 15))
