"""Rows that follow from others: the plans stay the same, no row is left that another one implies."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from solver.generate import NightShape, draw_night, to_arrays
from solver.welfare.implied import divide, imply
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare


def draw_model(seed):
    """Nine columns of nine units on eight rows of few different amounts, so that rows double, imply and round each other."""
    rng = np.random.default_rng(seed)
    model = build_model(to_arrays(draw_night(NightShape(9), 0)))
    amounts = rng.choice([0, 0, 1, 1, 2, 3, 70, 75, 80], (8, 9))
    amounts[5] = amounts[0]
    amounts[6] = 2 * amounts[1]
    rhs = rng.integers(1, 6, 8) * np.where(amounts.max(axis=1) > 3, rng.integers(40, 90, 8), 1)
    return replace(
        model,
        unit_start=np.arange(10),
        unit_must=np.zeros(9, dtype=np.bool_),
        matrix=sparse.csc_array(amounts),
        rhs=rhs,
        equal=np.zeros(8, dtype=np.bool_),
        row_resource=np.arange(8),
        levels=[],
        column_start=np.arange(10),
        column_option=np.arange(9),
    )


def list_whole(model):
    """All whole points that keep the rows, bool[2^9]."""
    points = np.array(list(product((0, 1), repeat=model.columns)))
    return (points @ model.matrix.toarray().T <= model.rhs).all(axis=1)


def implies(model, one, other):
    """Whether row ``one`` follows from ``other``, said column by column."""
    rows = model.matrix.toarray()
    return all(
        a * int(model.rhs[other]) <= b * int(model.rhs[one])
        for a, b in zip(rows[one].tolist(), rows[other].tolist(), strict=True)
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_same_whole_points_keep_the_rows(seed):
    model = draw_model(seed)
    after = imply(model)
    np.testing.assert_array_equal(list_whole(after), list_whole(model))
    np.testing.assert_array_equal(after.rhs[:8], model.rhs)
    np.testing.assert_array_equal(after.row_resource[:8], model.row_resource)
    assert (after.row_resource[8:] == -1).all()


@pytest.mark.parametrize("seed", range(60))
def test_no_row_is_left_that_follows_from_another_and_none_is_lost_that_does_not(seed):
    model = divide(draw_model(seed))
    after = imply(draw_model(seed))
    left = np.flatnonzero(after.matrix.toarray().any(axis=1) & (after.rhs > 0)).tolist()
    for one, other in product(left, left):
        assert one == other or not implies(after, one, other)
    for row in np.flatnonzero(model.rhs > 0).tolist():  # each row of before is there or follows
        both = replace(
            after,
            matrix=sparse.vstack([after.matrix, model.matrix.tocsr()[[row]]]).tocsc(),
            rhs=np.append(after.rhs, model.rhs[row]),
        )
        assert not model.matrix.toarray()[row].any() or any(
            implies(both, len(after.rhs), each) for each in left
        )


def test_of_rows_that_say_the_same_the_first_stays():
    model = draw_model(0)
    same = np.array([[1, 1, 0], [2, 2, 0], [0, 1, 1], [1, 1, 0]])
    model = replace(
        model,
        unit_start=np.arange(4),
        unit_must=np.zeros(3, dtype=np.bool_),
        matrix=sparse.csc_array(same),
        rhs=np.array([1, 2, 1, 1]),
        equal=np.zeros(4, dtype=np.bool_),
        row_resource=np.arange(4),
        column_start=np.arange(4),
        column_option=np.arange(3),
    )
    np.testing.assert_array_equal(np.diff(imply(model).matrix.tocsr().indptr), [2, 0, 2, 0])


def test_rows_that_link_a_group_or_are_kept_full_stay():
    model = draw_model(0)
    linked = replace(model, row_resource=np.where(np.arange(8) == 5, -1, np.arange(8)))
    full = replace(model, equal=np.arange(8) == 6)
    for each, row in ((linked, 5), (full, 6)):
        np.testing.assert_array_equal(
            imply(each).matrix.toarray()[row], np.asarray(model.matrix.toarray())[row]
        )


@pytest.mark.parametrize("several", [False, True])
def test_a_drawn_night_loses_no_plan(several):
    model = prepare(build_model(to_arrays(draw_night(NightShape(200, several=several), 3))))
    after = imply(model)
    rng = np.random.default_rng(1)
    for share in (0.02, 0.05, 0.1, 0.3):
        for _ in range(50):
            x = (rng.random(model.columns) < share).astype(np.int64)
            before, now = (bool((each.matrix @ x <= each.rhs).all()) for each in (model, after))
            assert before == now
