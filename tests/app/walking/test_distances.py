"""Walks follow the network: barriers lengthen them, limits cut them, a missing network is labelled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import now
from app.db import WriteSession
from app.models.enums import ServiceKind
from app.options.ground import measure_reach
from app.walking.commands import store_graph
from app.walking.queries import load_walking, make_walking
from app.walking.rules import DETOUR, Graph, measure_straight, pack, unpack
from tests.app.options.builders import make_service
from tests.app.walking.towns import make_banks, place
from tests.factories.areas import make_compound
from tests.factories.providers import make_site

HOME, SITE = (1, *place(0, 0)), (7, *place(0, 1))


def test_barrier_crossed_at_one_place_lengthens_the_walk() -> None:
    open_town = make_walking(make_banks(), [HOME], [SITE])
    river_town = make_walking(make_banks(bridge_at=10), [HOME], [SITE])
    assert open_town.metres([1], [7], 5_000)[0, 0] == pytest.approx(100, abs=1)
    assert river_town.metres([1], [7], 5_000)[0, 0] == pytest.approx(2_100, abs=1)


def test_beyond_the_limit_is_out_of_reach() -> None:
    walking = make_walking(make_banks(bridge_at=10), [HOME], [SITE])
    assert np.isinf(walking.metres([1], [7], 2_000)[0, 0])
    assert np.isfinite(walking.metres([1], [7], 2_110)[0, 0])


@pytest.mark.parametrize(("kind", "apart"), [(ServiceKind.canteen, 3_130), (ServiceKind.day_care, 3_000)])
def test_meal_from_where_no_way_leads_comes_from_farther_than_any_other(kind, apart) -> None:
    """The river cuts the walk and not the order: of two such kitchens the one across the street is the nearer."""
    walking = make_walking(make_banks(17, bridge_at=16), [HOME], [SITE])
    reach = measure_reach(walking, [make_service(site_id=7, kind=kind)], [1], [])
    assert np.isinf(reach.find_metres(1, 7))
    assert reach.find_brought_metres(1, 7) == pytest.approx(apart, abs=1)


def test_the_way_to_the_street_counts() -> None:
    walking = make_walking(make_banks(), [(1, *place(0, -0.5))], [SITE])
    assert walking.metres([1], [7], 5_000)[0, 0] == pytest.approx(150, abs=1)


def test_without_a_graph_the_straight_line_is_used_and_labelled() -> None:
    walking = make_walking(None, [HOME], [SITE])
    assert not walking.is_graph
    assert walking.metres([1], [7], 5_000)[0, 0] == pytest.approx(100 * DETOUR, abs=1)
    assert np.isinf(walking.metres([1], [7], 100)[0, 0])


def test_point_off_the_graph_falls_back_and_is_listed() -> None:
    far = (2, *place(0, -6))
    walking = make_walking(make_banks(), [HOME, far], [SITE])
    assert walking.is_graph
    assert walking.list_off_graph() == ([2], [])
    assert walking.metres([2], [7], 5_000)[0, 0] == pytest.approx(700 * DETOUR, abs=5)


def test_rows_are_compounds_and_columns_sites_in_the_order_asked() -> None:
    walking = make_walking(make_banks(), [HOME, (2, *place(3, 0))], [SITE, (8, *place(3, 1))])
    expected = [[400, 100], [100, 400]]
    assert np.allclose(walking.metres([1, 2], [8, 7], 5_000), expected, atol=2)
    assert walking.metres([2], [7, 8, 7], 5_000).shape == (1, 3)
    assert walking.metres([], [7], 5_000).shape == (0, 1)
    assert np.allclose(walking.metres_between_sites([8], [7], 5_000), [[300]], atol=2)
    with pytest.raises(KeyError):
        walking.metres([99], [7], 5_000)


def test_parallel_edges_do_not_add_up() -> None:
    graph = make_banks()
    doubled = Graph(
        graph.latitude,
        graph.longitude,
        np.concatenate([graph.tail, graph.head]),
        np.concatenate([graph.head, graph.tail]),
        np.concatenate([graph.metres, graph.metres * 3]),
    )
    assert make_walking(doubled, [HOME], [SITE]).metres([1], [7], 5_000)[0, 0] == pytest.approx(100, abs=1)


@given(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10), st.sampled_from([0, 1]))
def test_no_walk_is_shorter_than_the_straight_line(bridge: int, home: int, site: int, bank: int) -> None:
    walking = make_walking(make_banks(bridge_at=bridge), [(1, *place(home, 0))], [(7, *place(site, bank))])
    walked = walking.metres([1], [7], 10_000)[0, 0]
    straight = measure_straight(np.array([place(home, 0)]), np.array([place(site, bank)]), 10_000)[0, 0]
    assert walked >= straight / DETOUR - 1
    expected = 100 * (abs(home - site) if bank == 0 else abs(home - bridge) + 1 + abs(bridge - site))
    assert walked == pytest.approx(expected, abs=1)


def test_packed_graph_is_the_same_graph() -> None:
    graph = make_banks(bridge_at=3)
    assert unpack(pack(graph)).checksum == graph.checksum
    assert make_banks(bridge_at=4).checksum != graph.checksum


def test_newest_graph_counts_and_the_same_one_changes_nothing(session: WriteSession) -> None:
    compound = make_compound(session, latitude=HOME[1], longitude=HOME[2])
    site = make_site(session, latitude=SITE[1], longitude=SITE[2])

    def measure() -> float:
        return float(load_walking(session).metres([compound.area_id], [site.id], 5_000)[0, 0])

    assert not load_walking(session).is_graph
    assert store_graph(session, make_banks(), "测试", now())
    assert not store_graph(session, make_banks(), "测试", now())
    assert measure() == pytest.approx(100, abs=1)
    assert store_graph(session, make_banks(bridge_at=10), "测试", now())
    assert measure() == pytest.approx(2_100, abs=1)
    assert store_graph(session, make_banks(), "测试", now())
    assert measure() == pytest.approx(100, abs=1)
