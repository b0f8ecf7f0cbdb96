"""Peers for stable rounds: CP-SAT on the whole joint-choice model, and a Gale-Shapley library for single children."""

from __future__ import annotations

import sys
import threading
import time

from tests.benchmarks.peers import solve_cpsat
from tests.solver.oracle.deciders import list_deciders
from tests.solver.oracle.envy import get_priority, list_blocking


def run_joint_choices(document, limit):
    """Most served without anybody blocking, as one model: every combination, every "full", no preparation."""
    from ortools.sat.python import cp_model

    began = time.monotonic()
    model = cp_model.CpModel()
    deciders = list_deciders(document, "stable")
    capacity = {resource["id"]: resource["capacity"] for resource in document["resources"]}
    users = {name: [] for name in capacity}
    chosen = []
    for number, decider in enumerate(deciders):
        literals = [model.new_bool_var("") for _ in decider.accepted]
        model.add_exactly_one(literals)
        chosen.append(literals)
        members = {member["id"]: member for member in decider.members}
        for choice, picks in enumerate(decider.accepted):
            for name, option in picks.items():
                for resource, amount in option["uses"].items():
                    priority = get_priority(members[name], option)
                    users[resource].append((priority, amount, number, choice))
    for name, entries in users.items():
        model.add(sum(amount * chosen[d][c] for _, amount, d, c in entries) <= capacity[name])
    market = Market(model, users, capacity, chosen)
    for number, decider in enumerate(deciders):
        members = {member["id"]: member for member in decider.members}
        for choice, picks in enumerate(decider.accepted):
            if picks and not decider.is_pinned:
                reasons = market.list_reasons(number, picks, members)
                model.add_bool_or(chosen[number][: choice + 1] + reasons)
    served = [
        len(picks) * chosen[d][c]
        for d, decider in enumerate(deciders)
        for c, picks in enumerate(decider.accepted)
    ]
    model.maximize(sum(served))
    return solve_cpsat(model, limit, began) | {"blocking": 0}


class Market:
    """Finds or makes the literals "this resource is full of those who count at least as high"."""

    def __init__(self, model, users, capacity, chosen):
        self.model, self.users, self.capacity, self.chosen = model, users, capacity, chosen
        self.full = {}

    def list_reasons(self, number, picks, members):
        claims = {}
        for name, option in picks.items():
            for resource, amount in option["uses"].items():
                need, lowest = claims.get(resource, (0, float("inf")))
                claims[resource] = (need + amount, min(lowest, get_priority(members[name], option)))
        own = number if len(members) > 1 else None
        return [self.find_full(resource, need, lowest, own) for resource, (need, lowest) in claims.items()]

    def find_full(self, resource, need, lowest, own):
        key = (resource, need, lowest, own)
        if key not in self.full:
            self.full[key] = self.model.new_bool_var("")
            taken = sum(
                amount * self.chosen[d][c]
                for priority, amount, d, c in self.users[resource]
                if priority >= lowest and d != own
            )
            self.model.add(taken >= self.capacity[resource] - need + 1).only_enforce_if(self.full[key])
        return self.full[key]


def run_gale_shapley(document, limit):
    """The library `matching`: residents and hospitals, which covers single children with strict priorities."""
    sys.setrecursionlimit(1_000_000)  # it copies its players by recursion
    threading.stack_size(1 << 29)
    answer = {}
    thread = threading.Thread(target=lambda: answer.update(match(document)))
    thread.start()
    thread.join()
    return answer


def match(document):
    """Resident-optimal matching; counts who blocks by definition."""
    from matching.games import HospitalResident

    began = time.monotonic()
    residents = {r["id"]: [next(iter(o["uses"])) for o in r["options"]] for r in document["requests"]}
    capacity = {r["id"]: r["capacity"] for r in document["resources"] if r["capacity"]}
    residents = {name: [place for place in places if place in capacity] for name, places in residents.items()}
    ranked: dict[str, list[tuple[int, str]]] = {name: [] for name in capacity}
    for request in document["requests"]:
        for option in request["options"]:
            (place,) = option["uses"]
            if place in capacity:
                ranked[place].append((-option["priority"], request["id"]))
    hospitals = {place: [name for _, name in sorted(entries)] for place, entries in ranked.items() if entries}
    game = HospitalResident.create_from_dictionaries(
        residents, hospitals, {place: capacity[place] for place in hospitals}, clean=True
    )
    result = game.solve(optimal="resident")
    seconds = time.monotonic() - began
    placements = {
        resident.name: next(
            o["id"]
            for request in document["requests"]
            if request["id"] == resident.name
            for o in request["options"]
            if next(iter(o["uses"])) == hospital.name
        )
        for hospital, matched in result.items()
        for resident in matched
    }
    served = len(placements)
    return {
        "seconds": seconds,
        "value": served,
        "bound": served,
        "blocking": len(list_blocking(document, placements)),
    }
