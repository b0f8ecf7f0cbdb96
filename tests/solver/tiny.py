"""Random tiny problems with every rule of the format, from a seed; small enough for brute force."""

from __future__ import annotations

import random

from solver.problem import Group, Option, Problem, Request, Resource, Sum, Worst


def tiny_problem(seed: int, most_requests: int = 8) -> Problem:
    """A problem of up to ``most_requests`` requests in which rules meet at random."""
    rng = random.Random(seed)
    sites = [f"s{i}" for i in range(rng.randint(1, 3))]
    days = ["mon", "tue", "wed"][: rng.randint(1, 3)]
    resources = [Resource(f"{s}/{d}", rng.choice([0, 1, 1, 2, 3])) for s in sites for d in days]
    if rng.random() < 0.3:
        resources.append(Resource("minutes", rng.choice([10, 30, 45])))
    groups, group_of = [], {}
    count = rng.randint(0, most_requests)
    names = [f"r{i}" for i in range(count)]
    free = names[:]
    rng.shuffle(free)
    for g in range(rng.randint(0, 3)):
        size = min(len(free), rng.randint(0, 3))
        members, free = free[:size], free[size:]
        groups.append([f"g{g}", rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.3, members])
        group_of |= dict.fromkeys(members, f"g{g}")
    requests = []
    for name in names:
        options = []
        for j in range(rng.randint(0, 3)):
            site = rng.choice(sites)
            uses = {f"{site}/{d}": 1 for d in days if rng.random() < 0.6}
            if rng.random() < 0.2 and resources[-1].id == "minutes":
                uses["minutes"] = rng.choice([0, 10, 25])
            terms = {"served": 1, "days": len(uses), "metres": rng.randint(0, 9), "draw": rng.randint(-3, 3)}
            if rng.random() < 0.1:
                del terms["metres"]
            options.append(Option(f"o{j}", site, uses, terms, rng.randint(0, 3)))
        held = rng.choice(options).id if options and rng.random() < 0.3 else None
        requests.append(
            Request(
                name,
                options,
                rng.randint(1, 3),
                group_of.get(name),
                rng.random() < 0.06,
                held,
                held is not None and rng.random() < 0.3,
            )
        )
    by_name = {request.id: request for request in requests}
    made = []
    for name, same, whole, jointly, members in groups:
        joint = None
        if jointly and any(by_name[m].options for m in members):
            joint = []
            for _ in range(rng.randint(0, 4)):
                combination = {
                    m: rng.choice(by_name[m].options).id
                    for m in members
                    if by_name[m].options and rng.random() < 0.7
                }
                if combination:
                    joint.append(combination)
        made.append(Group(name, same, whole, joint))
    pool = [
        Sum({"days": 1}),
        Sum({"served": 1}),
        Sum({"served": 5, "metres": -1}),
        Worst("metres"),
        Sum({"metres": -1}),
        Sum({"draw": 1}),
        Sum({"nothing": 3}),
        Sum({"served": -1}),
    ]
    return Problem(resources, made, requests, rng.sample(pool, rng.randint(1, 4)))
