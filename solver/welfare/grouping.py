"""From group rules to columns: each accepted combination of a group is one column; large groups get linking rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.pairs import list_choices, pair_up

if TYPE_CHECKING:
    from solver.arrays import Arrays, Bools, Ints
    from solver.welfare.pairs import Pairs

PAIR = 2
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
        self.group: list[int] = []  # of each unit
        self.links: list[tuple[int, int, int]] = []  # column, row, coefficient
        self.equal: list[bool] = []
        self.unit_of: dict[int, int] = {}

    def new_unit(self, group: int, columns: list[tuple[int, ...]], must: bool) -> int:
        """Add a unit; return its first column."""
        first = len(self.columns)
        self.unit += [len(self.must)] * len(columns)
        self.columns += columns
        self.must.append(must)
        self.group.append(group)
        return first

    def new_row(self, equal: bool) -> int:
        self.equal.append(equal)
        return len(self.equal) - 1


def grouped_columns(arrays: Arrays) -> Grouped:
    """Enumerate the combinations of every group that has a rule and more than one member (or ``joint``)."""
    ruled_group = arrays.same_site | arrays.all_or_none
    listed = list(arrays.joint)
    in_group = arrays.group >= 0
    size = np.bincount(arrays.group[in_group], minlength=len(ruled_group))
    needs = ruled_group & (size > 1)
    needs[listed] = size[listed] > 0
    ruled = np.zeros(arrays.requests, dtype=np.bool_)
    ruled[in_group] = needs[arrays.group[in_group]]
    members = pairs_of(arrays, np.flatnonzero(ruled))
    left = ruled.copy()
    left[members] = False
    others: dict[int, list[int]] = {}
    for request in np.flatnonzero(left).tolist():
        others.setdefault(int(arrays.group[request]), []).append(request)
    build = _Build()
    for group, requests in others.items():
        _add(build, arrays, group, requests)
    return _merge(arrays, ruled, members, pair_up(arrays, members), build)


def pairs_of(arrays: Arrays, requests: Ints) -> Ints:
    """int64[P, 2]: those of ``requests``, in groups with rules, who are two without ``joint`` and of few combinations."""
    group = arrays.group[requests]
    size = np.bincount(group, minlength=len(arrays.same_site))
    size[list(arrays.joint)] = 0
    members = requests[size[group] == PAIR]
    members = members[np.argsort(arrays.group[members], kind="stable")].reshape(-1, PAIR)
    _, count = list_choices(arrays, members)
    few = (count + 1).prod(axis=1) <= MOST_COLUMNS
    return np.compress(few, members, axis=0)


def _merge(arrays: Arrays, ruled: Bools, members: Ints, pairs: Pairs, build: _Build) -> Grouped:
    """Put pairs and other groups into the order of their first members in the file."""
    ruled_requests = np.flatnonzero(ruled)
    first = np.full(len(arrays.same_site), arrays.requests, dtype=np.int64)
    np.minimum.at(first, arrays.group[ruled_requests], ruled_requests)
    count = len(members)
    of_units = np.concatenate([arrays.group[members[:, 0]], np.array(build.group, dtype=np.int64)])
    in_order = np.argsort(first[of_units], kind="stable")
    number = np.empty(len(of_units), dtype=np.int64)
    number[in_order] = np.arange(len(of_units))
    unit_of_request = np.full(arrays.requests, -1, dtype=np.int64)
    unit_of_request[members] = number[:count, None]
    for request, unit in build.unit_of.items():
        unit_of_request[request] = number[count + unit]
    lengths = np.concatenate(
        [(pairs.options >= 0).sum(axis=1), np.array([len(c) for c in build.columns], dtype=np.int64)]
    )
    option = np.concatenate(
        [
            pairs.options[pairs.options >= 0],
            np.array([option for column in build.columns for option in column], dtype=np.int64),
        ]
    )
    unit = number[np.concatenate([pairs.pair, count + np.array(build.unit, dtype=np.int64)])]
    order = np.argsort(unit, kind="stable")
    start = np.concatenate([[0], np.cumsum(lengths)])
    columns = sparse.csr_array(
        (np.ones(len(option), dtype=np.int64), option, start), shape=(len(lengths), arrays.options)
    )[order]
    link = None
    if build.equal:
        of_column, at, values = zip(*build.links, strict=True)
        shape = (len(lengths), len(build.equal))
        link = sparse.csr_array(
            (np.array(values, np.int64), (np.array(of_column) + len(pairs.pair), at)), shape=shape
        )[order]
    return Grouped(
        requests=ruled,
        unit_of_request=unit_of_request[ruled_requests],
        unit=unit[order],
        start=columns.indptr.astype(np.int64),
        option=columns.indices.astype(np.int64),
        must=np.concatenate([pairs.must, np.array(build.must, dtype=np.bool_)])[in_order],
        link=link,
        equal=np.array(build.equal, dtype=np.bool_),
    )


def _add(build: _Build, arrays: Arrays, group: int, requests: list[int]) -> None:
    same, whole = bool(arrays.same_site[group]), bool(arrays.all_or_none[group])
    first, count = list_choices(arrays, np.array(requests))
    choices = [list(range(a, a + n)) for a, n in zip(first.tolist(), count.tolist(), strict=True)]
    must = [bool(arrays.must[r] or arrays.pinned[r]) for r in requests]
    if whole and any(must):
        must = [True] * len(must)
    if group in arrays.joint:
        combinations = _listed(arrays, group, requests, must)
    else:
        found = _enumerate(arrays, choices, must, same, whole)
        if found is None:
            build.unit_of |= {r: len(build.must) + i for i, r in enumerate(requests)}
            _add_linked(build, arrays, group, choices, must)
            return
        combinations = found
    build.unit_of |= dict.fromkeys(requests, len(build.must))
    build.new_unit(group, combinations, any(must))


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
    build: _Build, arrays: Arrays, group: int, choices: list[list[int]], must: list[bool]
) -> None:
    """Large group: each member is a unit, helper columns stand for the shared site or the yes of all."""
    same, whole = bool(arrays.same_site[group]), bool(arrays.all_or_none[group])
    firsts = [
        build.new_unit(group, [(option,) for option in options], need)
        for options, need in zip(choices, must, strict=True)
    ]
    if same:
        sites = sorted({int(arrays.site[o]) for options in choices for o in options})
        helper = build.new_unit(group, [()] * len(sites), must=False)
        for i, here in enumerate(sites):
            for first, options in zip(firsts, choices, strict=True):
                row = build.new_row(equal=whole)
                build.links.append((helper + i, row, -1))
                build.links += [(first + j, row, 1) for j, o in enumerate(options) if arrays.site[o] == here]
        return
    helper = build.new_unit(group, [()], must=False)
    for first, options in zip(firsts, choices, strict=True):
        row = build.new_row(equal=True)
        build.links.append((helper, row, -1))
        build.links += [(first + j, row, 1) for j in range(len(options))]
