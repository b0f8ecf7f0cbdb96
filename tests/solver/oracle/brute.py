"""The best plan by trying all: at most a few thousand plans, every one judged by the specification's words."""

from __future__ import annotations

from math import prod

from tests.solver.oracle.deciders import list_deciders
from tests.solver.oracle.envy import list_blocking


def count_plans(document, mode):
    """How many combinations of choices there are, before capacities."""
    return prod(len(decider.accepted) for decider in list_deciders(document, mode))


def iterate_plans(document, deciders):
    """Yield every plan within capacities as {request id: option object}."""
    left = {resource["id"]: resource["capacity"] for resource in document["resources"]}

    def extend(index, plan):
        if index == len(deciders):
            yield dict(plan)
            return
        for picks in deciders[index].accepted:
            taken = []
            for option in picks.values():
                taken += option["uses"].items()
            for resource, amount in taken:
                left[resource] -= amount
            if all(left[resource] >= 0 for resource, _ in taken):
                plan.update(picks)
                yield from extend(index + 1, plan)
                for name in picks:
                    del plan[name]
            for resource, amount in taken:
                left[resource] += amount

    yield from extend(0, {})


def list_values(document, plan):
    """The value of each level, in order."""
    values = []
    for level in document["objective"]:
        if "worst" in level:
            values.append(
                max((option.get("terms", {}).get(level["worst"], 0) for option in plan.values()), default=0)
            )
        else:
            values.append(
                sum(
                    weight * option.get("terms", {}).get(term, 0)
                    for option in plan.values()
                    for term, weight in level["sum"].items()
                )
            )
    return values


def get_key(document, values):
    """Smaller is better: a sum is maximised, a worst value minimised."""
    return [
        value if "worst" in level else -value
        for level, value in zip(document["objective"], values, strict=True)
    ]


def find_best_welfare(document):
    """The best level values over all plans, or None where no plan keeps the rules."""
    deciders = list_deciders(document, "welfare")
    every = (list_values(document, plan) for plan in iterate_plans(document, deciders))
    return min(every, key=lambda values: get_key(document, values), default=None)


def find_best_stable(document):
    """(Fewest blocking combinations, best level values among plans with that many), or None."""
    deciders = list_deciders(document, "stable")
    best = None
    for plan in iterate_plans(document, deciders):
        placements = {name: option["id"] for name, option in plan.items()}
        blocking = len(list_blocking(document, placements, deciders))
        if best is not None and blocking > best[0]:
            continue
        values = list_values(document, plan)
        if best is None or (blocking, get_key(document, values)) < (best[0], get_key(document, best[1])):
            best = (blocking, values)
    return best


def find_best(document, mode):
    """(Fewest blocking combinations, None in welfare mode; best level values), or None where no plan keeps the rules."""
    if mode == "stable":
        return find_best_stable(document)
    values = find_best_welfare(document)
    return None if values is None else (None, values)
