"""The walking network as arrays: packing, snapping, distances. Pure: no session, no clock, no I/O.

A walk is the way to the nearest node, the shortest path over the network, and the way from the last node.
Distances run from the sites, which are few; nothing here ever holds all pairs of a city.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from app.areas.rules import METRES_PER_DEGREE

if TYPE_CHECKING:
    # Reading SciPy takes a fifth of the start of every command; few of them walk.
    from scipy.sparse import csr_array
    from scipy.spatial import KDTree

Floats = NDArray[np.float64]
Metres = NDArray[np.float32]
Indices = NDArray[np.int32]

DETOUR: Final = 1.3
"""Straight line to walk where there is no graph (K): misjudged 36 % of pairs at 800 m, hence always labelled."""

SNAP_METRES: Final = 250.0
"""A point further than this from every node is off the graph; its walks are the labelled straight line."""

_BLOCK_CELLS: Final = 4_000_000  # 32 MB of float64 per block of sites


@dataclass(frozen=True)
class Graph:
    """An undirected network: node points in WGS-84 degrees, edges as node indices with a length in metres."""

    latitude: Floats
    longitude: Floats
    tail: Indices
    head: Indices
    metres: Metres

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the arrays: equal networks have equal sums, however a file was compressed."""
        digest = hashlib.sha256()
        for array in (self.latitude, self.longitude, self.tail, self.head, self.metres):
            digest.update(str(array.dtype.str).encode() + len(array).to_bytes(8, "little") + array.tobytes())
        return digest.hexdigest()

    @cached_property
    def _matrix(self) -> csr_array:
        from scipy.sparse import csr_array  # noqa: PLC0415

        size = len(self.latitude)
        both = np.concatenate([self.tail, self.head]), np.concatenate([self.head, self.tail])
        lengths = np.concatenate([self.metres, self.metres]).astype(np.float64)
        # csr_array adds parallel edges up; the shortest of them is the one people walk.
        order = np.lexsort((lengths, both[1], both[0]))
        rows, columns, lengths = both[0][order], both[1][order], lengths[order]
        first = np.ones(len(rows), dtype=bool)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        return csr_array((lengths[first], (rows[first], columns[first])), shape=(size, size))

    def snap(self, latitude: Floats, longitude: Floats) -> tuple[Indices, Floats]:
        """Return for each point its nearest node and the metres to it; the metres are inf beyond `SNAP_METRES`."""
        tree = self._tree
        metres, node = tree.query(self._flat(latitude, longitude), distance_upper_bound=SNAP_METRES)
        found = np.where(np.isfinite(metres), node, 0).astype(np.int32)
        return found, np.asarray(metres, dtype=np.float64)

    def walk(self, sites: Indices, nodes: Indices, limit_metres: float) -> Metres:
        """Return metres over the network from each of `nodes` (rows) to each of `sites` (columns), inf beyond the limit."""
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        reached, place = np.unique(sites, return_inverse=True)
        distances = np.empty((len(nodes), len(reached)), dtype=np.float32)
        block = max(1, _BLOCK_CELLS // max(1, len(self.latitude)))
        for start in range(0, len(reached), block):
            some = reached[start : start + block]
            found = dijkstra(self._matrix, directed=True, indices=some, limit=limit_metres)
            distances[:, start : start + block] = found[:, nodes].T
        return distances[:, place]

    @cached_property
    def _origin(self) -> tuple[float, float]:
        return float(self.latitude.mean()), float(self.longitude.mean())

    @cached_property
    def _tree(self) -> KDTree:
        from scipy.spatial import KDTree  # noqa: PLC0415

        return KDTree(self._flat(self.latitude, self.longitude))

    def _flat(self, latitude: Floats, longitude: Floats) -> Floats:
        north, east = self._origin
        return flatten(latitude, longitude, north, east)


def flatten(latitude: Floats, longitude: Floats, north: float, east: float) -> Floats:
    """Return points as metres north and east of an origin, shape (n, 2); good within a city."""
    narrowing = np.cos(np.radians(north))
    return np.column_stack(
        [(latitude - north) * METRES_PER_DEGREE, (longitude - east) * METRES_PER_DEGREE * narrowing]
    )


def measure_straight(from_points: Floats, to_points: Floats, limit_metres: float) -> Metres:
    """Return straight line x detour between (n, 2) and (m, 2) arrays of degrees, inf beyond the limit."""
    north, east = to_points.mean(axis=0) if len(to_points) else (0.0, 0.0)
    here = flatten(from_points[:, 0], from_points[:, 1], north, east)
    there = flatten(to_points[:, 0], to_points[:, 1], north, east)
    metres = DETOUR * np.linalg.norm(here[:, None, :] - there[None, :, :], axis=2)
    return np.where(metres <= limit_metres, metres, np.inf).astype(np.float32)


def pack(graph: Graph) -> bytes:
    """Return the arrays as compressed npz bytes."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        latitude=graph.latitude,
        longitude=graph.longitude,
        tail=graph.tail,
        head=graph.head,
        metres=graph.metres,
    )
    return file.getvalue()


def unpack(packed: bytes) -> Graph:
    """Return the graph of `pack`."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return Graph(
            arrays["latitude"], arrays["longitude"], arrays["tail"], arrays["head"], arrays["metres"]
        )
