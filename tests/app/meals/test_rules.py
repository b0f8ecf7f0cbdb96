"""Every state with every act, forecasts and what is cooked."""

from __future__ import annotations

import pytest

from app.meals.rules import (
    Act,
    Drop,
    MealState,
    count_to_cook,
    find_next_state,
    find_state,
    forecast,
    list_drops,
)

M = MealState


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (M.ordered, {Act.excuse: M.freed, Act.excuse_late: M.spare}),
        (M.freed, {Act.order_again: M.ordered}),
        (M.spare, {Act.come_after_all: M.ordered, Act.give: M.given}),
        (M.given, {}),
    ],
)
def test_every_act_leads_where_the_table_says_and_no_other_is_possible(
    state: MealState, expected: dict[Act, MealState]
) -> None:
    assert {act: to for act in Act if (to := find_next_state(state, act)) is not None} == expected


@pytest.mark.parametrize(
    ("excused", "frees", "state"),
    [(False, False, M.ordered), (True, True, M.freed), (True, False, M.spare)],
)
def test_absence_before_the_cut_off_frees_and_after_it_leaves_a_spare_meal(
    excused: bool, frees: bool, state: MealState
) -> None:
    assert find_state(is_excused=excused, frees=frees) is state


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([], None), ([0, 0], None), ([10, 12, 11, 12], 12), ([3], 3), ([0, 1], 1)],
)
def test_forecast_is_the_mean_of_the_same_weekdays_rounded_up(
    counts: list[int], expected: int | None
) -> None:
    assert forecast(counts) == expected


@pytest.mark.parametrize(
    ("ordered", "spare", "guests", "capacity", "cooked"),
    [
        (10, 0, 0, 50, 10),
        (10, 0, 5, 50, 15),
        (10, 3, 5, 50, 15),  # three of the guests eat what is spare
        (10, 3, 0, 50, 13),  # it is cooked although nobody comes for it
        (48, 0, 5, 50, 50),  # the kitchen makes no more
        (52, 0, 0, 50, 52),  # what an import brought above the capacity is cooked all the same
    ],
)
def test_what_is_ordered_is_cooked_and_guests_eat_what_is_spare_first(
    ordered: int, spare: int, guests: int, capacity: int, cooked: int
) -> None:
    assert count_to_cook(ordered=ordered, spare=spare, guests=guests, capacity=capacity) == cooked


def test_round_marks_compounds_with_too_few_orders() -> None:
    assert list_drops(["B", "A", "B"], 2) == [Drop("A", 1, True), Drop("B", 2, False)]
