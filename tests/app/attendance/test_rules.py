"""The ratio light, what alarms are due, and the alarm's table, transition by transition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.attendance.alarm_rules import (
    NO_SHOWS_OF,
    TRANSITIONS,
    AlarmAct,
    find_next_state,
    list_due,
    list_outcomes,
    settles,
)
from app.attendance.rules import (
    Light,
    Marked,
    Stay,
    count_adults_needed,
    get_group,
    is_open,
    pick_last,
    weigh_ratio,
)
from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, ExceptionKind, Part, RollMark
from app.policies.rules import DEFAULTS
from tests.app.attendance.day_town import DAY, at

RULE = {"children": 15, "adults": 2}
MINUTES = DEFAULTS["alarm_minutes"].value
S, A = AlarmState, AlarmAct


def stay(**changes) -> Stay:
    given = Stay(
        slot_id=1,
        person_id=7,
        service_id=1,
        class_id=3,
        site_id=5,
        on=DAY,
        starts_at=at(15, 30),
        ends_at=at(17),
        parts=(Part.wave_1630, Part.wave_1700),
        need_id=9,
        placement_id=11,
    )
    return replace(given, **changes)


def due_kinds(one: Stay, now, mark: RollMark | None = None, *, begun: bool = True) -> list[AlarmKind]:
    marks = {} if mark is None else {one.key: Marked(mark, at(15, 30))}
    return [each.kind for each in list_due([one], marks, {one.class_id} if begun else set(), now, MINUTES)]


@pytest.mark.parametrize(
    ("children", "adults"), [(0, 0), (1, 2), (15, 2), (30, 2), (31, 3), (45, 3), (46, 4)]
)
def test_adults_needed(children: int, adults: int) -> None:
    assert count_adults_needed(children, RULE) == adults


@pytest.mark.parametrize(
    ("expected", "there", "staff", "volunteers", "light"),
    [
        (30, 0, 2, 0, Light.good),
        (31, 0, 2, 0, Light.short),
        (31, 30, 2, 0, Light.short),
        (31, 31, 2, 0, Light.breach),
        (31, 31, 2, 1, Light.good),
        (31, 1, 0, 3, Light.breach),
        (31, 0, 0, 3, Light.short),
        (0, 0, 0, 0, Light.good),
    ],
)
def test_light_tells_short_from_breach(expected, there, staff, volunteers, light) -> None:
    assert weigh_ratio(expected, there, staff, volunteers, RULE).light is light


def test_the_last_tick_by_time_counts_whatever_the_order() -> None:
    early, late = (at(15, 40), "b"), (at(16, 5), "a")
    assert pick_last([early, late]) == pick_last([late, early]) == late
    assert pick_last([(at(16), "a"), (at(16), "b")]) == (at(16), "b")
    assert pick_last([]) is None


def test_waves_are_one_stay_and_meals_are_not() -> None:
    assert get_group(Part.wave_1630) == get_group(Part.wave_1800)
    assert get_group(Part.morning) == get_group(Part.afternoon)
    assert get_group(Part.lunch) != get_group(Part.dinner)


@pytest.mark.parametrize(("days", "answer"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_roll_is_open_for_a_week_from_its_day(days: int, *, answer: bool) -> None:
    assert is_open(DAY, DAY + timedelta(days=days)) is answer


def test_missing_after_thirty_minutes_at_the_gate_after_five() -> None:
    at_site, at_gate = stay(), stay(uses_escort=True, gate_site_id=2)
    assert due_kinds(at_site, at(15, 59)) == []
    assert due_kinds(at_site, at(16)) == [AlarmKind.missing]
    assert due_kinds(at_gate, at(15, 34)) == []
    assert due_kinds(at_gate, at(15, 35)) == [AlarmKind.gate]
    assert due_kinds(at_gate, at(15, 40), RollMark.collected) == []
    assert due_kinds(at_gate, at(16), RollMark.collected) == [AlarmKind.missing]


@pytest.mark.parametrize("mark", [RollMark.present, RollMark.absent, RollMark.handed_over])
def test_whoever_is_there_or_said_no_is_not_missing(mark: RollMark) -> None:
    assert due_kinds(stay(), at(16, 30), mark) == []


def test_an_excused_child_is_not_missing() -> None:
    assert due_kinds(stay(excused=ExceptionKind.hospital), at(17)) == []


def test_not_fetched_after_fifteen_minutes() -> None:
    assert due_kinds(stay(), at(17, 14), RollMark.present) == []
    assert due_kinds(stay(), at(17, 15), RollMark.present) == [AlarmKind.unclaimed]
    assert due_kinds(stay(), at(17, 15), RollMark.handed_over) == []


def test_a_roll_nobody_has_begun_is_one_alarm_of_nobody() -> None:
    two = [stay(), stay(person_id=8)]
    assert due_kinds(two[0], at(15, 59), begun=False) == []
    found = list_due(two, {}, set(), at(16), MINUTES)
    assert [(each.kind, each.person_id) for each in found] == [(AlarmKind.roll, None)]


def test_every_pair_of_state_and_act_is_as_the_table_says() -> None:
    expected = {
        (S.call, A.unreached): S.contact,
        (S.contact, A.unreached): S.committee,
        (S.committee, A.unreached): S.manager,
        (S.manager, A.unreached): S.manager,
        (S.call, A.lapse): S.contact,
        (S.contact, A.lapse): S.committee,
        (S.committee, A.lapse): S.manager,
    } | {(state, A.close): S.closed for state in (S.call, S.contact, S.committee, S.manager)}
    assert expected == TRANSITIONS
    for state, act in product(S, A):
        assert find_next_state(state, act) == expected.get((state, act))
    assert all(find_next_state(S.closed, act) is None for act in A)


@pytest.mark.parametrize("kind", AlarmKind)
def test_only_who_was_missing_can_be_a_no_show(kind: AlarmKind) -> None:
    assert (AlarmOutcome.no_show in list_outcomes(kind)) is (kind in NO_SHOWS_OF)


@pytest.mark.parametrize(
    ("kind", "mark", "outcome"),
    [
        (AlarmKind.missing, RollMark.present, AlarmOutcome.arrived),
        (AlarmKind.missing, RollMark.collected, None),
        (AlarmKind.gate, RollMark.collected, AlarmOutcome.arrived),
        (AlarmKind.missing, RollMark.absent, AlarmOutcome.excused),
        (AlarmKind.unclaimed, RollMark.handed_over, AlarmOutcome.with_family),
        (AlarmKind.unclaimed, RollMark.present, None),
        (AlarmKind.missing, RollMark.cleared, None),
    ],
)
def test_what_a_tick_settles(kind, mark, outcome) -> None:
    assert settles(kind, mark) is outcome
