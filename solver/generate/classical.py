"""Draws classical problems: unit demand on one resource per site, and generalised assignment (types C, D, E)."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from solver.generate.draft import NO_ONE, Draft


def draw_unit_demand(
    requests: int, sites: int, seed: int = 0, choices: int = 10, tightness: float = 1.05
) -> Draft:
    """One place each, ``choices`` nearest sites, four classes whose weights lead, then metres: a flow problem."""
    rng = np.random.default_rng([seed, requests, sites])
    choices = min(choices, sites)
    side = 400 * np.sqrt(sites)
    where = rng.random((sites, 2)) * side
    homes = rng.random((requests, 2)) * side
    found = cKDTree(where).query(homes, k=choices)
    metres, near = np.asarray(found[0]).reshape(-1), np.asarray(found[1]).reshape(-1).astype(np.int64)
    options = requests * choices
    class_ = 1 + rng.choice(4, requests, p=[0.1, 0.2, 0.3, 0.4])
    owner = np.repeat(np.arange(requests), choices)
    share = rng.random(sites) + 0.5
    capacity = np.maximum(1, np.round(share / share.sum() * requests / tightness)).astype(np.int64)
    terms = {
        "served": np.ones(options, dtype=np.int64),
        "metres": np.round(metres).astype(np.int64),
        "weight": 20_000 * (5 - class_[owner]),  # above any walk, so a class is never sold for metres
    }
    return _make(requests, near, capacity, np.ones(options, dtype=np.int64), terms, class_, choices=choices)


def draw_assignment(kind: str, jobs: int, machines: int, seed: int = 0) -> Draft:
    """A generalised assignment problem: every job on exactly one machine at least cost.

    Costs and sizes follow the usual recipes of types "C", "D" and "E" (Chu and Beasley 1997;
    Yagiura, Ibaraki and Glover 2004). Raises ValueError for another type.
    """
    if kind not in {"C", "D", "E"}:
        raise ValueError(f"unknown type {kind!r}: use C, D or E")
    rng = np.random.default_rng([seed, jobs, machines, ord(kind)])
    shape = (jobs, machines)
    if kind == "C":
        size, cost = rng.integers(5, 26, shape), rng.integers(10, 51, shape)
    elif kind == "D":
        size = rng.integers(1, 101, shape)
        cost = 111 - size + rng.integers(-10, 11, shape)
    else:
        size = np.floor(1 - 10 * np.log(1 - rng.random(shape))).astype(np.int64)
        cost = np.floor(1000 / size - 10 * rng.random(shape)).astype(np.int64)
    capacity = np.floor(0.8 * size.sum(axis=0) / machines).astype(np.int64)
    site = np.tile(np.arange(machines), jobs)
    terms = {"cost": cost.reshape(-1).astype(np.int64), "served": np.ones(jobs * machines, dtype=np.int64)}
    draft = _make(
        jobs,
        site,
        capacity,
        size.reshape(-1).astype(np.int64),
        terms,
        np.ones(jobs, np.int64),
        choices=machines,
    )
    draft.must[:] = True
    draft.objective = [{"sum": {"cost": -1}}]
    return draft


def _make(
    requests: int,
    site: np.ndarray,
    capacity: np.ndarray,
    amount: np.ndarray,
    terms: dict[str, np.ndarray],
    class_: np.ndarray,
    *,
    choices: int,
) -> Draft:
    """A draft without groups in which each option uses its own site's one resource."""
    return Draft(
        capacity=capacity,
        request_start=np.arange(requests + 1) * choices,
        use_start=np.arange(len(site) + 1),
        use_resource=site,
        use_amount=amount,
        site=site,
        terms=terms,
        objective=[{"sum": {"weight": 1, "metres": -1}}] if "weight" in terms else [{"sum": {"cost": -1}}],
        group=np.full(requests, NO_ONE, dtype=np.int64),
        same_site=np.zeros(0, dtype=np.bool_),
        all_or_none=np.zeros(0, dtype=np.bool_),
        must=np.zeros(requests, dtype=np.bool_),
        held=np.full(requests, NO_ONE, dtype=np.int64),
        pinned=np.zeros(requests, dtype=np.bool_),
        class_=class_,
        resource_kinds=("places",),
    )
