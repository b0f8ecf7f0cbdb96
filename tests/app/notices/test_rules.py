"""What a notice goes through: every state with every act, quiet hours, how long to wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from string import Formatter

import pytest

from app.clock import SHANGHAI
from app.language.catalogue import LANGUAGES
from app.models.enums import NoticeState
from app.notices.rules import Act, Terms, after_miss, find_next_state, find_wait, make_key, read_terms
from app.notices.texts import TEXTS, TITLES, write_texts

W, S, F = NoticeState.waiting, NoticeState.sent, NoticeState.failed
TERMS = Terms(time(21), time(8), frozenset({"alarm_raised"}), 8)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (W, {Act.claim: W, Act.send: S, Act.miss: W, Act.give_up: F}),
        (S, {}),
        (F, {Act.retry: W}),
    ],
)
def test_every_act_leads_where_the_table_says_and_no_other_is_possible(
    state: NoticeState, expected: dict[Act, NoticeState]
) -> None:
    assert {act: to for act in Act if (to := find_next_state(state, act)) is not None} == expected


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True), (7, 59, True), (8, 0, False)],
)
def test_nobody_is_woken_between_nine_and_eight(hour: int, minute: int, quiet: bool) -> None:
    assert TERMS.is_quiet(datetime(2026, 11, 23, hour, minute, tzinfo=SHANGHAI)) is quiet


def test_quiet_hours_within_one_day_do_not_pass_midnight() -> None:
    terms = read_terms({"from": "12:00", "to": "14:00"}, [], 3)
    assert [terms.is_quiet(datetime(2026, 11, 23, h, tzinfo=SHANGHAI)) for h in (11, 12, 14, 23)] == [
        False,
        True,
        False,
        False,
    ]


def test_wait_doubles_up_to_six_hours_and_the_last_try_gives_up() -> None:
    assert [find_wait(n) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert find_wait(10) == find_wait(1000) == timedelta(hours=6)
    assert [after_miss(n, TERMS) for n in (1, 7, 8)] == [Act.miss, Act.miss, Act.give_up]


def test_key_says_what_about_whom_and_which_time() -> None:
    assert make_key("booking_moved", "B-1", 3) == "booking_moved:B-1:3"
    assert len(make_key("offer", "x" * 200)) == 120


def test_every_template_is_written_in_both_languages_with_its_figures() -> None:
    assert TEXTS.keys() == TITLES.keys()
    for template, text in TEXTS.items():
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        facts = {language: {name: f"<{name}>" for name in names} for language in LANGUAGES}
        written = write_texts(template, facts)
        assert written["zh"] != written["en"]
        for said in written.values():
            assert all(f"<{name}>" in said for name in names), said
            assert "?" not in said
