"""A need's options: what it may have, when, at what cost, and every reason for the rest."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import pytest

from app.language.reasons import explain
from app.models.enums import (
    CapacityKind,
    EndRule,
    Mobility,
    NeedRhythm,
    Part,
    Reason,
    RuleKind,
    ServiceKind,
    Stairs,
    WishPart,
)
from app.options.build import build_choice
from app.options.facts import Home, Pattern
from app.policies.rules import Policies
from tests.app.options.builders import (
    grade,
    make_child,
    make_class,
    make_ground,
    make_need,
    make_person,
    make_service,
    rule,
)


def _reasons(choice) -> list[Reason]:
    return [refusal.reason for each in choice.excluded for refusal in each.refusals]


def test_place_starts_after_three_working_days() -> None:
    (one,) = build_choice(make_need(), make_person(), make_ground(make_service())).candidates
    assert one.starts_on == date(2026, 11, 27)
    assert one.amounts == {CapacityKind.places: 1}
    assert one.ends_on is None


def test_need_that_starts_later_is_placed_from_then() -> None:
    need = make_need(starts_on=date(2027, 1, 4))
    (one,) = build_choice(need, make_person(), make_ground(make_service())).candidates
    assert one.starts_on == date(2027, 1, 4)


def test_closed_first_day_puts_the_start_off_and_refuses_nobody() -> None:
    closures = ((date(2026, 11, 27), date(2026, 11, 30)), (date(2026, 12, 1), date(2026, 12, 2)))
    (one,) = build_choice(make_need(), make_person(), make_ground(make_service(closures=closures))).candidates
    assert one.starts_on == date(2026, 12, 3)


def test_service_that_stays_closed_refuses() -> None:
    closures = ((date(2026, 11, 1), date(2027, 12, 31)),)
    choice = build_choice(make_need(), make_person(), make_ground(make_service(closures=closures)))
    assert _reasons(choice) == [Reason.closed]


def test_service_closed_to_the_end_of_the_calendar_refuses_and_stops_nobody() -> None:
    """One such closure in the record stopped every night and every page that asked."""
    shut = make_service(closures=((date(2026, 11, 27), date.max),))
    other = make_service(id=2, code="S2", site_id=2)
    choice = build_choice(make_need(), make_person(), make_ground(shut, other))
    assert [one.service.code for one in choice.candidates] == ["S2"]
    assert _reasons(choice) == [Reason.closed]


def test_need_beyond_the_window_is_not_decided() -> None:
    choice = build_choice(make_need(starts_on=date(2027, 6, 1)), make_person(), make_ground(make_service()))
    assert _reasons(choice) == [Reason.beyond_horizon]


def test_too_far_says_by_how_much() -> None:
    choice = build_choice(make_need(), make_person(), make_ground(make_service(), metres={1: 1120}))
    (excluded,) = choice.excluded
    assert excluded.refusals[0].reason is Reason.too_far
    assert excluded.refusals[0].data == {
        "cost_metres": 1120,
        "limit_metres": 1000,
        "over_metres": 120,
        "metres": 1120,
    }


def test_stairs_count_against_the_limit() -> None:
    ground = make_ground(make_service(), metres={1: 950})
    on_foot = make_person(home=Home(1, floor=4))
    assert _reasons(build_choice(make_need(), on_foot, ground)) == [Reason.too_far]
    with_lift = make_person(home=Home(1, floor=4, has_lift=True))
    assert len(build_choice(make_need(), with_lift, ground).candidates) == 1


def test_homebound_has_no_way_down_until_a_lift_is_built() -> None:
    person = make_person(stairs=Stairs.no, home=Home(1, floor=6))
    assert _reasons(build_choice(make_need(), person, make_ground(make_service()))) == [Reason.no_way_down]
    person = make_person(stairs=Stairs.no, home=Home(1, floor=6, has_lift=True))
    assert build_choice(make_need(), person, make_ground(make_service())).candidates
    person = make_person(stairs=Stairs.no, home=Home(1, floor=1))
    assert build_choice(make_need(), person, make_ground(make_service())).candidates


def test_meal_is_brought_to_the_homebound() -> None:
    lunch = make_class((Part.lunch,), kinds={CapacityKind.meals: 50, CapacityKind.drops: 9})
    canteen = make_service(kind=ServiceKind.canteen, classes=[lunch])
    need = make_need(kind=ServiceKind.canteen, patterns=[Pattern(1, 0b11111, WishPart.lunch)])
    person = make_person(stairs=Stairs.no, home=Home(1, floor=6))
    (one,) = build_choice(need, person, make_ground(canteen)).candidates
    assert one.amounts == {CapacityKind.meals: 1, CapacityKind.drops: 1}
    assert one.trip.is_delivered
    (walks,) = build_choice(need, make_person(), make_ground(canteen)).candidates
    assert walks.amounts == {CapacityKind.meals: 1}


def test_wheelchair_and_pace_are_reported_beside_the_planning_standard() -> None:
    person = make_person(mobility=Mobility.wheelchair)
    (one,) = build_choice(make_need(), person, make_ground(make_service(), metres={1: 480})).candidates
    assert (one.trip.way.metres, one.trip.way.cost_metres) == (480, 600)
    assert (one.trip.way.planning_minutes, one.trip.way.person_minutes) == (8, 13)
    assert one.bands == 1


def test_wish_comes_before_forty_metres_and_own_limit_before_metres() -> None:
    near, far = make_service(), make_service(id=2, code="S2", site_id=2)
    need = make_need(wishes={2: 1})
    choice = build_choice(need, make_person(), make_ground(near, far, metres={1: 300, 2: 340}))
    assert [one.service.code for one in choice.candidates] == ["S2", "S1"]
    choice = build_choice(make_need(), make_person(), make_ground(near, far, metres={1: 700, 2: 340}))
    assert [(one.service.code, one.bands) for one in choice.candidates] == [("S2", 0), ("S1", 2)]


def test_only_the_nearest_and_the_wished_are_options() -> None:
    services = [make_service(id=i, code=f"S{i}", site_id=i) for i in range(1, 6)]
    ground = make_ground(
        *services,
        metres={i: 100.0 * i for i in range(1, 6)},
        policies=Policies({"nearest_sites": {"other": 2}}),
    )
    choice = build_choice(make_need(wishes={5: 1}), make_person(), ground)
    assert [one.service.id for one in choice.candidates] == [5, 1, 2]
    assert _reasons(choice) == [Reason.not_wished] * 2


def test_smaller_pattern_is_an_option_of_its_own() -> None:
    patterns = [Pattern(1, 0b10101, WishPart.full_day), Pattern(2, 0b01010, WishPart.morning)]
    choice = build_choice(make_need(patterns=patterns), make_person(), make_ground(make_service()))
    assert [one.pattern.rank for one in choice.candidates] == [1, 2]


def test_class_without_the_day_is_refused_with_the_missing_cells() -> None:
    service = make_service(classes=[make_class(days=(0, 1, 2))])
    (excluded,) = build_choice(make_need(), make_person(), make_ground(service)).excluded
    assert excluded.refusals[0].reason is Reason.not_on_these_days
    assert excluded.refusals[0].data == {"missing": ["5/morning", "5/afternoon"]}


@pytest.mark.parametrize(
    ("value", "minutes", "days", "fits"),
    [(2, 60, 3, True), (3, 60, 4, False), (4, 60, 5, True), (5, 84, 5, True), (6, 85, 5, False)],
)
def test_weekly_hours_at_the_edges(value, minutes, days, fits) -> None:
    visits = make_class((Part.morning,), kinds={CapacityKind.visit_minutes: 240})
    service = make_service(
        kind=ServiceKind.home_visit, classes=[visits], rules=[rule(RuleKind.weekly_hours_quota)]
    )
    need = make_need(
        kind=ServiceKind.home_visit,
        visit_minutes=minutes,
        patterns=[Pattern(1, (1 << days) - 1, WishPart.morning)],
    )
    choice = build_choice(need, make_person(proofs=[grade(value)]), make_ground(service))
    assert bool(choice.candidates) is fits
    assert _reasons(choice) == ([] if fits else [Reason.quota_used_up])


def test_visit_at_any_time_is_a_morning_or_an_afternoon_with_travel() -> None:
    visits = make_class(kinds={CapacityKind.visit_minutes: 240})
    service = make_service(kind=ServiceKind.home_visit, classes=[visits])
    need = make_need(kind=ServiceKind.home_visit, visit_minutes=45)
    choice = build_choice(need, make_person(), make_ground(service, metres={1: 700}))
    assert {one.pattern.part for one in choice.candidates} == {WishPart.morning, WishPart.afternoon}
    assert choice.candidates[0].amounts == {CapacityKind.visit_minutes: 60}
    far = build_choice(need, make_person(), make_ground(service, metres={1: 2600}))
    assert _reasons(far) == [Reason.too_far]


def test_child_who_moves_up_uses_the_next_class_from_that_day() -> None:
    young = make_class(
        id=1,
        code="K1",
        age_from_months=12,
        age_to_months=24,
        unit_use=21,
        kinds={CapacityKind.places: 15, CapacityKind.carer_units: 315},
    )
    old = make_class(id=2, code="K2", age_from_months=24, age_to_months=36, unit_use=15)
    nursery = make_service(kind=ServiceKind.nursery, classes=[young, old], end_rule=EndRule.at_36_months)
    child = make_child(date(2025, 1, 10))
    need = make_need(kind=ServiceKind.nursery)
    (one,) = build_choice(need, child, make_ground(nursery)).candidates
    assert one.amounts == {CapacityKind.places: 1, CapacityKind.carer_units: 21}
    assert one.ends_on == date(2027, 1, 9)
    assert [stage.care_class.code for stage in one.stages] == ["K1", "K2"]
    assert [(a.ends_on, b.starts_on) for a, b in pairwise(one.stages)] == [
        (date(2027, 1, 9), date(2027, 1, 10))
    ]
    assert one.stages[-1].ends_on == date(2028, 1, 9)


def test_under_fourteen_without_guardian_has_no_options_at_all() -> None:
    choice = build_choice(make_need(), make_child(date(2018, 1, 1), leaves=[]), make_ground(make_service()))
    assert not choice.candidates
    assert not choice.excluded
    assert [refusal.reason for refusal in choice.refusals] == [Reason.guardian_consent_missing]


def test_after_school_starts_at_the_gate() -> None:
    waves = make_class((Part.wave_1630, Part.wave_1700, Part.wave_1800))
    service = make_service(kind=ServiceKind.after_school, classes=[waves])
    need = make_need(
        kind=ServiceKind.after_school, gate_site_id=9, patterns=[Pattern(1, 1, WishPart.wave_1700)]
    )
    (one,) = build_choice(need, make_child(date(2018, 1, 1), home=Home(77)), make_ground(service)).candidates
    assert one.trip.way.metres == 300
    assert {part for _, part in one.stages[0].keys} == {Part.wave_1630, Part.wave_1700}


def test_dated_need_takes_one_date_and_a_closed_one_is_refused() -> None:
    def ask(on: date):
        need = make_need(
            rhythm=NeedRhythm.dated, starts_on=on, patterns=[Pattern(1, 0, WishPart.morning, on)]
        )
        return build_choice(need, make_person(), make_ground(make_service()))

    (one,) = ask(date(2026, 12, 2)).candidates
    assert (one.starts_on, one.ends_on, one.pattern.days) == (date(2026, 12, 2), date(2026, 12, 2), (2,))
    assert _reasons(ask(date(2026, 12, 5))) == [Reason.closed]


def test_date_that_has_passed_is_said_to_have_passed() -> None:
    on = date(2020, 1, 1)
    need = make_need(rhythm=NeedRhythm.dated, starts_on=on, patterns=[Pattern(1, 0, WishPart.morning, on)])
    (excluded,) = build_choice(need, make_person(), make_ground(make_service())).excluded
    assert [(r.reason, r.data) for r in excluded.refusals] == [(Reason.no_option, {"ended_on": "2020-01-01"})]
    assert explain(Reason.no_option, "en", excluded.refusals[0].data) == "The need ended on 1 Jan 2020."


def test_escort_must_exist_where_one_is_asked_for() -> None:
    choice = build_choice(make_need(needs_escort=True), make_person(), make_ground(make_service()))
    assert _reasons(choice) == [Reason.escort_missing]
    escorted = make_service(classes=[make_class(kinds={CapacityKind.places: 9, CapacityKind.escorts: 2})])
    (one,) = build_choice(make_need(needs_escort=True), make_person(), make_ground(escorted)).candidates
    assert one.amounts == {CapacityKind.places: 1, CapacityKind.escorts: 1}


def _visits(*codes: str):
    visits = make_class((Part.morning,), kinds={CapacityKind.visit_minutes: 240})
    return [
        make_service(id=i, code=code, site_id=i, kind=ServiceKind.home_visit, classes=[visits])
        for i, code in enumerate(codes, 1)
    ]


def test_nearest_teams_are_those_with_the_shortest_way_and_not_the_first_by_code() -> None:
    ground = make_ground(*_visits("A", "B", "C", "D"), metres={1: 1900, 2: 1400, 3: 700, 4: 250})
    need = make_need(kind=ServiceKind.home_visit, patterns=[Pattern(1, 0b1, WishPart.morning)])
    choice = build_choice(need, make_person(), ground)
    assert [one.service.code for one in choice.candidates] == ["D", "C"]
    assert [one.trip.way.cost_metres for one in choice.candidates] == [0, 0]  # the person walks nowhere
    assert [one.bands for one in choice.candidates] == [0, 0]
    assert [each.service.code for each in choice.excluded] == ["B", "A"]


def _canteens(*codes: str):
    lunch = make_class((Part.lunch,), kinds={CapacityKind.meals: 50, CapacityKind.drops: 9})
    return [
        make_service(id=i, code=code, site_id=i, kind=ServiceKind.canteen, classes=[lunch])
        for i, code in enumerate(codes, 1)
    ]


MEAL = make_need(kind=ServiceKind.canteen, patterns=[Pattern(1, 0b11111, WishPart.lunch)])


def test_canteen_without_a_way_on_foot_is_not_the_nearest() -> None:
    far = math.inf
    ground = make_ground(
        *_canteens("A", "B", "C", "D"),
        metres={1: far, 2: far, 3: 480, 4: 300},
        straight={1: 900, 2: 600, 3: 400, 4: 250},
        policies=Policies({"nearest_sites": {"canteen": 3, "other": 8}}),
    )
    choice = build_choice(MEAL, make_person(), ground)
    assert [one.service.code for one in choice.candidates] == ["D", "C", "B"]
    assert [one.trip.is_delivered for one in choice.candidates] == [False, False, True]
    assert choice.candidates[-1].trip.way is None
    assert [one.trip.metres for one in choice.candidates] == [300, 480, 3_600]
    assert [each.service.code for each in choice.excluded] == ["A"]


def test_meals_brought_to_the_homebound_come_from_near_by() -> None:
    ground = make_ground(
        *_canteens("A", "B", "C"), metres={1: math.inf, 2: 900, 3: 300}, straight={1: 200, 2: 700, 3: 250}
    )
    homebound = make_person(stairs=Stairs.no, home=Home(1, floor=6))
    choice = build_choice(MEAL, homebound, ground)
    assert [one.service.code for one in choice.candidates] == ["C", "B", "A"]
    assert all(one.trip.is_delivered for one in choice.candidates)


def test_of_places_behind_the_nearest_only_what_was_asked_is_said() -> None:
    services = [make_service(id=i, code=f"S{i}", site_id=i) for i in range(1, 4)]
    services.append(make_service(id=4, code="S4", site_id=4, rules=[rule(RuleKind.needs_cognition)]))
    ground = make_ground(
        *services,
        metres={i: 100.0 * i for i in range(1, 5)},
        policies=Policies({"nearest_sites": {"other": 2}}),
    )
    night = build_choice(make_need(), make_person(), ground)
    assert [each.refusals[0].data for each in night.excluded] == [{"nearer_sites": 2}] * 2
    desk = build_choice(make_need(), make_person(), ground, looks_at_all=True)
    assert [one.service.code for one in desk.candidates] == ["S1", "S2"]
    assert [[(r.reason, r.data) for r in each.refusals] for each in desk.excluded] == [
        [(Reason.not_wished, {"fits_behind": 2})],
        [(Reason.needs_cognition_flag, {})],
    ]
    for each in night.excluded:
        assert "Not looked at" in explain(Reason.not_wished, "en", each.refusals[0].data)
    assert "places or teams" in explain(Reason.not_wished, "en", desk.excluded[0].refusals[0].data)
