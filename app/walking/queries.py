"""How far people walk: the newest graph applied to compounds and sites, or the labelled straight line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Compound, Site, WalkingGraph
from app.reference import keep
from app.walking.rules import Floats, Graph, Indices, Metres, measure_straight, unpack


@dataclass(frozen=True)
class _Places:
    """Points of one kind with their ids, and their nearest nodes."""

    row_of: dict[int, int]
    points: Floats  # (n, 2) degrees
    node: Indices
    to_node_metres: Floats

    def rows(self, ids: Sequence[int]) -> Indices:
        return np.fromiter((self.row_of[i] for i in ids), dtype=np.int32, count=len(ids))

    def list_off_graph(self) -> list[int]:
        return [i for i, row in self.row_of.items() if not np.isfinite(self.to_node_metres[row])]


@dataclass(frozen=True)
class Walking:
    """Walking distances between the compounds and sites of the record at one moment."""

    graph: Graph | None
    compounds: _Places
    sites: _Places

    @property
    def is_graph(self) -> bool:
        """Whether distances follow the network; otherwise they are straight line x detour and must be labelled so."""
        return self.graph is not None

    def metres(self, compound_ids: Sequence[int], site_ids: Sequence[int], limit_metres: float) -> Metres:
        """Return walking metres, shape (compounds, sites), float32, inf beyond the limit; KeyError for an unknown id."""
        return self._measure(self.compounds, compound_ids, self.sites, site_ids, limit_metres)

    def metres_between_sites(
        self, from_site_ids: Sequence[int], site_ids: Sequence[int], limit_metres: float
    ) -> Metres:
        """Return walking metres from sites (school gates, say) to sites, as `metres` does."""
        return self._measure(self.sites, from_site_ids, self.sites, site_ids, limit_metres)

    def metres_between_compounds(
        self, from_ids: Sequence[int], compound_ids: Sequence[int], limit_metres: float
    ) -> Metres:
        """Return walking metres from compounds to compounds, as `metres` does: what lies within reach of a home."""
        return self._measure(self.compounds, from_ids, self.compounds, compound_ids, limit_metres)

    def straight_metres(self, compound_ids: Sequence[int], site_ids: Sequence[int]) -> Metres:
        """Return straight line x detour from compounds to sites, however far: for what nobody walks."""
        here, there = self.compounds.rows(compound_ids), self.sites.rows(site_ids)
        return measure_straight(self.compounds.points[here], self.sites.points[there], math.inf)

    def list_off_graph(self) -> tuple[list[int], list[int]]:
        """Return ids of compounds and of sites too far from every node: their walks are the labelled straight line."""
        return self.compounds.list_off_graph(), self.sites.list_off_graph()

    def _measure(
        self,
        start: _Places,
        from_ids: Sequence[int],
        goal: _Places,
        to_ids: Sequence[int],
        limit_metres: float,
    ) -> Metres:
        here, there = start.rows(from_ids), goal.rows(to_ids)
        straight = measure_straight(start.points[here], goal.points[there], limit_metres)
        if self.graph is None or not straight.size:
            return straight
        walked = self.graph.walk(goal.node[there], start.node[here], limit_metres)
        ends = start.to_node_metres[here][:, None] + goal.to_node_metres[there][None, :]
        total = walked + ends.astype(np.float32)
        total[total > limit_metres] = np.inf
        return np.where(np.isfinite(ends), total, straight)


def load_walking(session: Session) -> Walking:
    """Return the walking distances of the present record: the newest graph, every compound, every site."""
    return keep(session, "walking", lambda: _load(session))


def _load(session: Session) -> Walking:
    packed = session.scalar(
        select(WalkingGraph.packed).order_by(WalkingGraph.imported_at.desc(), WalkingGraph.id.desc()).limit(1)
    )
    graph = None if packed is None else unpack(packed)
    compounds = session.execute(select(Compound.area_id, Compound.latitude, Compound.longitude)).all()
    sites = session.execute(select(Site.id, Site.latitude, Site.longitude)).all()
    return make_walking(graph, [(i, y, x) for i, y, x in compounds], [(i, y, x) for i, y, x in sites])


def make_walking(
    graph: Graph | None,
    compounds: Sequence[tuple[int, float, float]],
    sites: Sequence[tuple[int, float, float]],
) -> Walking:
    """Return distances between places given as (id, latitude, longitude) in WGS-84."""
    return Walking(graph, _place(graph, compounds), _place(graph, sites))


def _place(graph: Graph | None, rows: Sequence[tuple[int, float, float]]) -> _Places:
    points = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 2)
    if graph is None or not len(points):
        node = np.zeros(len(points), dtype=np.int32)
        metres = np.full(len(points), np.inf)
    else:
        node, metres = graph.snap(points[:, 0], points[:, 1])
    return _Places({row[0]: at for at, row in enumerate(rows)}, points, node, metres)
