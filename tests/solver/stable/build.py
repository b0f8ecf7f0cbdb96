"""Small documents for stable rules, written as a person would say them."""

from __future__ import annotations

from solver.params import Params
from solver.read import parse_problem
from solver.stable import solve_stable
from tests.solver.oracle.compare import list_differences


def room(name, capacity=1):
    return {"id": name, "capacity": capacity}


def child(name, *wishes, **more):
    """A child whose wishes are ``(site, priority)`` pairs, best first; each uses one place of the site."""
    options = [
        {
            "id": site,
            "site": site,
            "uses": {site: 1},
            "terms": {"served": 1, "rank": rank},
            "priority": priority,
        }
        for rank, (site, priority) in enumerate(wishes, 1)
    ]
    return {"id": name, "options": options, **more}


def round_of(rooms, children, groups=(), objective=({"sum": {"served": 1}}, {"sum": {"rank": -1}})):
    return {
        "format": "solver-problem/1",
        "resources": list(rooms),
        "groups": list(groups),
        "requests": list(children),
        "objective": list(objective),
    }


def decide(document):
    """Solve; brute force must agree before a test looks at what came out."""
    assert list_differences(document, "stable") == []
    return solve_stable(parse_problem(document), Params(mode="stable"))
