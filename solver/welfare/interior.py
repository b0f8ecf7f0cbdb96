"""An interior-point method for nights: the unit rows are eliminated by hand, only the resources' system is factored.

Primal: max cost x, sum of x in a unit + t = 1 (t = 0 for must), A x + w = b (w = 0 on full rows), all >= 0; below, ``v`` is
(x, the free t, the free w), E v = e all rows together, and z >= 0 the dual slack: E' prices - z = cost. A = each x of.
Mehrotra's predictor-corrector (SIAM J. Optim. 2, 1992), each corrector with the weight that allows the longest step (Colombo
and Gondzio, Comput. Optim. Appl. 41, 2008): on a night's late levels the whole one leaves the central path, and then many
steps are short. The normal equations' block of unit rows is diagonal, so one Schur complement of the size of the rows
(hundreds) is left: Dantzig and Van Slyke's generalised upper bounds (1967) for interior points.
Its prices steer; every bound is recomputed in whole numbers elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.kinds import find_kinds, slim
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
WEIGHINGS = 4  # tries at most to find a corrector's weight


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
    """``v`` float64[P] = x, t of units that may stay out, w of rows with room; ``prices`` float64[U + M]; ``z`` float64[P].

    Also used for directions.
    """

    v: Floats
    prices: Floats
    z: Floats


class _View:
    """Everything about one point that both directions of a step share: residuals, scaling, the factor."""

    def __init__(self, method: _Method, at: _Point) -> None:
        self.method, self.at = method, at
        self.primal = method.right - method.add_up(at.v)
        self.dual = method.cost - method.pull(at.prices) + at.z
        self.mu = float(at.v @ at.z) / len(at.v)
        value = float(method.cost @ at.v)
        self.gap = abs(float(at.prices @ method.right) - value) / (1.0 + abs(value))
        self.infeasibility = max(
            float(np.abs(self.primal * method.unscaled).max(initial=0)),
            float(np.abs(self.dual).max(initial=0)),
        )
        self.theta = at.v / at.z
        self._solve: Callable[[Floats], Floats] | None = None

    def predict(self) -> _Point:
        """Newton's direction to where nothing is left of residuals and complementarity."""
        return self._direct(self.theta * self.dual - self.at.v, self.primal, self.dual)

    def correct(self, target: Floats) -> _Point:
        """What complementarity products ``target`` add to a direction."""
        return self._direct(target / self.at.z, 0.0, 0.0)

    def _direct(self, lead: Floats, primal: Floats | float, dual: Floats | float) -> _Point:
        if self._solve is None:
            self._solve = self.method.factor(self.theta)
        prices = self._solve(self.method.add_up(lead) - primal)
        pull = self.method.pull(prices)
        return _Point(lead - self.theta * pull, prices, pull - dual)


class _Method:
    def __init__(self, p: Programme) -> None:
        units, rows, count = len(p.start) - 1, len(p.rhs), len(p.cost)
        self.units, self.count = units, count
        unit = np.repeat(np.arange(units), np.diff(p.start))
        self.scale = max(1.0, float(np.abs(p.cost).max(initial=0.0)))
        kinds = find_kinds(p.matrix.tocsr())
        of = kinds.of.sorted_indices()
        # H[k, u] = sum of of[k, c] theta[c] over the unit's columns: same places every step, only numbers change.
        # A unit's columns stand together, so an entry of H begins where kind or unit changes.
        key = np.repeat(np.arange(of.shape[0]), np.diff(of.indptr)) * units + unit[of.indices]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        self.h = slim(
            sparse.csr_array((of.data, of.indices, np.append(begins, len(key))), shape=(len(begins), count))
        )
        self.h_unit = key[begins] % units
        self.h_indptr = np.searchsorted(begins, of.indptr)
        self.system = System(kinds, self.h_indptr, self.h_unit, units)
        self.start_of = p.start
        self.free_rows = np.flatnonzero(~p.equal)
        self.free = np.concatenate([np.flatnonzero(~p.must), units + self.free_rows])
        pick = sparse.csr_array((np.ones(count), np.arange(count), p.start), shape=(units, count))
        self.gather = slim(sparse.vstack([pick, of], format="csr"))
        self.scatter = slim(self.gather.T.tocsr())
        self.each, self.each_turned = kinds.each.tocsr(), kinds.each.T.tocsr()
        self.right = np.concatenate([np.ones(units), p.rhs])
        self.cost = np.concatenate([p.cost / self.scale, np.zeros(len(self.free))])
        largest = 1.0 + float(np.abs(p.rhs).max(initial=0.0))
        self.unscaled = np.concatenate([np.ones(units), np.full(rows, 1.0 / largest)])

    def add_up(self, v: Floats) -> Floats:
        """E v: what (x, t, w) puts on every row, float64[U + M]."""
        sums = self.gather @ v[: self.count]
        total = np.concatenate([sums[: self.units], self.each @ sums[self.units :]])
        total[self.free] += v[self.count :]
        return total

    def pull(self, prices: Floats) -> Floats:
        """E' prices: what every part of (x, t, w) costs, float64[P]."""
        worth = np.concatenate([prices[: self.units], self.each_turned @ prices[self.units :]])
        return np.concatenate([self.scatter @ worth, prices[self.free]])

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
            if watch is not None and step % 4 == 0 and watch(point.prices[self.units :] * self.scale):
                break
            self.move(point, view)
        return Interior(point.v[: self.count], point.prices[self.units :] * self.scale, gap, step)

    def start(self) -> _Point:
        """Return a point well inside, not feasible."""
        width = np.diff(self.start_of)
        v = np.concatenate([np.repeat(0.9 / (width + 1.0), width), np.zeros(len(self.free))])
        least = np.where(self.free < self.units, 0.1, 1.0)
        v[self.count :] = np.maximum(least, (self.right - self.add_up(v))[self.free])
        prices = np.concatenate([np.full(self.units, 0.5), np.zeros(len(self.right) - self.units)])
        prices[self.units + self.free_rows] = 0.1
        return _Point(v, prices, np.maximum(0.1, self.pull(prices) - self.cost))

    def move(self, point: _Point, view: _View) -> None:
        """Predict, correct, and step as far as everything stays positive."""
        one = view.predict()
        primal, dual = min(1.0, 1.0 / _fall(point.v, one.v)), min(1.0, 1.0 / _fall(point.z, one.z))
        ahead = float((point.v + primal * one.v) @ (point.z + dual * one.z))
        centre = (max(ahead, 0.0) / len(point.v) / view.mu) ** 3 * view.mu
        two = view.correct(centre - one.v * one.z)
        least = primal * dual
        weight, primal = weigh(point.v, one.v, two.v, least)
        point.v = point.v + primal * (one.v + weight * two.v)
        weight, dual = weigh(point.z, one.z, two.z, least)
        point.prices = point.prices + dual * (one.prices + weight * two.prices)
        point.z = point.z + dual * (one.z + weight * two.z)

    def factor(self, theta: Floats) -> Callable[[Floats], Floats]:
        """Factor E theta E' = [[sigma, H'], [H, A theta A' + theta_w]] by its Schur complement; here H is over kinds."""
        diagonal = np.zeros(len(self.right))
        diagonal[self.free] = theta[self.count :]
        own = theta[: self.count]
        sigma = np.add.reduceat(own, self.start_of[:-1]) + diagonal[: self.units]
        h_data: Floats = self.h @ own
        h = sparse.csr_array((h_data, self.h_unit, self.h_indptr), shape=(len(self.h_indptr) - 1, self.units))
        inner = self.system.factor(own, h_data, sigma, diagonal[self.units :])

        def solve(side: Floats) -> Floats:
            of_units = side[: self.units]
            rows = inner(side[self.units :] - self.each @ (h @ (of_units / sigma)))
            return np.concatenate([(of_units - h.T @ (self.each_turned @ rows)) / sigma, rows])

        return solve


def _fall(value: Floats, change: Floats) -> float:
    """What part of it an entry loses that falls fastest."""
    return max(-float((change / value).min(initial=0.0)), 1e-300)


def weigh(value: Floats, change: Floats, more: Floats, least: float) -> tuple[float, float]:
    """Return the weight of ``more`` in [``least``, 1] that lets ``change`` + weight x ``more`` go farthest, and how far.

    ``value`` > 0, all float64[P]; the step is short of where the first entry reaches zero, and at most 1. The fastest fall
    is the largest of P lines in the weight, so it is convex: the lines that lead at both ends cross where the lowest may be.
    """
    fall, tilt = -change / value, -more / value
    low, high = least, 1.0
    left, right = int(np.argmax(fall + low * tilt)), int(np.argmax(fall + high * tilt))
    for _ in range(WEIGHINGS):
        if tilt[left] >= 0:
            high, right = low, left
        if tilt[right] <= 0 or low == high:
            break
        middle = float((fall[left] - fall[right]) / (tilt[right] - tilt[left]))
        leader = int(np.argmax(fall + middle * tilt))
        if tilt[leader] < 0:
            low, left = middle, leader
        else:
            high, right = middle, leader
    fastest, weight = min(
        (float(fall[right] + high * tilt[right]), high), (float(fall[left] + low * tilt[left]), low)
    )
    return weight, min(1.0, STEP_BACK / max(fastest, STEP_BACK))
