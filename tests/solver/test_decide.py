"""A bound is told only where the plan does not disprove it; a run leaves the process as it was."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from solver import parse_problem, solve
from solver.decide import keep_bound
from solver.generate import NightShape, draw_night, to_document


@pytest.mark.parametrize(
    ("value", "bound", "is_worst", "told"),
    [
        (10, 12, False, 12),
        (10, 10, False, 10),
        (10, 9, False, None),
        (10, None, False, None),
        (5, 4, True, 4),
        (5, 5, True, 5),
        (5, 6, True, None),
    ],
)
def test_a_bound_beyond_the_value_is_no_proof(value, bound, is_worst, told):
    assert keep_bound(value, bound, is_worst=is_worst) == told


def count_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_linear_algebra_keeps_to_one_thread_and_has_its_own_back_afterwards():
    seen = []
    with threadpool_limits(3, user_api="blas"):
        solve(
            parse_problem(to_document(draw_night(NightShape(300), 1))),
            progress=lambda _: seen.append(count_threads()),
        )
        assert count_threads() == {3}
    assert seen
    assert set().union(*seen) == {1}
