"""Prices of one sum level for nights of any size: an accelerated method on the smoothed dual, a few passes over the columns.

For prices p >= 0 no plan is worth more than p @ rhs + sum over units of the best column's value - p @ uses. That bound is
convex in p with kinks; with the maximum of a unit replaced by its entropy-smoothed one (Nesterov, *Smooth minimization of
non-smooth functions*, 2005) it has a gradient: what the units' shares use beyond the rows. Each step goes along the
gradient divided by the curvature of each row, with momentum and a restart where it points back (O'Donoghue and Candes
2015), while the temperature falls. A step is two sparse products and one pass over the columns: O(entries).
It steers; every bound is recomputed in whole numbers by `solver.welfare.relax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.kinds import slim

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.arrays import Floats, Ints
    from solver.welfare.model import Model

STEPS = 120
HOT, COLD = 0.2, 6e-4  # first and last temperature, in parts of what a unit's best column is worth on average
WARM, AGAIN = 4e-3, 24  # first temperature and steps where yesterday's prices are at hand
STRIDE = 2.5  # of the step that the curvature allows: the bound on the curvature is a loose one
SHRINK, GROW = 0.7, 1.2  # a row's stride where its excess changed sign, and where it did not
MOMENTUM = 0.9
FLAT = 0.05  # a row whose users are all settled has no curvature: this part of their use stands for it
LEAP = 4.0  # temperatures by which a price may move in one step


@dataclass(frozen=True)
class Priced:
    """``prices`` float64[M], the best of all steps; ``temperature``: how sharp the last step told columns apart."""

    prices: Floats
    temperature: float


def find_prices(
    model: Model, value: Ints, watch: Callable[[int, Floats], None], begin: Floats | None = None
) -> Priced:
    """Find prices whose bound on ``value`` (int64[C]) is nearly the least; ``watch(step, best prices)`` after each step.

    ``begin`` float64[M]: prices of a night that was nearly the same; they need a few cool steps only.
    """
    dual = _Dual(model, value)
    hot, steps = (HOT, STEPS) if begin is None else (WARM, AGAIN)
    price = dual.project(np.zeros(len(model.rhs)) if begin is None else begin)
    ahead = price
    best, least = price, np.inf
    before, stride = np.zeros(len(price)), np.full(len(price), STRIDE)
    pace = 1.0
    temperature = dual.worth * HOT
    for step in range(steps):
        temperature = dual.worth * hot * (COLD / hot) ** (step / (steps - 1))
        total, excess, curvature = dual.look(ahead, temperature)
        if total < least:
            least, best = total, ahead
        turned = excess * before < 0
        stride = np.where(turned, SHRINK * stride, np.minimum(GROW * stride, STRIDE))
        before = excess
        change = np.clip(stride * excess / curvature, -dual.leap * temperature, dual.leap * temperature)
        now = dual.project(ahead + change)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        momentum = min((pace - 1) / faster, MOMENTUM)
        pace = faster
        if (now - price) @ excess < 0:
            momentum, pace = 0.0, 1.0
        ahead = dual.project(now + momentum * (now - price))
        price = now
        watch(step, best)
    return Priced(best, temperature)


class _Dual:
    """The smoothed bound, its gradient and its curvature."""

    def __init__(self, model: Model, value: Ints) -> None:
        sizes = np.diff(model.unit_start)
        filled = np.flatnonzero(sizes > 0)
        self.start = model.unit_start[filled]
        self.owner = np.repeat(np.arange(len(filled), dtype=np.int32), sizes[filled])
        self.free = ~model.unit_must[filled]
        self.value = value.astype(np.float64)
        self.rhs = model.rhs.astype(np.float64)
        self.signed = model.equal
        self.uses = slim(model.matrix.astype(np.float64))
        self.prices_of = self.uses.T  # csr [C, M] over the same arrays
        amount = np.abs(self.uses.data)
        largest = np.zeros(len(self.rhs))
        np.maximum.at(largest, self.uses.indices, amount)
        self.used = largest > 0
        self.leap = LEAP / np.where(self.used, largest, 1.0)
        # (sum over k rows of a d)^2 <= k sum (a d)^2: rows that columns share move together, each by its part.
        rows_of = np.repeat(np.diff(self.uses.indptr), np.diff(self.uses.indptr))
        self.bends: Any = sparse.csc_array(
            (amount * amount * rows_of, self.uses.indices, self.uses.indptr), shape=self.uses.shape
        )
        top = np.maximum.reduceat(self.value, self.start) if len(filled) else np.zeros(0)
        top = np.abs(top[top != 0])
        self.worth = float(top.mean()) if len(top) else 1.0

    def project(self, price: Floats) -> Floats:
        """Prices are >= 0 on rows that need not be full, and 0 on rows that nobody uses."""
        return np.where(self.used, np.where(self.signed, price, np.maximum(price, 0.0)), 0.0)

    def look(self, price: Floats, temperature: float) -> tuple[float, Floats, Floats]:
        """Return the bound without smoothing; what the shares use beyond each row; each row's curvature."""
        if not len(self.start):
            return float(price @ self.rhs), -self.rhs, np.ones(len(self.rhs))
        reduced = self.prices_of @ price
        np.subtract(self.value, reduced, out=reduced)
        best = np.maximum.reduceat(reduced, self.start)
        best[self.free] = np.maximum(best[self.free], 0.0)
        total = float(price @ self.rhs + best.sum())
        share = reduced
        share -= best[self.owner]
        share /= temperature
        np.exp(share, out=share)
        whole = np.add.reduceat(share, self.start)
        whole[self.free] += np.exp(-best[self.free] / temperature)
        share /= whole[self.owner]
        excess = self.uses @ share - self.rhs
        share *= 1 + FLAT - share
        curvature = self.bends @ share / temperature
        return total, excess, np.maximum(curvature, 1e-12)
