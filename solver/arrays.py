"""The problem as index arrays: what every method works on, and the entrance for a city too large for a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.problem import Sum

if TYPE_CHECKING:
    from solver.problem import Problem

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

SAFE = float(2**52)  # below this a float64 product of integers is exact enough to rule overflow out


@dataclass(frozen=True, slots=True)
class ArrayLevel:
    """One level: ``value[o]`` is what option ``o`` adds to the sum, or its term where ``worst`` is set."""

    worst: bool
    value: Ints


@dataclass(frozen=True)
class Arrays:
    """A problem with N requests, O options, R resources, G groups.

    Options of a request are neighbours and in order of preference; all indices count from 0, -1 is "none".

    Attributes
    ----------
    capacity : int64[R]
    request_start : int64[N + 1]
        Options of request ``n`` are ``request_start[n]:request_start[n + 1]``.
    use_start, use_resource, use_amount : int64[O + 1], int64[nnz], int64[nnz]
        What an option uses, by rows; amounts >= 0, a resource at most once in a row.
    site, priority : int64[O]
    levels : list of ArrayLevel
    group : int64[N]
    same_site, all_or_none : bool[G]
    joint : dict of group -> list of combinations, each a tuple of option indices
    must, pinned : bool[N]
    held : int64[N]
        Option index, or -1.

    """

    capacity: Ints
    request_start: Ints
    use_start: Ints
    use_resource: Ints
    use_amount: Ints
    site: Ints
    levels: list[ArrayLevel]
    group: Ints
    same_site: Bools
    all_or_none: Bools
    must: Bools
    pinned: Bools
    held: Ints
    priority: Ints
    joint: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return len(self.request_start) - 1

    @property
    def options(self) -> int:
        return len(self.site)

    @property
    def option_request(self) -> Ints:
        """int64[O]: the request of each option."""
        return np.repeat(np.arange(self.requests), np.diff(self.request_start))

    @property
    def use_option(self) -> Ints:
        """int64[nnz]: the option of each use."""
        return np.repeat(np.arange(self.options), np.diff(self.use_start))


def weighted(columns: dict[str, Ints], weights: dict[str, int], size: int) -> Ints:
    """Sum weight x term per option, exactly, or raise OverflowError where it leaves 2**62."""
    rough = np.zeros(size)
    total = np.zeros(size, dtype=np.int64)
    for name, weight in weights.items():
        column = columns.get(name)
        if column is not None:
            rough += abs(float(weight)) * np.abs(column.astype(np.float64))
    if size == 0 or rough.max() < SAFE:
        for name, weight in weights.items():
            if name in columns:
                total += weight * columns[name]
        return total
    exact = [0] * size
    for name, weight in weights.items():
        if name in columns:
            exact = [have + weight * more for have, more in zip(exact, columns[name].tolist(), strict=True)]
    if max(map(abs, exact), default=0) >= 2**62:
        raise OverflowError("an option's value on one level reaches 2^62")
    return np.array(exact, dtype=np.int64)


def build_arrays(problem: Problem) -> Arrays:
    """Turn the objects of a checked problem into index arrays (O(size of the file))."""
    resource_index = {resource.id: i for i, resource in enumerate(problem.resources)}
    group_index = {group.id: i for i, group in enumerate(problem.groups)}
    sites: dict[str, int] = {}
    site: list[int] = []
    priority: list[int] = []
    starts = [0]
    use_start = [0]
    use_resource: list[int] = []
    use_amount: list[int] = []
    term_rows: dict[str, list[int]] = {}
    term_values: dict[str, list[int]] = {}
    held: list[int] = []
    option_index: dict[tuple[str, str], int] = {}
    needs_index = {group.id for group in problem.groups if group.joint is not None}
    row = 0
    for request in problem.requests:
        held_here = -1
        for option in request.options:
            site.append(sites.setdefault(option.site, len(sites)))
            priority.append(option.priority)
            for name, amount in option.uses.items():
                if amount:
                    use_resource.append(resource_index[name])
                    use_amount.append(amount)
            use_start.append(len(use_resource))
            for name, value in option.terms.items():
                term_rows.setdefault(name, []).append(row)
                term_values.setdefault(name, []).append(value)
            if option.id == request.held:
                held_here = row
            if request.group in needs_index:
                option_index[request.id, option.id] = row
            row += 1
        held.append(held_here)
        starts.append(row)
    columns: dict[str, Ints] = {}
    for name, rows in term_rows.items():
        column = np.zeros(row, dtype=np.int64)
        column[rows] = term_values[name]
        columns[name] = column
    nothing = np.zeros(row, dtype=np.int64)
    return Arrays(
        capacity=np.array([resource.capacity for resource in problem.resources], dtype=np.int64),
        request_start=np.array(starts, dtype=np.int64),
        use_start=np.array(use_start, dtype=np.int64),
        use_resource=np.array(use_resource, dtype=np.int64),
        use_amount=np.array(use_amount, dtype=np.int64),
        site=np.array(site, dtype=np.int64),
        levels=[
            ArrayLevel(worst=False, value=weighted(columns, dict(level.weights), row))
            if isinstance(level, Sum)
            else ArrayLevel(worst=True, value=columns.get(level.term, nothing))
            for level in problem.objective
        ],
        group=np.array(
            [-1 if request.group is None else group_index[request.group] for request in problem.requests],
            dtype=np.int64,
        ),
        same_site=np.array([group.same_site for group in problem.groups], dtype=np.bool_),
        all_or_none=np.array([group.all_or_none for group in problem.groups], dtype=np.bool_),
        must=np.array([request.must for request in problem.requests], dtype=np.bool_),
        pinned=np.array([request.pinned for request in problem.requests], dtype=np.bool_),
        held=np.array(held, dtype=np.int64),
        priority=np.array(priority, dtype=np.int64),
        joint={
            group_index[group.id]: [
                tuple(sorted(option_index[member, option] for member, option in combination.items()))
                for combination in group.joint
            ]
            for group in problem.groups
            if group.joint is not None
        },
    )
