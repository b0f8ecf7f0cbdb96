"""The checker of a half-day's order: the smallest sheet for each fault, and the order itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.visits.rules import Fault, Proof, Visit, arrange, check_order, is_no_worse

EIGHT = datetime(2026, 11, 9, 0, 30, tzinfo=UTC)
HOURS = timedelta(hours=3, minutes=30)
TRAVEL = {(None, 1): 10, (None, 2): 20, (1, 2): 15, (2, 1): 15, (1, 1): 10, (2, 2): 10}


def find_travel(here: int | None, there: int) -> int | None:
    return TRAVEL.get((here, there))


def check(*visits: tuple[int, int, int]) -> Proof:
    return check_order([Visit(*visit) for visit in visits], EIGHT, EIGHT + HOURS, find_travel)


def test_times_follow_the_printed_order() -> None:
    proof = check((11, 1, 60), (12, 2, 45))
    assert proof.fits
    assert [leg.travel_minutes for leg in proof.legs] == [10, 15]
    assert [(leg.arrives_at - EIGHT).seconds // 60 for leg in proof.legs] == [10, 85]
    assert (proof.legs[-1].leaves_at - EIGHT).seconds // 60 == 130


def test_order_decides_whether_it_fits() -> None:
    # The way from the base to compound 2 is longer: begun there, the half-day runs over.
    fits = check((11, 1, 60), (12, 2, 60), (13, 2, 55))
    over = check((12, 2, 60), (11, 1, 60), (13, 2, 55))
    assert (fits.fits, fits.over_minutes) == (True, 0)
    assert (over.faults, over.over_minutes) == ((Fault.too_long,), 15)


@pytest.mark.parametrize(
    ("visits", "fault"),
    [
        (((11, 1, 200), (12, 1, 60)), Fault.too_long),
        (((11, 3, 60),), Fault.too_far),
        (((11, 1, 60), (11, 1, 60)), Fault.twice),
    ],
)
def test_each_fault_is_found(visits: tuple[tuple[int, int, int], ...], fault: Fault) -> None:
    assert check(*visits).faults == (fault,)


def test_empty_half_day_fits() -> None:
    assert check().fits


def test_half_day_that_ends_on_the_minute_fits() -> None:
    assert check((11, 1, 200)).fits
    assert check((11, 1, 201)).over_minutes == 1


def arranged(kept: dict[int, int], *visits: tuple[int, int]) -> list[int]:
    return arrange([Visit(need_id, compound_id, 45) for need_id, compound_id in visits], kept, find_travel)


def test_kept_order_holds_and_newcomers_come_last() -> None:
    assert arranged({7: 1, 5: 2}, (5, 1), (6, 1), (7, 1), (8, 1)) == [7, 5, 6, 8]
    assert arranged({7: 1, 5: 2}, (5, 1)) == [5]
    assert arranged({}) == []


def test_newcomers_come_by_the_nearest_next() -> None:
    assert arranged({}, (5, 2), (6, 1), (7, 2), (8, 1)) == [
        6,
        8,
        5,
        7,
    ]  # first from the base, then door to door
    assert arranged({9: 1}, (9, 2), (6, 1), (7, 2)) == [9, 7, 6]  # from where the kept order ends
    assert arranged({}, (5, 3), (6, 1)) == [
        6,
        5,
    ]  # nobody walks to compound 3: last, where the checker names it


def test_order_that_runs_over_may_only_be_replaced_by_one_that_does_not_more() -> None:
    fits, over, worse = check((11, 1, 60)), check((11, 1, 205)), check((11, 1, 230))
    assert is_no_worse(fits, over)
    assert is_no_worse(over, over)
    assert not is_no_worse(over, fits)
    assert not is_no_worse(worse, over)
