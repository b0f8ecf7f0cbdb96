"""A bound is told only where the plan does not disprove it."""

from __future__ import annotations

import pytest

from solver.decide import keep_bound


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
