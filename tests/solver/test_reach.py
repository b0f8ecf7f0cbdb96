"""Reach equals all pairs on small towns, by straight line and on a graph with a river."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import dijkstra

from solver.reach import DETOUR, Homes, Sites, reach_graph, reach_straight, walking_graph


def rows(reach):
    return [
        list(zip(reach.site[a:b].tolist(), reach.metres[a:b].tolist(), strict=True))
        for a, b in zip(reach.start[:-1], reach.start[1:], strict=True)
    ]


def test_straight_reach_equals_all_pairs():
    rng = np.random.default_rng(1)
    homes = Homes(rng.random((200, 2)) * 2000, rng.choice([300.0, 800.0], 200), kind=rng.integers(0, 2, 200))
    sites = Sites(rng.random((30, 2)) * 2000, kind=rng.integers(0, 2, 30))
    eligible = np.array([[True, False], [True, True]])
    found = rows(reach_straight(homes, sites, 30, eligible))
    for h in range(200):
        metres = np.hypot(*(sites.at - homes.at[h]).T) * DETOUR
        want = {
            s for s in range(30) if metres[s] <= homes.limit[h] and eligible[homes.kind[h], sites.kind[s]]
        }
        assert {s for s, _ in found[h]} == want
        assert [m for _, m in found[h]] == sorted(m for _, m in found[h])


def test_graph_reach_goes_round_the_river():
    grid = np.array([[x * 100.0, y * 100.0] for x in range(11) for y in range(11)])
    edges = [
        (a, b)
        for a in range(121)
        for b in range(a + 1, 121)
        if np.hypot(*(grid[a] - grid[b])) == 100
        and not (grid[a][0] != grid[b][0] and min(grid[a][0], grid[b][0]) == 500 and grid[a][1] != 0)
    ]
    graph = walking_graph(grid, np.array(edges))
    rng = np.random.default_rng(2)
    home_node, site_node = rng.integers(0, 121, 80), rng.integers(0, 121, 6)
    homes = Homes(
        grid[home_node], np.full(80, 700.0), factor=np.full(80, 1.1), extra=np.full(80, 20.0), node=home_node
    )
    sites = Sites(grid[site_node], node=site_node)
    found = rows(reach_graph(homes, sites, graph, grid))
    walk = dijkstra(graph, indices=site_node)
    for h in range(80):
        want = {s for s in range(6) if walk[s, home_node[h]] * 1.1 + 20 <= 700}
        assert {s for s, _ in found[h]} == want
