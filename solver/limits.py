"""The number limits of the format over a whole problem: nothing that is summed may leave 2^62."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solver.faults import BadInput, Fault
from solver.problem import Sum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.problem import Problem

TOTAL_LIMIT = 2**62


def check_limits(problem: Problem) -> None:
    """Raise `BadInput` where a total could leave 2^62: per level and per resource, over all requests."""
    faults = []
    try:
        arrays = problem.arrays
    except OverflowError:
        raise BadInput(_find_overflow(problem)) from None
    filled = np.flatnonzero(np.diff(arrays.request_start))
    starts = arrays.request_start[filled]
    for i, level in enumerate(arrays.levels):
        if (
            len(starts)
            and _total(np.maximum.reduceat(np.abs(level.value), starts)) >= TOTAL_LIMIT
            and not level.worst
        ):
            faults.append(Fault(f"objective[{i}]", "the largest values of all requests sum to 2^62 or more"))
    key = arrays.use_resource * max(1, arrays.requests) + arrays.option_request[arrays.use_option]
    order = np.lexsort((arrays.use_amount, key))
    last = np.flatnonzero(np.append(np.diff(key[order]) != 0, True)) if len(order) else order
    largest = order[last]
    rough = np.bincount(
        arrays.use_resource[largest], arrays.use_amount[largest].astype(np.float64), len(problem.resources)
    )
    for r in np.flatnonzero(rough > TOTAL_LIMIT / 4).tolist():
        if _total(arrays.use_amount[largest[arrays.use_resource[largest] == r]]) >= TOTAL_LIMIT:
            faults.append(Fault(f"resources[{r}]", "the largest uses of all requests sum to 2^62 or more"))  # noqa: PERF401
    if faults:
        raise BadInput(faults)


def _find_overflow(problem: Problem) -> list[Fault]:
    """Name each level with an option of 2^62 or more, and the first such option."""
    faults = []
    for i, level in enumerate(problem.objective):
        if isinstance(level, Sum):
            first = next(_iterate_overflows(problem, level), None)
            if first is not None:
                faults.append(Fault(f"objective[{i}]", f"the weighted terms of {first} reach 2^62"))
    return faults


def _iterate_overflows(problem: Problem, level: Sum) -> Iterator[str]:
    for i, request in enumerate(problem.requests):
        for j, option in enumerate(request.options):
            value = sum(weight * option.terms.get(term, 0) for term, weight in level.weights.items())
            if abs(value) >= TOTAL_LIMIT:
                yield f"requests[{i}].options[{j}]"


def _total(values: np.ndarray[Any, np.dtype[np.int64]]) -> int:
    """Exact sum of int64 values, whatever its size."""
    if len(values) == 0 or float(values.astype(np.float64).sum()) < TOTAL_LIMIT / 4:
        return int(values.sum()) if len(values) else 0
    return sum(values.tolist())
