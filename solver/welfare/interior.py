"""An interior-point method for nights: the unit rows are eliminated by hand, only the resources' system is factored.

Primal: max c x, sum of x in a unit + t = 1 (t = 0 for must), A x + w = b (w = 0 on full rows), all >= 0.
Mehrotra's predictor-corrector (SIAM J. Optim. 2, 1992); the normal equations' block of unit rows is diagonal, so one
Schur complement of the size of the rows (hundreds) is left: Dantzig and Van Slyke's generalised upper bounds (1967)
for interior points. Its prices steer; every bound is recomputed in whole numbers elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.schur import System

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Bools, Floats, Ints

STEPS = 80
TIGHT = 1e-9
STEP_BACK = 0.9995
FEASIBLE = 1e-7
NEARLY, STALLED = (
    1e-7,
    0.3,
)  # a gap that small which a step leaves larger than this part of it is as good as it gets
SMALLEST = 1e-15  # of mean complementarity: nothing moves below it


@dataclass(frozen=True)
class Programme:
    """``start`` int64[U + 1] (no unit is empty), ``cost`` float64[C], ``matrix`` csr float64[M, C]."""

    start: Ints
    must: Bools
    cost: Floats
    matrix: Any
    rhs: Floats
    equal: Bools


@dataclass(frozen=True)
class Interior:
    """x float64[C], prices float64[M]; ``gap`` relative between primal and dual value."""

    x: Floats
    prices: Floats
    gap: float
    steps: int


def solve_interior(
    programme: Programme, tight: float = TIGHT, watch: Callable[[Floats], bool] | None = None
) -> Interior:
    """Solve; ``watch(prices)`` is asked after each step and ends the run when it returns True."""
    return _Method(programme).run(tight, watch)


@dataclass
class _Point:
    """Primal x, t, w; dual y, price; reduced costs zx, zt, zw. Also used for directions."""

    x: Floats
    t: Floats
    w: Floats
    y: Floats
    price: Floats
    zx: Floats
    zt: Floats
    zw: Floats

    def reach(self, d: _Point) -> tuple[float, float]:
        """Return the longest primal and dual steps."""
        return (
            min(longest(self.x, d.x), longest(self.t, d.t), longest(self.w, d.w)),
            min(longest(self.zx, d.zx), longest(self.zt, d.zt), longest(self.zw, d.zw)),
        )

    def after(self, d: _Point, primal: float, dual: float) -> float:
        """Return the complementarity after a step."""
        total = float((self.x + primal * d.x) @ (self.zx + dual * d.zx))
        total += float((self.t + primal * d.t) @ (self.zt + dual * d.zt))
        return total + float((self.w + primal * d.w) @ (self.zw + dual * d.zw))

    def add(self, d: _Point, primal: float, dual: float) -> None:
        """Step."""
        self.x, self.t, self.w = self.x + primal * d.x, self.t + primal * d.t, self.w + primal * d.w
        self.y, self.price = self.y + dual * d.y, self.price + dual * d.price
        self.zx, self.zt, self.zw = self.zx + dual * d.zx, self.zt + dual * d.zt, self.zw + dual * d.zw


class _View:
    """Everything about one point that both directions of a step share: residuals, scalings, the factor."""

    def __init__(self, method: _Method, at: _Point) -> None:
        p = method.p
        self.method, self.at = method, at
        self.ru = 1.0 - method.sum_units(at.x) - at.t
        self.rr = p.rhs - method.a @ at.x - at.w
        self.rx = method.cost - at.y[method.unit] - method.at @ at.price + at.zx
        self.rt = np.where(method.free_unit, at.zt - at.y, 0.0)
        self.rw = np.where(method.free_row, at.zw - at.price, 0.0)
        self.pairs = max(1, len(at.x) + int(method.free_unit.sum()) + int(method.free_row.sum()))
        self.mu = (float(at.x @ at.zx) + float(at.t @ at.zt) + float(at.w @ at.zw)) / self.pairs
        value = float(method.cost @ at.x)
        self.gap = abs(float(at.y.sum() + at.price @ p.rhs) - value) / (1.0 + abs(value))
        right = 1.0 + float(np.abs(p.rhs).max(initial=0.0))
        self.infeasibility = max(
            float(np.abs(self.ru).max(initial=0)),
            float(np.abs(self.rr).max(initial=0)) / right,
            float(np.abs(self.rx).max(initial=0)),
        )
        self.zt = np.where(method.free_unit, at.zt, 1.0)
        self.zw = np.where(method.free_row, at.zw, 1.0)
        self.theta, self.theta_t, self.theta_w = at.x / at.zx, at.t / self.zt, at.w / self.zw
        self._solve: Callable[[Floats, Floats], tuple[Floats, Floats]] | None = None

    def direction(self, cx: Floats, ct: Floats, cw: Floats) -> _Point:
        """Newton's direction for complementarity right sides ``c``: target - product."""
        method, at = self.method, self.at
        if self._solve is None:
            self._solve = method.factor(self.theta, self.theta_t, self.theta_w)
        gx = self.theta * self.rx + cx / at.zx
        gt = np.where(method.free_unit, self.theta_t * self.rt + ct / self.zt, 0.0)
        gw = np.where(method.free_row, self.theta_w * self.rw + cw / self.zw, 0.0)
        dy, dp = self._solve(method.sum_units(gx) + gt - self.ru, method.a @ gx + gw - self.rr)
        dzx = dy[method.unit] + method.at @ dp - self.rx
        dzt = np.where(method.free_unit, dy - self.rt, 0.0)
        dzw = np.where(method.free_row, dp - self.rw, 0.0)
        return _Point(
            x=cx / at.zx - self.theta * dzx,
            t=np.where(method.free_unit, ct / self.zt - self.theta_t * dzt, 0.0),
            w=np.where(method.free_row, cw / self.zw - self.theta_w * dzw, 0.0),
            y=dy,
            price=dp,
            zx=dzx,
            zt=dzt,
            zw=dzw,
        )


class _Method:
    def __init__(self, p: Programme) -> None:
        self.p = p
        self.unit = np.repeat(np.arange(len(p.start) - 1), np.diff(p.start))
        self.scale = max(1.0, float(np.abs(p.cost).max(initial=0.0)))
        self.cost = p.cost / self.scale
        self.a = p.matrix.tocsr().sorted_indices()
        self.at = self.a.T.tocsr()
        units = len(p.start) - 1
        # H[m, u] = sum of A[m, c] theta[c] over the unit's columns: same places every step, only numbers change.
        # A unit's columns stand together, so an entry of H begins where row or unit changes.
        rows = np.repeat(np.arange(self.a.shape[0]), np.diff(self.a.indptr))
        key = rows * units + self.unit[self.a.indices]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        self.h = sparse.csr_array(
            (self.a.data, self.a.indices, np.append(begins, len(key))), shape=(len(begins), len(p.cost))
        )
        self.h_unit = key[begins] % units
        self.h_indptr = np.searchsorted(begins, self.a.indptr)
        self.units = sparse.csr_array(
            (np.ones(len(p.cost)), np.arange(len(p.cost)), p.start), shape=(units, len(p.cost))
        )
        self.free_unit = ~p.must
        self.free_row = ~p.equal
        self.system = System(self.a, self.h_indptr, self.h_unit, units)

    def sum_units(self, values: Floats) -> Floats:
        result: Floats = np.asarray(self.units @ values)
        return result

    def run(self, tight: float, watch: Callable[[Floats], bool] | None) -> Interior:
        """Step until primal, dual and gap are within ``tight``, or nothing moves any more."""
        point = self.start()
        gap, step = np.inf, 0
        for step in range(1, STEPS + 1):
            view = _View(self, point)
            last, gap = gap, view.gap
            done = view.infeasibility < FEASIBLE and (gap < tight or last * STALLED < gap < NEARLY)
            if done or view.mu < SMALLEST or not np.isfinite(view.mu):
                break
            if watch is not None and step % 4 == 0 and watch(point.price * self.scale):
                break
            self.move(point, view)
        return Interior(point.x, point.price * self.scale, gap, step)

    def start(self) -> _Point:
        """Return a point well inside, not feasible."""
        p = self.p
        x = np.repeat(0.9 / (np.diff(p.start) + 1.0), np.diff(p.start))
        y = np.full(len(p.start) - 1, 0.5)
        price = np.where(self.free_row, 0.1, 0.0)
        return _Point(
            x=x,
            t=np.where(self.free_unit, np.maximum(0.1, 1 - self.sum_units(x)), 0.0),
            w=np.where(self.free_row, np.maximum(1.0, p.rhs - self.a @ x), 0.0),
            y=y,
            price=price,
            zx=np.maximum(0.1, y[self.unit] + self.at @ price - self.cost),
            zt=np.where(self.free_unit, 0.5, 0.0),
            zw=price.copy(),
        )

    def move(self, point: _Point, view: _View) -> None:
        """Predict, correct, and step as far as everything stays positive."""
        one = view.direction(-point.x * point.zx, -point.t * point.zt, -point.w * point.zw)
        primal, dual = point.reach(one)
        ahead = point.after(one, primal, dual)
        centre = (max(ahead, 0.0) / view.pairs / view.mu) ** 3 * view.mu
        two = view.direction(
            centre - point.x * point.zx - one.x * one.zx,
            centre - point.t * point.zt - one.t * one.zt,
            centre - point.w * point.zw - one.w * one.zw,
        )
        primal, dual = point.reach(two)
        point.add(two, min(1.0, STEP_BACK * primal), min(1.0, STEP_BACK * dual))

    def factor(
        self, theta: Floats, theta_t: Floats, theta_w: Floats
    ) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
        """Factor [[sigma, H'], [H, A theta A' + theta_w]] by its Schur complement."""
        sigma = self.sum_units(theta) + theta_t
        h_data: Floats = self.h @ theta
        h = sparse.csr_array((h_data, self.h_unit, self.h_indptr), shape=(self.a.shape[0], len(sigma)))
        inner = self.system.factor(theta, h_data, sigma, theta_w)

        def solve(side_units: Floats, side_rows: Floats) -> tuple[Floats, Floats]:
            dp = inner(side_rows - h @ (side_units / sigma))
            dy = (side_units - h.T @ dp) / sigma
            return dy, dp

        return solve


def longest(value: Floats, change: Floats) -> float:
    """The longest step <= 1 / 0.9995 that keeps ``value`` above zero."""
    with np.errstate(invalid="ignore"):  # 0 / 0 where nothing moves
        fastest = -float(np.fmin.reduce(change / value, initial=0.0))
    return 1.0 / max(fastest, STEP_BACK)
