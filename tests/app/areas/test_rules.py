"""Datum conversion against known shifts, bounds, and the form in which names are compared."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.areas.errors import PointNotFinite, PointOutsideDistrict
from app.areas.rules import (
    HUANGPU,
    METRES_PER_DEGREE,
    Point,
    check_within,
    convert_from_wgs84,
    convert_to_wgs84,
    measure_metres,
    normalise_name,
)
from app.models.enums import Datum

WULIQIAO = Point(31.203, 121.478)

around_shanghai = st.builds(Point, st.floats(30.7, 31.9), st.floats(120.8, 122.2))


def test_shift_at_wuliqiao_is_481_metres_to_the_east_and_south() -> None:
    shifted = convert_from_wgs84(WULIQIAO, Datum.gcj02)
    east = (shifted.longitude - WULIQIAO.longitude) * METRES_PER_DEGREE * math.cos(math.radians(31.203))
    south = (WULIQIAO.latitude - shifted.latitude) * METRES_PER_DEGREE
    assert east == pytest.approx(429, abs=3)
    assert south == pytest.approx(218, abs=3)
    assert measure_metres(WULIQIAO, shifted) == pytest.approx(481, abs=3)


@given(around_shanghai, st.sampled_from(Datum))
def test_point_comes_back_to_a_centimetre(point: Point, datum: Datum) -> None:
    back = convert_to_wgs84(convert_from_wgs84(point, datum), datum)
    assert measure_metres(point, back) < 0.01


def test_baidu_lies_further_off_than_amap() -> None:
    amap, baidu = (convert_from_wgs84(WULIQIAO, datum) for datum in (Datum.gcj02, Datum.bd09))
    assert measure_metres(amap, baidu) == pytest.approx(900, abs=100)
    assert measure_metres(convert_to_wgs84(baidu, Datum.bd09), WULIQIAO) < 0.01


def test_reading_a_gcj02_point_as_wgs84_moves_it_by_nearly_the_ten_minute_ring() -> None:
    given_point = convert_from_wgs84(WULIQIAO, Datum.gcj02)
    as_meant = convert_to_wgs84(given_point, Datum.gcj02)
    as_misread = convert_to_wgs84(given_point, Datum.wgs84)
    assert measure_metres(as_meant, as_misread) == pytest.approx(481, abs=3)


def test_point_in_the_district_is_accepted() -> None:
    check_within(WULIQIAO, HUANGPU)


@pytest.mark.parametrize(
    ("point", "looks_swapped"),
    [
        (Point(31.2031, 121.60), False),  # across the river, in Pudong
        (Point(39.9, 116.4), False),  # Beijing
        (Point(121.478, 31.203), True),  # columns swapped
        (Point(0.0, 0.0), False),  # an empty cell read as zero
    ],
)
def test_point_outside_the_district_is_refused(point: Point, looks_swapped: bool) -> None:
    with pytest.raises(PointOutsideDistrict) as caught:
        check_within(point, HUANGPU)
    assert caught.value.data["looks_swapped"] is looks_swapped


@pytest.mark.parametrize("point", [Point(math.nan, 121.4), Point(31.2, math.inf), Point(121.4, 31.2)])
def test_number_that_is_no_coordinate_is_refused(point: Point) -> None:
    with pytest.raises(PointNotFinite):
        convert_to_wgs84(point, Datum.gcj02)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("桥一小区", "桥一小区"),
        (" 桥一 小区\u3000", "桥一小区"),
        ("桥一小区（１期）", "桥一小区(1期)"),
        ("Ｑ１ Court", "q1court"),
    ],
)
def test_names_are_compared_half_width_and_without_blanks(written: str, stored: str) -> None:
    assert normalise_name(written) == stored
