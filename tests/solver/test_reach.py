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


LINE = np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [200.0, 0.0]])  # the last two at one place


def walk_the_line(limit, edges, home=0, site=2, graph=None):
    homes = Homes(LINE[[home]], np.array([limit]), node=np.array([home]))
    sites = Sites(LINE[[site]], node=np.array([site]))
    return rows(
        reach_graph(homes, sites, walking_graph(LINE, np.array(edges)) if graph is None else graph, LINE)
    )


def test_a_street_that_is_drawn_twice_is_no_longer_for_it():
    assert walk_the_line(200.0, [(0, 1), (1, 2), (2, 1), (1, 2)]) == [[(0, 200)]]


def test_two_corners_at_one_place_are_no_metres_apart():
    assert walk_the_line(200.0, [(0, 1), (1, 2), (2, 3)], site=3) == [[(0, 200)]]


def test_whoever_lives_at_the_site_needs_no_metres():
    assert walk_the_line(0.0, [(0, 1)], site=0) == [[(0, 0)]]
    assert rows(reach_straight(Homes(LINE[:1], np.zeros(1)), Sites(LINE[:1]), 1)) == [[(0, 0)]]
    assert walk_the_line(-1.0, [(0, 1)], site=0) == [[]]


def test_edges_shorter_than_the_straight_line_are_followed_as_far_as_they_lead():
    graph = walking_graph(LINE, np.array([(0, 1), (1, 2)])) * 0.5
    assert walk_the_line(100.0, [], graph=graph) == [[(0, 100)]]
    graph = walking_graph(LINE, np.array([(0, 1), (1, 2)])) * 0.0
    assert walk_the_line(0.0, [], graph=graph) == [[(0, 0)]]


def test_exactly_the_limit_is_within_it_however_a_sum_is_rounded():
    rng = np.random.default_rng(3)
    for _ in range(300):
        home, site = rng.integers(0, 2000, (2, 1, 2)).astype(np.float64)
        metres = float(np.hypot(*(site - home)[0]))
        factor, extra = float(rng.choice([1.0, 1.1, 1.25, 1.7])), float(rng.integers(0, 50))
        asked = {"factor": np.array([factor]), "extra": np.array([extra])}
        homes = Homes(home, np.array([metres * DETOUR * factor + extra]), **asked)
        assert rows(reach_straight(homes, Sites(site), 1)) == [[(0, int(np.ceil(metres * DETOUR - 1e-6)))]]
        points = np.concatenate([home, site])
        homes = Homes(home, np.array([metres * factor + extra]), node=np.array([0]), **asked)
        graph = walking_graph(points, np.array([(0, 1)]))
        assert len(reach_graph(homes, Sites(site, node=np.array([1])), graph, points).site) == 1


def test_nobody_and_nothing_asked_for_are_answers():
    nobody = Homes(np.zeros((0, 2)), np.zeros(0), node=np.zeros(0, dtype=np.int64))
    none = Sites(np.zeros((0, 2)), node=np.zeros(0, dtype=np.int64))
    somebody = Homes(LINE[:1], np.full(1, 500.0), node=np.zeros(1, dtype=np.int64))
    assert rows(reach_straight(nobody, Sites(LINE), 3)) == []
    assert rows(reach_straight(somebody, none, 3)) == [[]]
    assert rows(reach_straight(somebody, Sites(LINE), 0)) == [[]]
    graph = walking_graph(LINE, np.zeros((0, 2), dtype=np.int64))
    assert rows(reach_graph(somebody, none, graph, LINE)) == [[]]
    assert rows(reach_graph(nobody, Sites(LINE, node=np.arange(4)), graph, LINE)) == []
