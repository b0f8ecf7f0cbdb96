"""The sample's walking network: a jittered grid of streets, cut by the river and the elevated roads. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from app.sample import ground
from app.sample.ground import Plane
from app.walking.rules import Graph

STEP_METRES: Final = 52.0
_JITTER_METRES: Final = 11.0
_MISSING_SHARE: Final = 0.12  # blocks without a way through
_LONGEST_BEND: Final = 1.12
_RAMPS: Final = 1.5  # a bridge's ramps make it longer than the river is wide


def build_streets(seed: int, *, with_barriers: bool = True) -> Graph:
    """Return the network of both banks; `with_barriers=False` leaves the elevated roads out (for comparison)."""
    random = np.random.default_rng(seed)
    places, edges = _lay_grid(random)
    keep = random.random(len(edges)) >= _MISSING_SHARE
    bends = random.uniform(1.0, _LONGEST_BEND, len(edges))
    lengths = np.linalg.norm(places[edges[:, 0]] - places[edges[:, 1]], axis=1) * bends
    if with_barriers:
        keep = _cut(places, edges, keep)
    bridge = _find_bridge(places)
    edges = np.vstack([edges[keep], bridge])
    span = float(np.linalg.norm(places[bridge[0]] - places[bridge[1]])) * _RAMPS
    lengths = np.append(lengths[keep], span)
    places, edges, lengths = _keep_largest_part(places, edges, lengths)
    points = np.array([ground.to_point(east, north) for east, north in places])
    return Graph(
        points[:, 0].round(6).copy(),
        points[:, 1].round(6).copy(),
        edges[:, 0].astype(np.int32),
        edges[:, 1].astype(np.int32),
        lengths.round(1).astype(np.float32),
    )


def _lay_grid(random: np.random.Generator) -> tuple[Plane, NDArray[np.int64]]:
    """Lay nodes on both banks and join neighbours of one bank."""
    easts = np.arange(0, ground.WIDTH + 1, STEP_METRES)
    norths = np.arange(-480 - ground.FAR_BANK_DEPTH, ground.HEIGHT + 1, STEP_METRES)
    east, north = np.meshgrid(easts, norths)
    grid = np.column_stack([east.ravel(), north.ravel()])
    grid += random.uniform(-_JITTER_METRES, _JITTER_METRES, grid.shape)
    near = grid[:, 1] > ground.find_height(ground.RIVER_NORTH_BANK, grid[:, 0]) + 15
    far = grid[:, 1] < ground.find_height(ground.RIVER_SOUTH_BANK, grid[:, 0]) - 15
    number = np.arange(len(grid)).reshape(len(norths), len(easts))
    pairs = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    tail, head = pairs[:, 0], pairs[:, 1]
    pairs = pairs[(near[tail] & near[head]) | (far[tail] & far[head])]
    return grid, pairs


def _cut(places: Plane, edges: NDArray[np.int64], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take away what crosses an elevated road, but for the edge nearest to each of its crossings."""
    keep = keep.copy()
    tail, head = places[edges[:, 0]], places[edges[:, 1]]
    open_edges: list[int] = []
    for barrier in ground.ELEVATED_ROADS:
        across = ground.crosses(barrier, tail, head)
        keep[across] = False
        at = np.flatnonzero(across)
        middle = (tail[at] + head[at]) / 2
        open_edges += [
            int(at[np.linalg.norm(middle - place, axis=1).argmin()]) for place in barrier.list_crossings()
        ]
    keep[open_edges] = True
    return keep


def _find_bridge(places: Plane) -> NDArray[np.int64]:
    """Return the two nodes that the one bridge joins."""
    ends = []
    for bank, lies in ((ground.RIVER_NORTH_BANK, 1), (ground.RIVER_SOUTH_BANK, -1)):
        beyond = (places[:, 1] - ground.find_height(bank, places[:, 0])) * lies > 15
        foot = np.array([ground.BRIDGE_EAST, float(ground.find_height(bank, ground.BRIDGE_EAST))])
        away = np.where(beyond, np.linalg.norm(places - foot, axis=1), np.inf)
        ends.append(int(away.argmin()))
    return np.array(ends, dtype=np.int64)


def _keep_largest_part(
    places: Plane, edges: NDArray[np.int64], lengths: NDArray[np.float64]
) -> tuple[Plane, NDArray[np.int64], NDArray[np.float64]]:
    size = len(places)
    links = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    _, part = connected_components(links, directed=False)
    inside = part == np.bincount(part).argmax()
    renumbered = np.cumsum(inside) - 1
    keep = inside[edges[:, 0]]
    return places[inside], renumbered[edges[keep]], lengths[keep]
