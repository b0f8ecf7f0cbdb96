"""From group rules to columns: each accepted combination of a group is one column; large groups get linking rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from solver.arrays import Arrays, Bools, Ints

MOST_COLUMNS = 400  # combinations of one group beyond which rows are cheaper than columns


@dataclass(frozen=True)
class Grouped:
    """Columns of all groups with rules, in units counted from 0; see `solver.welfare.model.Model`."""

    requests: Bools
    unit_of_request: Ints
    unit: Ints
    start: Ints
    option: Ints
    must: Bools
    link: Any
    equal: Bools


class _Build:
    def __init__(self) -> None:
        self.unit: list[int] = []
        self.columns: list[tuple[int, ...]] = []
        self.must: list[bool] = []
        self.links: list[tuple[int, int, int]] = []  # column, row, coefficient
        self.equal: list[bool] = []
        self.unit_of: dict[int, int] = {}

    def new_unit(self, columns: list[tuple[int, ...]], must: bool) -> int:
        """Add a unit; return its first column."""
        first = len(self.columns)
        self.unit += [len(self.must)] * len(columns)
        self.columns += columns
        self.must.append(must)
        return first

    def new_row(self, equal: bool) -> int:
        self.equal.append(equal)
        return len(self.equal) - 1


def grouped_columns(arrays: Arrays) -> Grouped:
    """Enumerate the combinations of every group that has a rule and more than one member (or ``joint``)."""
    ruled_group = arrays.same_site | arrays.all_or_none
    ruled_group[list(arrays.joint)] = True
    in_group = arrays.group >= 0
    size = np.bincount(arrays.group[in_group], minlength=len(ruled_group))
    needs = ruled_group & (size > 1)
    for group in arrays.joint:
        needs[group] = size[group] > 0
    ruled = np.zeros(arrays.requests, dtype=np.bool_)
    ruled[in_group] = needs[arrays.group[in_group]]
    members: dict[int, list[int]] = {}
    for request in np.flatnonzero(ruled).tolist():
        members.setdefault(int(arrays.group[request]), []).append(request)
    build = _Build()
    for group, requests in members.items():
        _add(build, arrays, group, requests)
    rows = len(build.equal)
    link = None
    if rows:
        columns, at, values = zip(*build.links, strict=True)
        link = sparse.csr_array((np.array(values, np.int64), (columns, at)), shape=(len(build.columns), rows))
    return Grouped(
        requests=ruled,
        unit_of_request=np.array([build.unit_of[r] for r in np.flatnonzero(ruled).tolist()], dtype=np.int64),
        unit=np.array(build.unit, dtype=np.int64),
        start=np.concatenate([[0], np.cumsum([len(c) for c in build.columns])]).astype(np.int64),
        option=np.array([option for column in build.columns for option in column], dtype=np.int64),
        must=np.array(build.must, dtype=np.bool_),
        link=link,
        equal=np.array(build.equal, dtype=np.bool_),
    )


def _add(build: _Build, arrays: Arrays, group: int, requests: list[int]) -> None:
    same, whole = bool(arrays.same_site[group]), bool(arrays.all_or_none[group])
    choices = [_choices(arrays, request) for request in requests]
    must = [bool(arrays.must[r] or arrays.pinned[r]) for r in requests]
    if whole and any(must):
        must = [True] * len(must)
    if group in arrays.joint:
        combinations = _listed(arrays, group, requests, must)
    else:
        found = _enumerate(arrays, choices, must, same, whole)
        if found is None:
            build.unit_of |= {r: len(build.must) + i for i, r in enumerate(requests)}
            _add_linked(build, arrays, choices, must, same, whole)
            return
        combinations = found
    build.unit_of |= dict.fromkeys(requests, len(build.must))
    build.new_unit(combinations, any(must))


def _choices(arrays: Arrays, request: int) -> list[int]:
    if arrays.pinned[request]:
        return [int(arrays.held[request])]
    return list(range(int(arrays.request_start[request]), int(arrays.request_start[request + 1])))


def _listed(arrays: Arrays, group: int, requests: list[int], must: list[bool]) -> list[tuple[int, ...]]:
    """Return the accepted combinations that also keep the group's other rules, pins and ``must``."""
    kept = []
    first = {request: int(arrays.request_start[request]) for request in requests}
    owner = {
        option: request
        for request in requests
        for option in range(first[request], int(arrays.request_start[request + 1]))
    }
    for combination in dict.fromkeys(arrays.joint[group]):
        placed = {owner[option]: option for option in combination}
        if arrays.same_site[group] and len({int(arrays.site[o]) for o in combination}) > 1:
            continue
        if arrays.all_or_none[group] and len(placed) < len(requests):
            continue
        if any(need and request not in placed for request, need in zip(requests, must, strict=True)):
            continue
        if any(
            arrays.pinned[request] and option != arrays.held[request] for request, option in placed.items()
        ):
            continue
        kept.append(combination)
    return kept


def _enumerate(
    arrays: Arrays, choices: list[list[int]], must: list[bool], same: bool, whole: bool
) -> list[tuple[int, ...]] | None:
    """Return all combinations, or None where there are more than `MOST_COLUMNS`."""
    found: dict[tuple[int, ...], None] = {}
    site = arrays.site
    sites = sorted({int(site[o]) for options in choices for o in options}) if same else [-1]
    for here in sites:
        lists: list[list[int | None]] = []
        size = 1
        for options, need in zip(choices, must, strict=True):
            allowed: list[int | None] = [o for o in options if not same or site[o] == here]
            if not (need or whole):
                allowed.append(None)
            lists.append(allowed)
            size *= len(allowed)
        if size + len(found) > MOST_COLUMNS:
            return None
        for combination in product(*lists):
            placed = tuple(o for o in combination if o is not None)
            if placed:
                found[placed] = None
    return list(found)


def _add_linked(
    build: _Build, arrays: Arrays, choices: list[list[int]], must: list[bool], same: bool, whole: bool
) -> None:
    """Large group: each member is a unit, helper columns stand for the shared site or the yes of all."""
    firsts = [
        build.new_unit([(option,) for option in options], need)
        for options, need in zip(choices, must, strict=True)
    ]
    if same:
        sites = sorted({int(arrays.site[o]) for options in choices for o in options})
        helper = build.new_unit([()] * len(sites), must=False)
        for i, here in enumerate(sites):
            for first, options in zip(firsts, choices, strict=True):
                row = build.new_row(equal=whole)
                build.links.append((helper + i, row, -1))
                build.links += [(first + j, row, 1) for j, o in enumerate(options) if arrays.site[o] == here]
        return
    helper = build.new_unit([()], must=False)
    for first, options in zip(firsts, choices, strict=True):
        row = build.new_row(equal=True)
        build.links.append((helper, row, -1))
        build.links += [(first + j, row, 1) for j in range(len(options))]
