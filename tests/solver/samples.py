"""Smallest documents and problems that tests start from."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from solver import Option, Problem, Request, Resource, Sum, parse_problem

DOCUMENT: dict[str, Any] = {
    "format": "solver-problem/1",
    "resources": [{"id": "s1/tue", "capacity": 1}],
    "groups": [{"id": "g1"}],
    "requests": [
        {
            "id": "r1",
            "class": 1,
            "group": "g1",
            "options": [
                {"id": "o1", "site": "s1", "uses": {"s1/tue": 1}, "terms": {"served": 1, "metres": 40}}
            ],
            "excluded": [
                {
                    "id": "x1",
                    "site": "s2",
                    "uses": {},
                    "terms": {"served": 1},
                    "reason": "too_far",
                    "data": {"metres": 9},
                }
            ],
        },
        {"id": "r2", "options": [{"id": "o1", "site": "s1", "uses": {"s1/tue": 1}, "terms": {"served": 1}}]},
    ],
    "objective": [{"sum": {"served": 1}}, {"sum": {"metres": -1}}],
}


def document() -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT)


def option(name: str, uses: dict[str, int], site: str = "s1", priority: int = 0, **terms: int) -> Option:
    return Option(name, site, uses, {"served": 1, **terms}, priority)


def problem(capacity: dict[str, int], requests: list[Request], groups=(), objective=None) -> Problem:
    return Problem(
        [Resource(name, amount) for name, amount in capacity.items()],
        list(groups),
        requests,
        objective or [Sum({"served": 1})],
    )


def draw_week(seed):
    """Seven people who each want one of two patterns of a few days at one place with one or two places a day."""
    rng = np.random.default_rng(seed)
    days = [f"d{day}" for day in range(5)]

    def option(number):
        pattern = rng.choice(5, rng.integers(2, 4), replace=False)
        uses = {days[day]: 1 for day in pattern.tolist()}
        return {
            "id": f"o{number}",
            "site": "s",
            "uses": uses,
            "terms": {"days": len(uses), "worth": int(rng.integers(1, 9))},
        }

    return parse_problem(
        {
            "format": "solver-problem/1",
            "resources": [{"id": day, "capacity": int(rng.integers(1, 3))} for day in days],
            "requests": [{"id": f"r{n}", "options": [option(0), option(1)]} for n in range(7)],
            "objective": [{"sum": {"days": 10, "worth": 1}}, {"sum": {"worth": 1}}],
        }
    )
