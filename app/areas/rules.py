"""Points and names of areas: datum conversion, bounds, normalised names. Pure: no session, clock or I/O."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from app.areas.errors import PointNotFinite, PointOutsideDistrict
from app.models.enums import Datum

METRES_PER_DEGREE: Final = 111_194.93
"""One degree of latitude on a sphere of 6,371,000 m."""

_CONVERGED_DEGREES: Final = 1e-9  # a tenth of a millimetre
_MOST_ROUNDS: Final = 30


class Point(NamedTuple):
    """A point in degrees; which datum it is in, its holder has to know."""

    latitude: float
    longitude: float


class Bounds(NamedTuple):
    """A box in degrees, WGS-84."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, point: Point) -> bool:
        """Return whether the point lies in the box or on its edge."""
        return self.south <= point.latitude <= self.north and self.west <= point.longitude <= self.east


HUANGPU: Final = Bounds(31.185, 121.452, 31.248, 121.522)
"""Huangpu District with some 500 m around it: the default where no policy `district_bounds` is in force (K)."""


def convert_to_wgs84(point: Point, datum: Datum) -> Point:
    """Return the point in WGS-84.

    AMap and Tencent give GCJ-02, Baidu BD-09, GPS and GeoJSON WGS-84 (domain-rules.md). Both steps are
    inverted by iteration, since neither has a closed inverse.

    Raises
    ------
    PointNotFinite
        Where a coordinate is not a number that can lie on the earth.

    """
    if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180):  # also false for NaN
        raise PointNotFinite(latitude=str(point.latitude), longitude=str(point.longitude))
    if datum is Datum.bd09:
        return _invert(_shift_to_gcj02, _invert(_shift_to_bd09, point))
    if datum is Datum.gcj02:
        return _invert(_shift_to_gcj02, point)
    return point


def convert_from_wgs84(point: Point, datum: Datum) -> Point:
    """Return a WGS-84 point in another datum (exports to a map service that wants it)."""
    if datum is Datum.wgs84:
        return point
    shifted = _shift_to_gcj02(point)
    return shifted if datum is Datum.gcj02 else _shift_to_bd09(shifted)


def check_within(point: Point, bounds: Bounds) -> None:
    """Raise `PointOutsideDistrict` for a WGS-84 point outside the bounds: most often swapped columns or a wrong datum."""
    if not bounds.contains(point):
        swapped = bounds.contains(Point(point.longitude, point.latitude))
        raise PointOutsideDistrict(
            latitude=round(point.latitude, 6), longitude=round(point.longitude, 6), looks_swapped=swapped
        )


def measure_metres(a: Point, b: Point) -> float:
    """Return the straight distance of two near points in metres (flat within a district: error below 1 m)."""
    east = (b.longitude - a.longitude) * math.cos(math.radians((a.latitude + b.latitude) / 2))
    return math.hypot(b.latitude - a.latitude, east) * METRES_PER_DEGREE


def normalise_name(text: str) -> str:
    """Return the form under which names are compared: half-width, without blanks, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _invert(shift: Callable[[Point], Point], point: Point) -> Point:
    guess = point
    for _ in range(_MOST_ROUNDS):
        reached = shift(guess)
        north, east = point.latitude - reached.latitude, point.longitude - reached.longitude
        guess = Point(guess.latitude + north, guess.longitude + east)
        if max(abs(north), abs(east)) < _CONVERGED_DEGREES:
            break
    return guess


# The figures below define GCJ-02: Krasovsky's ellipsoid and two published series around 35 N, 105 E.
_AXIS_METRES: Final = 6_378_245.0
_ECCENTRICITY_SQUARED: Final = 0.006_693_421_622_965_943


def _shift_to_gcj02(point: Point) -> Point:
    x, y = point.longitude - 105.0, point.latitude - 35.0
    common = _waves((20.0, 6 * x), (20.0, 2 * x))
    north_metres = (
        -100.0 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
        + common + _waves((20.0, y), (40.0, y / 3)) + _waves((160.0, y / 12), (320.0, y / 30))
    )  # fmt: skip
    east_metres = (
        300.0 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
        + common + _waves((20.0, x), (40.0, x / 3)) + _waves((150.0, x / 12), (300.0, x / 30))
    )  # fmt: skip
    sine = math.sin(math.radians(point.latitude))
    flat = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_radius = _AXIS_METRES * (1 - _ECCENTRICITY_SQUARED) / flat**1.5
    parallel_radius = _AXIS_METRES / math.sqrt(flat) * math.cos(math.radians(point.latitude))
    return Point(
        point.latitude + math.degrees(north_metres / meridian_radius),
        point.longitude + math.degrees(east_metres / parallel_radius),
    )


def _waves(*terms: tuple[float, float]) -> float:
    return sum(size * math.sin(math.pi * turns) for size, turns in terms) * 2 / 3


def _shift_to_bd09(point: Point) -> Point:
    frequency = math.pi * 3000 / 180
    radius = math.hypot(point.longitude, point.latitude) + 0.000_02 * math.sin(point.latitude * frequency)
    angle = math.atan2(point.latitude, point.longitude) + 0.000_003 * math.cos(point.longitude * frequency)
    return Point(radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065)
