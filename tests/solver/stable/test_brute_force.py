"""Random tiny rounds with every rule mixed equal brute force; the long run is ``python -m tests.solver.oracle``."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_document
from tests.solver.stable.build import child, decide, room, round_of


@st.composite
def documents(draw):
    return draw_document(lambda low, high: draw(st.integers(low, high)), "stable")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(documents())
def test_stable_equals_brute_force(document):
    assert list_differences(document, "stable") == []


def test_seeded_rounds_equal_brute_force():
    wrong = {
        case: differences
        for case in range(400)
        if (differences := list_differences(draw_document(random.Random(case).randint, "stable"), "stable"))
    }
    assert wrong == {}


def test_more_room_never_makes_a_guarantee_impossible():
    for case in range(60):
        document = draw_document(random.Random(case).randint, "stable")
        wider = {
            **document,
            "resources": [{**r, "capacity": r["capacity"] + 2} for r in document["resources"]],
        }
        if not list_differences(document, "stable"):
            assert list_differences(wider, "stable") == []


def test_relabelling_changes_no_value():
    rooms = [room("a"), room("b"), room("c")]
    children = [
        child("1", ("a", 3), ("b", 1)),
        child("2", ("b", 3), ("a", 1)),
        child("3", ("a", 2), ("c", 1), ("b", 2)),
    ]
    values = [level.value for level in decide(round_of(rooms, children)).levels]
    assert [level.value for level in decide(round_of(rooms[::-1], children[::-1])).levels] == values
