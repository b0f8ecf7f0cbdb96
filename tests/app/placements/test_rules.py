"""The table of states, transition by transition, and cut-offs."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import PlacementState
from app.placements import rules
from app.placements.rules import Act, find_next_state, list_acts, parse_cut_off, runs_on
from tests.app.calendars.test_rules import CALENDAR

LEGAL = {
    ("draft", "publish"): "proposed",
    ("draft", "withdraw"): "withdrawn",
    ("proposed", "offer"): "offered",
    ("proposed", "withdraw"): "withdrawn",
    ("offered", "accept"): "confirmed",
    ("offered", "accept_for_now"): "offered",
    ("offered", "site_accept"): "confirmed",
    ("offered", "site_refuse"): "declined",
    ("offered", "decline"): "declined",
    ("offered", "expire"): "expired",
    ("confirmed", "start"): "active",
    ("confirmed", "step_back"): "withdrawn",
    ("confirmed", "end"): "ended",
    ("active", "end"): "ended",
}


@pytest.mark.parametrize("state", list(PlacementState))
@pytest.mark.parametrize("act", list(Act))
def test_every_pair_of_state_and_act_is_decided(state: PlacementState, act: Act) -> None:
    expected = LEGAL.get((state.value, act.value))
    assert find_next_state(state, act) == expected
    assert (act in list_acts(state)) == (expected is not None)


def test_table_in_the_docstring_is_the_table_in_force() -> None:
    rows = [line.split("|")[1:4] for line in (rules.__doc__ or "").splitlines() if line.startswith("| ")]
    told = {tuple(cell.strip() for cell in row) for row in rows[1:] if row[0].strip() != "(none)"}
    assert told == {(state, act, to) for (state, act), to in LEGAL.items()}


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("-1 15:00", date(2026, 11, 24), "2026-11-23T15:00:00"),
        ("-1 15:00", date(2026, 11, 23), "2026-11-20T15:00:00"),  # Monday: the Friday before
        ("-1 15:00", date(2026, 10, 8), "2026-09-30T15:00:00"),  # over the National Day holiday
        ("0 08:00", date(2026, 11, 24), "2026-11-24T08:00:00"),
        ("-2 12:30", date(2026, 11, 25), "2026-11-23T12:30:00"),
    ],
)
def test_cut_off_is_counted_in_working_days(text: str, on: date, expected: str) -> None:
    assert parse_cut_off(text).find_moment(CALENDAR, on).isoformat() == expected


@pytest.mark.parametrize("text", ["15:00", "-1 25:00", "+1 15:00", "", "-1"])
def test_cut_off_that_cannot_be_read_says_how_it_reads(text: str) -> None:
    with pytest.raises(ValueError, match=r"cut-off"):
        parse_cut_off(text)


def test_pattern_runs_on_the_weekday_whose_timetable_runs() -> None:
    assert runs_on(0b10101, 2)
    assert not runs_on(0b10101, 1)
    assert not runs_on(0b11111, None)
