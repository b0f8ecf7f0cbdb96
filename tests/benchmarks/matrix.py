"""A draft's first level as one mixed-integer programme in arrays: what a modeller would write by hand for a peer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse


@dataclass
class Programme:
    """Maximise ``worth @ x`` where ``low <= rows @ x <= high`` and ``floor <= x <= 1``, x whole."""

    worth: np.ndarray[Any, Any]
    rows: Any
    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]
    floor: np.ndarray[Any, Any]


def write_programme(draft):
    """Capacities, one option a request, pins as bounds, and per pair the rules of its group."""
    options, requests = len(draft.site), len(draft.group)
    owner = np.repeat(np.arange(requests), np.diff(draft.request_start))
    use_option = np.repeat(np.arange(options), np.diff(draft.use_start))
    capacity = sparse.csr_array(
        (draft.use_amount.astype(float), (draft.use_resource, use_option)),
        shape=(len(draft.capacity), options),
    )
    once = sparse.csr_array((np.ones(options), (owner, np.arange(options))), shape=(requests, options))
    parts = [capacity, once]
    low = [np.full(len(draft.capacity), -np.inf), draft.must.astype(float)]
    high = [draft.capacity.astype(float), np.ones(requests)]
    rows, entries = list_group_rows(draft)
    if rows:
        at = np.repeat(np.arange(len(rows)), [len(row) for row in entries])
        columns = np.concatenate([[column for column, _ in row] for row in entries])
        values = np.concatenate([[value for _, value in row] for row in entries])
        parts.append(sparse.csr_array((values, (at, columns)), shape=(len(rows), options)))
        low.append(np.array([bounds[0] for bounds in rows]))
        high.append(np.array([bounds[1] for bounds in rows]))
    floor = np.zeros(options)
    floor[draft.held[draft.pinned]] = 1.0
    return Programme(
        get_worth(draft),
        sparse.csr_array(sparse.vstack(parts)),
        np.concatenate(low),
        np.concatenate(high),
        floor,
    )


def get_worth(draft):
    level = draft.objective[0]["sum"]
    return sum(weight * draft.terms[name] for name, weight in level.items()).astype(float)


def list_group_rows(draft):
    """Bounds and entries of each group row; groups of a draft are pairs."""
    bounds, entries = [], []
    members: dict[int, list[int]] = {}
    for request in np.flatnonzero(draft.group >= 0).tolist():
        members.setdefault(int(draft.group[request]), []).append(request)
    for group, (one, two) in members.items():
        first = range(draft.request_start[one], draft.request_start[one + 1])
        second = range(draft.request_start[two], draft.request_start[two + 1])
        if draft.all_or_none[group]:
            bounds.append((0.0, 0.0))
            entries.append([(o, 1.0) for o in first] + [(o, -1.0) for o in second])
        if draft.same_site[group]:
            for site in sorted({int(draft.site[o]) for o in first}):
                here = [(o, 1.0) for o in first if draft.site[o] == site]
                elsewhere = [(o, 1.0) for o in second if draft.site[o] != site]
                bounds.append((-np.inf, 1.0))
                entries.append(here + elsewhere)
    return bounds, entries
