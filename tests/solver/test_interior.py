"""The interior-point method's parts: its system, its steps, and where it ends."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize, sparse

from solver.welfare import schur
from solver.welfare.interior import STEP_BACK, Programme, solve_interior, weigh
from solver.welfare.kinds import find_kinds
from solver.welfare.schur import System


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("dense", [True, False])
def test_the_system_solves_what_its_formula_says(monkeypatch, dense, alike):
    monkeypatch.setattr(schur, "DENSE", 10**6 if dense else -1)
    rng = np.random.default_rng(5)
    rows, columns, units = 7, 40, 12
    drawn = np.where(rng.random((rows, columns)) < 0.3, rng.integers(1, 4, (rows, columns)), 0.0)
    a = sparse.csr_array(drawn[:, rng.integers(0, 6, columns)] if alike else drawn)
    kinds = find_kinds(a)
    assert (kinds.of.shape[0] < rows) == alike
    assert (kinds.each @ kinds.of).toarray() == pytest.approx(a.toarray())
    unit = np.sort(rng.integers(0, units, columns))
    member = (unit[:, None] == np.arange(units)).astype(float)
    theta, sigma, diagonal = rng.random(columns) + 0.1, rng.random(units) + 8, rng.random(rows) + 50
    h = a.toarray() * theta @ member
    inner = sparse.csr_array(kinds.of.toarray() * theta @ member)
    solve = System(kinds, inner.indptr, inner.indices, units).factor(theta, inner.data, sigma, diagonal)
    whole = a.toarray() * theta @ a.toarray().T - h / sigma @ h.T + np.diag(diagonal)
    side = rng.random(rows)
    assert solve(side) == pytest.approx(np.linalg.solve(whole, side), rel=1e-6)


def test_columns_are_of_one_kind_where_all_their_entries_are_equal(monkeypatch):
    rng = np.random.default_rng(3)
    patterns = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 3]], dtype=float).T
    a = sparse.csr_array(patterns[:, rng.permutation(np.repeat(np.arange(5), 9))])
    kinds = find_kinds(a)
    assert kinds.each.shape == (4, 5)
    assert (kinds.each @ kinds.of).toarray().tolist() == a.toarray().tolist()
    # Two columns whose sums meet by chance are told apart by their entries.
    meeting = SimpleNamespace(random=np.ones)
    monkeypatch.setattr("solver.welfare.kinds.np.random.default_rng", lambda _: meeting)
    kinds = find_kinds(a)
    assert (kinds.each @ kinds.of).toarray().tolist() == a.toarray().tolist()


def test_a_correctors_weight_lets_the_step_go_farthest():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        value, change, more = rng.random(30) + 0.1, rng.normal(size=30), rng.normal(size=30) * 2
        weight, step = weigh(value, change, more, 0.2)
        best = max(
            1 / max(float(np.max(-(change + each * more) / value)), 1e-9) for each in np.linspace(0.2, 1, 801)
        )
        assert 0.2 <= weight <= 1
        assert step >= STEP_BACK * min(best, 1.0) * 0.98  # a few weights are tried, not all
        assert (value + step * (change + weight * more) > 0).all()


@pytest.mark.parametrize("seed", range(40))
def test_it_ends_at_the_optimum_with_prices_that_prove_it(seed):
    rng = np.random.default_rng(seed)
    units, rows = 12, 5
    start = np.concatenate([[0], np.cumsum(rng.integers(1, 5, units))])
    count = int(start[-1])
    matrix = sparse.csr_array((rng.random((rows, count)) < 0.5).astype(float))
    must, equal = rng.random(units) < 0.2, np.zeros(rows, dtype=bool)
    rhs = matrix @ np.full(count, 0.2) + must.sum()
    cost = rng.integers(0, 9, count).astype(float)
    pick = sparse.csr_array((np.ones(count), np.arange(count), start), shape=(units, count))
    best = optimize.linprog(
        -cost,
        A_ub=sparse.vstack([pick, matrix]),
        b_ub=np.concatenate([np.ones(units), rhs]),
        A_eq=pick[np.flatnonzero(must)] if must.any() else None,
        b_eq=np.ones(int(must.sum())) if must.any() else None,
    )
    if best.status == 2:
        pytest.skip("no plan places all who must be placed")
    found = solve_interior(Programme(start, must, cost, matrix, rhs, equal))
    assert found.x.min() >= 0
    assert cost @ found.x == pytest.approx(-best.fun, abs=1e-5)
    worth = cost - matrix.T @ found.prices  # Lagrange: prices and what each unit then takes at best
    each = np.maximum.reduceat(worth, start[:-1])
    assert found.prices @ rhs + np.where(must, each, np.maximum(each, 0)).sum() == pytest.approx(
        -best.fun, abs=1e-4
    )
