"""The lie of the land: a plane of metres for Wuliqiao, its river and elevated roads. Pure.

Positions are schematic: the river, the inner ring and the north-south elevated road run about where they run, so
that straight lines mislead as they do on the spot; no compound or site stands for a real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.areas.rules import METRES_PER_DEGREE, Point

Plane = NDArray[np.float64]
"""Points as metres east and north of the origin, shape (n, 2)."""

ORIGIN: Final = Point(31.1955, 121.4625)
WIDTH: Final = 2_850.0
HEIGHT: Final = 1_550.0


@dataclass(frozen=True)
class Barrier:
    """A line that is crossed on foot only at some points, given as shares of its length."""

    name_zh: str
    start: tuple[float, float]
    end: tuple[float, float]
    crossings: tuple[float, ...]

    def list_crossings(self) -> Plane:
        """Return the points at which it is crossed."""
        start, end = np.array(self.start), np.array(self.end)
        return np.array([start + share * (end - start) for share in self.crossings])


ELEVATED_ROADS: Final = (
    Barrier("南北高架", (950.0, -40.0), (930.0, 1_620.0), (0.12, 0.50, 0.86)),
    Barrier("内环高架", (-40.0, 560.0), (2_900.0, 640.0), (0.07, 0.25, 0.50, 0.74, 0.95)),
)
"""Crossed by underpasses and bridges several hundred metres apart."""

RIVER_NORTH_BANK: Final = ((-60.0, -30.0), (2_910.0, 50.0))
RIVER_SOUTH_BANK: Final = ((-60.0, -480.0), (2_910.0, -400.0))
BRIDGE_EAST: Final = 1_200.0
"""Where the one bridge stands, metres east."""
FAR_BANK_DEPTH: Final = 260.0


def to_point(east: float, north: float) -> Point:
    """Return the WGS-84 point of a place on the plane."""
    narrowing = cos(radians(ORIGIN.latitude))
    return Point(
        ORIGIN.latitude + north / METRES_PER_DEGREE,
        ORIGIN.longitude + east / (METRES_PER_DEGREE * narrowing),
    )


def find_height(line: tuple[tuple[float, float], tuple[float, float]], east: Plane | float) -> Plane:
    """Return how far north a line runs at some metres east."""
    (x0, y0), (x1, y1) = line
    return np.asarray(y0 + (np.asarray(east) - x0) * (y1 - y0) / (x1 - x0))


def crosses(barrier: Barrier, tail: Plane, head: Plane) -> NDArray[np.bool_]:
    """Return for each segment from `tail` to `head` whether it crosses the barrier."""
    start, end = np.array(barrier.start), np.array(barrier.end)
    apart = _side(start, end, tail) != _side(start, end, head)
    return np.asarray(apart & (_side_each(tail, head, start) != _side_each(tail, head, end)))


def measure_to_barriers(places: Plane) -> NDArray[np.float64]:
    """Return the metres from each place to the nearest elevated road."""
    found = np.full(len(places), np.inf)
    for barrier in ELEVATED_ROADS:
        start, end = np.array(barrier.start), np.array(barrier.end)
        along = np.clip(((places - start) @ (end - start)) / ((end - start) @ (end - start)), 0, 1)
        found = np.minimum(found, np.linalg.norm(places - (start + along[:, None] * (end - start)), axis=1))
    return found


def _side(start: Plane, end: Plane, places: Plane) -> NDArray[np.bool_]:
    line = end - start
    return np.asarray(line[0] * (places[:, 1] - start[1]) - line[1] * (places[:, 0] - start[0]) > 0)


def _side_each(tail: Plane, head: Plane, place: Plane) -> NDArray[np.bool_]:
    line = head - tail
    return np.asarray(line[:, 0] * (place[1] - tail[:, 1]) - line[:, 1] * (place[0] - tail[:, 0]) > 0)
