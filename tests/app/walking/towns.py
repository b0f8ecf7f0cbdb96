"""Small walking networks for tests: a ladder of two banks with one bridge."""

from __future__ import annotations

import numpy as np

from app.areas.rules import METRES_PER_DEGREE
from app.walking.rules import Graph

SOUTH, WEST = 31.200, 121.470
STEP_METRES = 100.0
NORTH_STEP = STEP_METRES / METRES_PER_DEGREE
EAST_STEP = NORTH_STEP / np.cos(np.radians(SOUTH))


def place(east: float, north: float) -> tuple[float, float]:
    """Return (latitude, longitude) of a point given in steps of 100 m."""
    return SOUTH + north * NORTH_STEP, WEST + east * EAST_STEP


def make_banks(width: int = 11, *, bridge_at: int | None = None) -> Graph:
    """Return two streets of `width` nodes 100 m apart and 100 m from each other, joined at one node or everywhere."""
    nodes = [place(east, north) for north in (0, 1) for east in range(width)]
    edges = [(row * width + i, row * width + i + 1) for row in (0, 1) for i in range(width - 1)]
    crossings = range(width) if bridge_at is None else [bridge_at]
    edges += [(i, width + i) for i in crossings]
    points, ends = np.array(nodes), np.array(edges, dtype=np.int32)
    return Graph(
        points[:, 0].copy(),
        points[:, 1].copy(),
        ends[:, 0].copy(),
        ends[:, 1].copy(),
        np.full(len(edges), STEP_METRES, dtype=np.float32),
    )
