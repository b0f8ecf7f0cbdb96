"""What the night takes over from the one before: prices, carried to tomorrow's segments, and the places held. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.planning.problem import Task


def make_start(task: Task, prices: Mapping[str, float]) -> dict[str, Any] | None:
    """Return yesterday's plan as the solver reads it, or None on the first night.

    Segments begin on other dates every night, so a price goes with the cell and kind before the '@'.
    """
    placements = {request.id: request.held for request in task.problem.requests if request.held is not None}
    if not placements and not prices:
        return None
    by_cell: dict[str, float] = {}
    for name, price in prices.items():
        by_cell.setdefault(name.partition("@")[0], price)
    carried = {
        resource.id: prices.get(resource.id, by_cell.get(resource.id.partition("@")[0], 0.0))
        for resource in task.problem.resources
    }
    return {
        "format": "solver-plan/1",
        "outcome": "feasible",
        "mode": task.share.mode.value,
        "placements": placements,
        "unplaced": [request.id for request in task.problem.requests if request.id not in placements],
        "prices": {name: price for name, price in carried.items() if price},
    }
