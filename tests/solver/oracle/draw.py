"""Draws documents with all rules mixed, tiny or larger, from any source of numbers: a seeded one or Hypothesis."""

from __future__ import annotations

from itertools import product

from tests.solver.oracle.brute import count_plans

TERMS = ("served", "metres", "rank", "draw")
MOST_PLANS = 3_000


def draw_document(pick, mode, most_requests=8):
    """A document with 0 to ``most_requests`` requests; ``pick(low, high)`` gives a whole number, ends included."""
    resources = [{"id": f"s{i}/p", "capacity": (0, 1, 1, 1, 2, 3)[pick(0, 5)]} for i in range(pick(1, 3))]
    resources += [{"id": f"x{i}", "capacity": pick(0, 5)} for i in range(pick(0, 2))]
    requests = [draw_request(pick, i, resources) for i in range(pick(0, most_requests))]
    groups = draw_groups(pick, requests)
    document = {
        "format": "solver-problem/1",
        "resources": resources,
        "groups": groups,
        "requests": requests,
        "objective": draw_objective(pick),
    }
    while count_plans(document, mode) > MOST_PLANS:
        drop_last(document)
    return document


def draw_larger(pick, mode, most_requests):
    """A document of up to ``most_requests`` requests, more than can be tried; most hold nobody, so that a plan exists."""
    count = pick(most_requests // 3, most_requests)
    largest = pick(1, 6)
    resources = [{"id": f"s{i}/p", "capacity": pick(0, largest)} for i in range(max(2, count // pick(3, 8)))]
    sites = [resource["id"] for resource in resources]
    resources += [{"id": f"x{i}", "capacity": pick(0, count)} for i in range(pick(0, 3))]
    requests = [draw_request(pick, i, resources) for i in range(count)]
    kind, holds = pick(0, 3), pick(0, 9) < 3
    for request in requests:
        if not holds:
            request.pop("must", None)
            request.pop("pinned", None)
        elif pick(0, 2):
            for field in ("must", "held", "pinned"):
                request.pop(field, None)
        for option in request["options"]:
            if kind == 1:
                option["terms"]["draw"] = pick(0, 1_000_000)
            if kind >= 2:
                option["terms"]["metres"] = pick(0, 2_000)
            if kind == 3:
                option["uses"].update({sites[pick(0, len(sites) - 1)]: pick(1, 3) for _ in range(pick(1, 3))})
            if pick(0, 30) == 0:
                del option["terms"]
    return {
        "format": "solver-problem/1",
        "resources": resources,
        "groups": draw_groups(pick, requests),
        "requests": requests,
        "objective": [{"sum": {"served": 1}}, *draw_objective(pick), *draw_objective(pick)][pick(0, 1) :],
    }


def draw_request(pick, index, resources):
    sites = [resource["id"] for resource in resources if resource["id"].startswith("s")]
    extra = [resource["id"] for resource in resources if resource["id"].startswith("x")]
    options = []
    for number in range((0, 1, 2, 2, 3, 3)[pick(0, 5)]):
        place = sites[pick(0, len(sites) - 1)]
        uses = {place: (1, 1, 1, 2, 0)[pick(0, 4)]}
        if extra and pick(0, 2) == 0:
            uses[extra[pick(0, len(extra) - 1)]] = pick(1, 2)
        if pick(0, 11) == 0:
            uses = {}
        terms = {"served": 1, "metres": pick(0, 9), "rank": number + 1, "draw": pick(-3, 3)}
        option = {"id": f"o{number}", "site": place.split("/")[0], "uses": uses, "terms": terms}
        if pick(0, 3):
            option["priority"] = pick(-1, 3)
        options.append(option)
    request = {"id": f"r{index}", "options": options}
    if options and pick(0, 4) == 0:
        request["held"] = options[pick(0, len(options) - 1)]["id"]
        request["pinned"] = pick(0, 3) == 0
    if pick(0, 15) == 0:
        request["must"] = True
    return request


def draw_groups(pick, requests):
    """Neighbours become groups of one to three with any mix of rules."""
    groups = []
    at = 0
    while at < len(requests):
        size = (1, 1, 2, 2, 3, 1)[pick(0, 5)]
        members = requests[at : at + size]
        at += size
        if size == 1 and pick(0, 5):
            continue
        group = {"id": f"g{len(groups)}"}
        if pick(0, 1):
            group["same_site"] = True
        if pick(0, 2) == 0:
            group["all_or_none"] = True
        if pick(0, 2) == 0:
            group["joint"] = draw_joint(pick, members)
        for member in members:
            member["group"] = group["id"]
        groups.append(group)
    return groups


def draw_joint(pick, members):
    every = [
        {member["id"]: option["id"] for member, option in zip(members, options, strict=True) if option}
        for options in product(*([*member["options"], None] for member in members))
    ]
    every = [combination for combination in every if combination]
    return [every[pick(0, len(every) - 1)] for _ in range(pick(0, 6))] if every else []


def draw_objective(pick):
    kinds = [
        {"sum": {"served": 1}},
        {"sum": {"served": 10, "metres": -1}},
        {"sum": {"draw": 1}},
        {"worst": "metres"},
        {"sum": {"rank": -1, "draw": 2}},
        {"worst": "rank"},
    ]
    return [kinds[pick(0, len(kinds) - 1)] for _ in range(pick(1, 3))]


def drop_last(document):
    """Make the document smaller by its last request."""
    gone = document["requests"].pop()
    for group in document["groups"]:
        if "joint" in group and group["id"] == gone.get("group"):
            kept = (
                {n: o for n, o in combination.items() if n != gone["id"]} for combination in group["joint"]
            )
            group["joint"] = [combination for combination in kept if combination]
