"""The sample's walking network: one piece, with walls that lengthen ways."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from app.sample import ground
from app.sample.streets import STEP_METRES, build_streets
from app.walking.queries import Walking, make_walking
from app.walking.rules import DETOUR, Graph


@pytest.fixture(scope="module")
def streets() -> Graph:
    return build_streets(1)


def walk(graph: Graph | None, home: tuple[float, float], site: tuple[float, float]) -> float:
    walking: Walking = make_walking(graph, [(1, *ground.to_point(*home))], [(2, *ground.to_point(*site))])
    return float(walking.metres([1], [2], 9_000)[0, 0])


def test_network_is_one_piece(streets: Graph) -> None:
    size = len(streets.latitude)
    links = coo_array((np.ones(len(streets.tail)), (streets.tail, streets.head)), shape=(size, size))
    assert connected_components(links, directed=False)[0] == 1
    assert size > 1_500


def test_elevated_roads_are_crossed_at_their_crossings_only(streets: Graph) -> None:
    north = (streets.latitude - ground.ORIGIN.latitude) * 111_194.93
    east = (
        (streets.longitude - ground.ORIGIN.longitude)
        * 111_194.93
        * np.cos(np.radians(ground.ORIGIN.latitude))
    )
    places = np.column_stack([east, north])
    for barrier in ground.ELEVATED_ROADS:
        over = ground.crosses(barrier, places[streets.tail], places[streets.head])
        assert 0 < over.sum() <= len(barrier.crossings), barrier.name_zh
        middle = (places[streets.tail[over]] + places[streets.head[over]]) / 2
        nearest = np.linalg.norm(middle[:, None] - barrier.list_crossings()[None], axis=2).min(axis=1)
        assert nearest.max() < 2 * STEP_METRES


def test_elevated_road_lengthens_a_walk(streets: Graph) -> None:
    west, east = (880.0, 480.0), (1_000.0, 480.0)  # 120 m apart, on both sides of the north-south road
    with_road = walk(streets, west, east)
    without = walk(build_streets(1, with_barriers=False), west, east)
    assert without < 350
    assert with_road > 500
    assert with_road > 2 * without


def test_river_is_crossed_at_one_bridge(streets: Graph) -> None:
    near, far = (600.0, 60.0), (600.0, -560.0)
    straight = walk(None, near, far) / DETOUR
    assert straight < 650
    assert walk(streets, near, far) > 1_500


def test_same_seed_same_network() -> None:
    assert build_streets(7).checksum == build_streets(7).checksum
    assert build_streets(7).checksum != build_streets(8).checksum
