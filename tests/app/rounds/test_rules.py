"""The round's state machine, transition by transition, and which places a round keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from app.models.enums import RoundState, ServiceKind
from app.rounds import rules
from app.rounds.rules import TRANSITIONS, Act, Window, are_in_order, find_next_state, list_acts

S = RoundState
LEGAL = {
    (S.planned, Act.announce, S.announced),
    (S.announced, Act.open, S.open),
    (S.open, Act.close, S.closed),
    (S.closed, Act.draw, S.drawn),
    (S.drawn, Act.publish, S.published),
    (S.published, Act.withdraw, S.drawn),
    (S.planned, Act.cancel, S.cancelled),
    (S.announced, Act.cancel, S.cancelled),
    (S.open, Act.cancel, S.cancelled),
    (S.closed, Act.cancel, S.cancelled),
}
WINDOW = Window(
    1, "R", ServiceKind.after_school, S.open,
    date(2026, 12, 1), date(2026, 12, 20), date(2027, 1, 5), date(2027, 2, 1),
)  # fmt: skip


@pytest.mark.parametrize(("state", "act"), list(product(RoundState, Act)))
def test_act_leads_where_the_table_says_and_nowhere_else(state: RoundState, act: Act) -> None:
    found = [to for (before, did, to) in LEGAL if (before, did) == (state, act)]
    assert find_next_state(state, act) == (found[0] if found else None)


def test_docstring_has_a_row_for_each_transition() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:4]]
        for line in (rules.__doc__ or "").splitlines()
        if line.startswith("|")
    ]
    told = {tuple(row) for row in rows[2:]} - {("(none)", "create", "planned")}
    assert told == {(before.value, act.value, to.value) for (before, act), to in TRANSITIONS.items()}


def test_nobody_can_do_anything_to_a_published_or_cancelled_round() -> None:
    assert list_acts(S.published) == list_acts(S.cancelled) == []


def test_drawn_round_cannot_be_cancelled() -> None:
    assert list_acts(S.drawn) == [Act.publish]


def test_round_keeps_its_places_from_the_first_day_until_it_is_published() -> None:
    assert not WINDOW.keeps(date(2026, 11, 30))
    assert WINDOW.keeps(date(2026, 12, 1))
    assert replace(WINDOW, state=S.drawn).keeps(date(2027, 1, 20))
    for state in (S.planned, S.published, S.cancelled):
        assert not replace(WINDOW, state=state).keeps(date(2026, 12, 10))


def test_care_that_ends_before_the_round_starts_does_not_reach_its_places() -> None:
    assert WINDOW.reaches(None)
    assert WINDOW.reaches(date(2027, 2, 1))
    assert not WINDOW.reaches(date(2027, 1, 31))


def test_needs_enter_from_the_first_day_to_the_last() -> None:
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 20), date(2026, 12, 21)]
    assert [WINDOW.takes_in(on) for on in days] == [False, True, True, False]
    assert not replace(WINDOW, state=S.closed).takes_in(date(2026, 12, 20))


def test_night_decides_a_drawn_round_from_its_day_on() -> None:
    drawn = replace(WINDOW, state=S.drawn)
    assert not drawn.is_decided(date(2027, 1, 4))
    assert drawn.is_decided(date(2027, 1, 5))
    assert not WINDOW.is_decided(date(2027, 1, 5))


def test_number_has_a_day_to_arise_between_closing_and_publishing() -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 20)
    assert are_in_order(first, last, date(2026, 12, 21), date(2026, 12, 21))
    assert not are_in_order(first, last, last, date(2027, 1, 1))
    assert not are_in_order(last, first, date(2026, 12, 21), date(2027, 1, 1))
