"""From homes, sites and limits to who can reach what: a spatial index, or one bounded search per site on the graph.

Never all pairs. It knows metres and limits; who is eligible for what is a mask that the caller gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints

DETOUR = 1.3  # walking metres per straight metre where there is no graph
CHUNK = 4_000_000  # pairs of a home and a near site that are held at once
SLACK = 1e-6  # metres: whoever lives exactly at the limit is within it, however the sum was rounded


@dataclass(frozen=True)
class Homes:
    """``at`` float64[H, 2] in metres of one plane; ``limit`` float64[H] walking metres;
    ``factor`` and ``extra`` float64[H]: a person's cost is metres x factor + extra (mobility; floors without a lift);
    ``kind`` int64[H] for the eligibility mask; ``node`` int64[H] on the walking graph, -1 for none.
    """

    at: Floats
    limit: Floats
    factor: Floats | None = None
    extra: Floats | None = None
    kind: Ints | None = None
    node: Ints | None = None


@dataclass(frozen=True)
class Sites:
    """``at`` float64[S, 2]; ``kind`` int64[S]; ``node`` int64[S]."""

    at: Floats
    kind: Ints | None = None
    node: Ints | None = None


@dataclass(frozen=True)
class Reach:
    """Sites within reach by rows: home ``h`` has ``site[start[h]:start[h + 1]]``, nearest first; ``metres`` int64."""

    start: Ints
    site: Ints
    metres: Ints


def reach_straight(homes: Homes, sites: Sites, most: int, eligible: Bools | None = None) -> Reach:
    """At most ``most`` nearest sites per home within its limit, by straight line x `DETOUR`.

    ``eligible`` bool[home kinds, site kinds]. Homes are searched kind by kind, so the nearest eligible ones are found.
    O(H log S).
    """
    parts = []
    kinds = np.zeros(len(homes.at), dtype=np.int64) if homes.kind is None or eligible is None else homes.kind
    for kind in np.unique(kinds).tolist():
        allowed = _allowed(sites, eligible, kind)
        who = np.flatnonzero(kinds == kind)
        if not len(allowed) or most <= 0:
            continue
        tree = cKDTree(sites.at[allowed])
        k = min(most, len(allowed))
        together = max(1, CHUNK // k)
        for first in range(0, len(who), together):
            some = who[first : first + together]
            room = _find_room(homes, some)
            far = max(0.0, float(room.max(initial=0.0)) / DETOUR)
            found: Any = tree.query(homes.at[some], k=range(1, k + 1), distance_upper_bound=far + SLACK)
            distance, near = found
            metres = distance * DETOUR
            inside = np.isfinite(distance) & (metres <= room[:, np.newaxis] + SLACK)
            row, column = np.nonzero(inside)
            parts.append((some[row], allowed[near[row, column]], metres[row, column]))
    return _by_home(len(homes.at), parts)


def reach_graph(
    homes: Homes,
    sites: Sites,
    graph: Any,
    points: Floats,
    eligible: Bools | None = None,
    most: int | None = None,
) -> Reach:
    """Sites within each home's limit by the walking graph.

    ``graph`` csr float64[V, V] of edge metres (both directions), ``points`` float64[V, 2]. A walk of L metres stays
    within L of the site, so each site's search runs on the piece of the graph inside that circle; the circle is wider
    where edges are shorter than the straight line.
    """
    assert homes.node is not None
    assert sites.node is not None
    room = _find_room(homes, slice(None)) + SLACK
    farthest = float(room.max(initial=-1.0))
    shortest = _find_shortest(graph, points)
    circle = farthest / shortest + SLACK if shortest else np.inf
    order = np.argsort(homes.node, kind="stable")
    sorted_nodes = homes.node[order]
    tree = cKDTree(points)
    parts = []
    for site in range(len(sites.at)):
        node = int(sites.node[site])
        if node < 0 or farthest < 0:
            continue
        inside = np.sort(np.array(tree.query_ball_point(points[node], circle), dtype=np.int64))
        piece = graph[inside][:, inside]
        walk = _walk(piece, int(np.searchsorted(inside, node)), farthest)
        reached = np.flatnonzero(np.isfinite(walk))
        low = np.searchsorted(sorted_nodes, inside[reached], side="left")
        high = np.searchsorted(sorted_nodes, inside[reached], side="right")
        counts = high - low
        first = np.repeat(low - np.cumsum(counts) + counts, counts)
        who = order[first + np.arange(int(counts.sum()))]
        metres = np.repeat(walk[reached], counts)
        keep = metres <= room[who]
        if eligible is not None and homes.kind is not None and sites.kind is not None:
            keep &= eligible[homes.kind[who], int(sites.kind[site])]
        parts.append((who[keep], np.full(int(keep.sum()), site, dtype=np.int64), metres[keep]))
    return _by_home(len(homes.at), parts, most)


def _walk(piece: Any, node: int, farthest: float) -> Floats:
    search: Any = dijkstra
    found: Floats = search(piece, directed=True, indices=node, limit=farthest)
    return found


def _find_room(homes: Homes, some: Any) -> Floats:
    """The walking metres that each person's limit leaves."""
    with np.errstate(divide="ignore"):  # whoever walks at no cost has no limit
        room: Floats = (homes.limit[some] - _part(homes.extra, some, 0.0)) / _part(homes.factor, some, 1.0)
    return room


def _find_shortest(graph: Any, points: Floats) -> float:
    """The least edge metres per straight metre, at most 1; 0 where an edge leads elsewhere in no metres."""
    edges = graph.tocoo()
    straight = np.hypot(*(points[edges.row] - points[edges.col]).T)
    apart = straight > 0
    return min(1.0, float((edges.data[apart] / straight[apart]).min(initial=1.0)))


def walking_graph(points: Floats, edges: Ints) -> Any:
    """Csr float64[V, V] from int64[E, 2] edges, both directions, straight metres per edge; a repeated edge counts once."""
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    metres = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T)
    both = np.concatenate([edges, edges[:, ::-1]])
    shape = (len(points), len(points))
    return sparse.csr_array((np.concatenate([metres, metres]), (both[:, 0], both[:, 1])), shape=shape)


def _allowed(sites: Sites, eligible: Bools | None, kind: int) -> Ints:
    if eligible is None or sites.kind is None:
        return np.arange(len(sites.at))
    return np.flatnonzero(eligible[kind, sites.kind])


def _part(values: Floats | None, some: Any, default: float) -> Any:
    return default if values is None else values[some]


def _by_home(homes: int, parts: list[tuple[Ints, Ints, Floats]], most: int | None = None) -> Reach:
    home = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    site = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    metres = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    whole = np.ceil(metres - SLACK).astype(np.int64)
    order = np.lexsort((site, whole, home))
    home, site, whole = home[order], site[order], whole[order]
    if most is not None:
        rank = np.arange(len(home)) - np.searchsorted(home, home)
        home, site, whole = home[rank < most], site[rank < most], whole[rank < most]
    start = np.concatenate([[0], np.cumsum(np.bincount(home, minlength=homes))]).astype(np.int64)
    return Reach(start, site, whole)
