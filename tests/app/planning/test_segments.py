"""Weekly cells cut into dated segments: where promised use changes, what is left out, what counts as capacity."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import CapacityKind, Part
from app.planning.segments import Fixed, cut_segments
from tests.app.options.builders import make_class, make_ground, make_service
from tests.app.planning.test_gates import make_snapshot

CLASS = make_class((Part.morning,), days=(0,), kinds={CapacityKind.places: 10})
CELL = CLASS.cells[0, Part.morning][0]
LAST = date(2027, 2, 22)


def cut(fixed=(), used=None, singles=None, **service):
    made = make_service(classes=[CLASS], **service)
    keys = {(CELL.id, on, CapacityKind.places): amount for on, amount in (used or {}).items()}
    snapshot = make_snapshot([], [], ground=make_ground(made), dated_uses=keys)
    segments = cut_segments(snapshot, [made], fixed, {made.id: singles or set()}, LAST)
    return segments, segments.by_cell[CELL.id, CapacityKind.places]


def use(amount: int, first: date, last: date | None = None) -> Fixed:
    return Fixed(CELL.id, CapacityKind.places, amount, first, last)


def test_quiet_cell_is_one_segment_named_by_its_first_date() -> None:
    _, (segment,) = cut()
    assert segment.id == "K1-0-morning/places@2026-11-30"
    assert (segment.capacity, len(segment.dates)) == (10, 13)


def test_segment_ends_where_a_promise_ends() -> None:
    _, (before, after) = cut([use(4, date(2026, 1, 1), date(2026, 12, 31))])
    assert (before.promised, after.promised) == (4, 0)
    assert after.dates[0] == date(2027, 1, 4)


def test_two_dates_of_bookings_are_left_out_and_a_third_counts() -> None:
    dates = [date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21)]
    segments, (segment,) = cut(used=dict(zip(dates[:2], (9, 8), strict=True)))
    assert segment.capacity == 10
    assert segments.skippable[CLASS.id] == set(dates[:2])
    _, (segment,) = cut(used=dict(zip(dates, (9, 8, 3), strict=True)))
    assert segment.capacity == 7


def test_promise_above_the_capacity_counts_as_capacity() -> None:
    _, (segment,) = cut([use(12, date(2026, 1, 1))])
    assert (segment.capacity, segment.real_capacity) == (12, 10)


def test_places_held_back_are_not_given_by_the_night() -> None:
    _, (segment,) = cut(held_back_places=2)
    assert segment.capacity == 8


def test_single_date_has_a_segment_of_its_own() -> None:
    segments, found = cut(singles={date(2026, 12, 14)})
    assert [len(each.dates) for each in found] == [2, 1, 10]
    one = segments.find(CELL.id, CapacityKind.places, date(2026, 12, 14), date(2026, 12, 14))
    assert [each.dates for each in one] == [[date(2026, 12, 14)]]


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 11, 1), None, 2),
        (date(2027, 1, 1), None, 1),
        (date(2026, 11, 1), date(2026, 12, 31), 1),
        (date(2027, 3, 1), None, 0),
    ],
)
def test_place_uses_the_segments_of_its_time(first: date, last: date | None, count: int) -> None:
    segments, _ = cut([use(4, date(2026, 1, 1), date(2026, 12, 31))])
    assert len(segments.find(CELL.id, CapacityKind.places, first, last)) == count


def test_closed_weeks_have_no_dates() -> None:
    _, (segment,) = cut(closures=[(date(2026, 12, 1), date(2027, 1, 31))])
    assert segment.dates[1] == date(2027, 2, 1)
