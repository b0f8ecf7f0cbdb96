"""Draws a night: weekday patterns, pairs, held places and clustered homes, from 500 to a million requests at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from solver.generate.draft import NO_ONE, Document, Draft

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints

DAYS = ("mon", "tue", "wed", "thu", "fri")
# How often a pattern is asked for: one bit a weekday, Monday lowest. One to five days, Mon-Wed-Fri and Tue-Thu lead.
PATTERNS = np.array(
    [0b10101, 0b01010, 0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b00101, 0b10010, 0b01011]
)
SHARES = np.array([0.24, 0.18, 0.12, 0.05, 0.05, 0.05, 0.05, 0.05, 0.07, 0.07, 0.07])
CLASS_SHARES = np.array([0.10, 0.20, 0.30, 0.40])  # class 1 is the highest
NEAREST = 4
LIMIT_METRES = 1_000  # the service's own walking limit; the published 15 minutes


@dataclass(frozen=True, slots=True)
class NightShape:
    """What kind of night: every share lies in 0..1.

    Attributes
    ----------
    requests, sites : int
        ``sites`` 0 takes one site per 300 requests.
    tightness : float
        Days asked for per day of capacity: above 1 is tight, below 1 loose.
    pairs, held, pinned, smaller : float
        Share of requests in pairs; holding a place; of these, pinned; also accepting a smaller pattern.
    several : bool
        Each site and day also limits carer minutes, which people use unequally.
    any_days : bool
        People ask for any set of weekdays, each as often; else Mon-Wed-Fri, Tue-Thu and single days lead.
    levels : "one", "people", "nearest" or "published"
        One weighted sum of days, metres and more; of people by class; of people and metres, as the file format's example has
        it; or the published default order with four classes.

    """

    requests: int
    sites: int = 0
    tightness: float = 1.25
    pairs: float = 0.2
    held: float = 0.3
    pinned: float = 0.6
    smaller: float = 0.15
    several: bool = False
    any_days: bool = False
    levels: str = "one"


def draw_night(shape: NightShape, seed: int = 0) -> Draft:
    """Draw a night of ``shape.requests`` requests; the same shape and seed give the same arrays."""
    rng = np.random.default_rng([seed, shape.requests])
    size = shape.requests
    sites = shape.sites or max(3, round(size / 300))
    partner = _draw_pairs(rng, size, shape.pairs)
    first = np.minimum(np.arange(size), np.where(partner == NO_ONE, size, partner))
    near, metres = _draw_reach(rng, size, sites, first)
    pattern = (
        rng.integers(1, 32, size) if shape.any_days else PATTERNS[rng.choice(len(PATTERNS), size, p=SHARES)]
    )
    alike = rng.random(size) < 0.7
    pattern = np.where(alike, pattern[first], pattern)
    class_ = 1 + rng.choice(len(CLASS_SHARES), size, p=CLASS_SHARES)[first]
    minutes = 15 * rng.integers(1, 9, size)

    allowed = metres <= LIMIT_METRES
    allowed[:, 0] = True  # everybody reaches the nearest site: by escort where it is far
    smaller = (np.bitwise_count(pattern) >= 3) & (rng.random(size) < shape.smaller)
    lesser = pattern & (pattern - 1)  # without its first day
    keep = np.column_stack([allowed, smaller])
    request, column = np.nonzero(keep)
    site = np.column_stack([near, near[:, 0]])[request, column]
    distance = np.column_stack([metres, metres[:, 0]])[request, column]
    days = np.where(column == NEAREST, lesser[request], pattern[request])
    starts = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])

    kinds = DAYS + (tuple(f"{day}/minutes" for day in DAYS) if shape.several else ())
    use_start, use_resource, use_amount = _list_uses(days, site, minutes[request], len(kinds))
    capacity = _draw_capacity(
        rng, use_resource, use_amount, column, use_start, sites * len(kinds), shape.tightness
    )
    held = _draw_held(rng, shape.held, starts, use_start, use_resource, use_amount, capacity)
    pinned = (held != NO_ONE) & (rng.random(size) < shape.pinned)
    grouped = np.unique(first[partner != NO_ONE], return_inverse=True)
    group = np.full(size, NO_ONE, dtype=np.int64)
    group[partner != NO_ONE] = grouped[1]
    # Who already holds places apart is not asked to move together: such a pair has no site rule.
    apart = np.zeros(len(grouped[0]), dtype=np.bool_)
    ones, twos = grouped[0], partner[grouped[0]]
    both = (held[ones] != NO_ONE) & (held[twos] != NO_ONE)
    apart[both] = site[held[ones[both]]] != site[held[twos[both]]]
    apart |= rng.random(len(apart)) < 0.1
    whole = (rng.random(len(apart)) < 0.5) & ~(pinned[ones] ^ pinned[twos])
    own_limit = rng.choice([400, 600, 800, 1000], size, p=[0.15, 0.25, 0.3, 0.3])[request]
    draw = rng.permutation(size)
    is_held = held[request] == np.arange(len(request))
    terms = _list_terms(request, np.bitwise_count(days), distance, class_[request])
    terms |= {
        "stay": (is_held & ~pinned[request]).astype(np.int64),
        "beyond": -(-np.maximum(distance - own_limit, 0) // 100),
        "draw": draw[request],
    }
    far_request, far_column = np.nonzero(~allowed)
    return Draft(
        capacity=capacity,
        request_start=starts,
        use_start=use_start,
        use_resource=use_resource,
        use_amount=use_amount,
        site=site,
        terms=terms,
        objective=list_levels(shape.levels),
        group=group,
        same_site=~apart,
        all_or_none=whole,
        must=np.zeros(size, dtype=np.bool_),
        held=held,
        pinned=pinned,
        class_=class_,
        resource_kinds=kinds,
        limit_metres=LIMIT_METRES,
        excluded_request=far_request,
        excluded_site=near[far_request, far_column],
        excluded_metres=metres[far_request, far_column],
    )


def list_levels(levels: str) -> list[Document]:
    """The objective: one of three sums, or the published default order (solver.md, "The decision") for four classes."""
    sums = {
        "one": {"days_1": 4000, "days_2": 3000, "days_3": 2000, "days_4": 1000, "metres": -1},
        "people": {"served_1": 4, "served_2": 3, "served_3": 2, "served_4": 1},
        "nearest": {"served": 5_000, "metres": -1},
    }
    if levels in sums:
        return [{"sum": sums[levels]}]
    by_class: list[Document] = []
    for class_ in range(1, len(CLASS_SHARES) + 1):
        by_class += [{"sum": {f"days_{class_}": 1}}, {"sum": {f"served_{class_}": 1}}]
    walking: list[Document] = [{"worst": "beyond"}, {"sum": {"beyond": -1}}]
    return [
        *by_class,
        {"sum": {"stay": 1}},
        *walking,
        {"sum": {"rank": -1}},
        {"sum": {"metres": -1}},
        {"sum": {"draw": -1}},
    ]


def _draw_pairs(rng: np.random.Generator, size: int, share: float) -> Ints:
    """The partner of each request, or -1: neighbours in the file, as households are."""
    partner = np.full(size, NO_ONE, dtype=np.int64)
    evens = np.arange(0, size - 1, 2)
    chosen = evens[rng.random(len(evens)) < share]
    partner[chosen] = chosen + 1
    partner[chosen + 1] = chosen
    return partner


def _draw_reach(rng: np.random.Generator, size: int, sites: int, first: Ints) -> tuple[Ints, Ints]:
    """The nearest sites of each request by preference, and metres: homes lie in compounds, not evenly."""
    side = 450 * np.sqrt(sites)
    where = rng.random((sites, 2)) * side
    compounds = rng.random((max(4, size // 120), 2)) * side
    home = compounds[rng.integers(0, len(compounds), size)] + rng.normal(0, 120, (size, 2))
    home = home[first]
    count = min(NEAREST, sites)
    straight, near = cKDTree(where).query(home, k=count)
    metres: Floats = straight * (1.2 + 0.3 * rng.random((size, count)))
    order = np.argsort(metres * (0.8 + 0.4 * rng.random((size, count))), axis=1)
    near, metres = np.take_along_axis(near, order, 1), np.take_along_axis(metres, order, 1)
    if count < NEAREST:
        near = np.pad(near, ((0, 0), (0, NEAREST - count)))
        metres = np.pad(metres, ((0, 0), (0, NEAREST - count)), constant_values=10 * LIMIT_METRES)
    return near.astype(np.int64), np.ceil(metres).astype(np.int64)


def _list_uses(days: Ints, site: Ints, minutes: Ints, kinds: int) -> tuple[Ints, Ints, Ints]:
    """Rows of uses: a place on each day of the pattern, and the carer's minutes where a site limits them."""
    on: Bools = ((days[:, None] >> np.arange(len(DAYS))) & 1).astype(np.bool_)
    if kinds > len(DAYS):
        on = np.concatenate([on, on], axis=1)
    option, kind = np.nonzero(on)
    amount = np.where(kind < len(DAYS), 1, minutes[option])
    use_start = np.concatenate([[0], np.cumsum(on.sum(axis=1))])
    return use_start, site[option] * kinds + kind, amount


def _draw_capacity(
    rng: np.random.Generator,
    use_resource: Ints,
    use_amount: Ints,
    column: Ints,
    use_start: Ints,
    resources: int,
    tightness: float,
) -> Ints:
    """Capacity in line with what is asked for nearby, uneven from site to site, the same over a site's week."""
    wanted = np.repeat(column < NEAREST, np.diff(use_start))
    weight = np.where(wanted, use_amount, 0) / 3.5  # a request has three to four options and takes one
    asked = np.bincount(use_resource, weights=weight, minlength=resources)
    return np.maximum(1, np.round(asked / tightness * (0.6 + 0.8 * rng.random(resources)))).astype(np.int64)


def _draw_held(
    rng: np.random.Generator,
    share: float,
    starts: Ints,
    use_start: Ints,
    use_resource: Ints,
    use_amount: Ints,
    capacity: Ints,
) -> Ints:
    """Held options, all of which fit together with room to spare (70 % of each capacity at most)."""
    size = len(starts) - 1
    who = np.flatnonzero(rng.random(size) < share)
    who = rng.permutation(who)
    option = starts[who] + rng.integers(0, np.diff(starts)[who].clip(max=2))
    lengths = np.diff(use_start)[option]
    flat = np.repeat(use_start[option] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(
        lengths.sum()
    )
    resource, amount = use_resource[flat], use_amount[flat]
    order = np.argsort(resource, kind="stable")
    running = np.cumsum(amount[order])
    before = np.concatenate([[0], running])[np.searchsorted(resource[order], resource[order])]
    over = np.zeros(len(flat), dtype=np.bool_)
    over[order] = running - before > 0.7 * capacity[resource[order]]
    refused = np.zeros(len(who), dtype=np.bool_)
    np.logical_or.at(refused, np.repeat(np.arange(len(who)), lengths), over)
    held = np.full(size, NO_ONE, dtype=np.int64)
    held[who[~refused]] = option[~refused]
    return held


def _list_terms(request: Ints, days: Ints, metres: Ints, class_: Ints) -> dict[str, Ints]:
    """Served, days, rank and metres, each also by class where a level counts it by class."""
    position = np.arange(len(request)) - np.searchsorted(request, request)
    served = np.ones(len(request), dtype=np.int64)
    days = days.astype(np.int64)
    terms = {"served": served, "days": days, "rank": position + 1, "metres": metres}
    for each in range(1, len(CLASS_SHARES) + 1):
        terms[f"days_{each}"] = np.where(class_ == each, days, 0)
        terms[f"served_{each}"] = np.where(class_ == each, served, 0)
    return terms
