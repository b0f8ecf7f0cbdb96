"""Blocking combinations by their definition, on plain documents: the judge of stable plans, shared with no method."""

from __future__ import annotations

from tests.solver.oracle.deciders import find_option, list_deciders


def list_blocking(document, placements, deciders=None):
    """Every (decider id, {request: option}) that blocks the plan ``placements`` (request id -> option id)."""
    deciders = list_deciders(document, "stable") if deciders is None else deciders
    capacity = {resource["id"]: resource["capacity"] for resource in document["resources"]}
    users = list_users(document, placements)
    found = []
    for decider in deciders:
        if decider.is_pinned:
            continue
        names = {member["id"]: member for member in decider.members}
        got = {name: placements[name] for name in names if name in placements}
        for picks in decider.accepted:
            chosen = {name: option["id"] for name, option in picks.items()}
            if chosen == got or not chosen:
                break
            if claims(picks, names, users, capacity):
                found.append((decider.id, chosen))
    return found


def list_users(document, placements):
    """Resource -> (request, priority, amount) of all who use it."""
    users = {resource["id"]: [] for resource in document["resources"]}
    for request in document["requests"]:
        if request["id"] in placements:
            option = find_option(request, placements[request["id"]])
            for resource, amount in option["uses"].items():
                users[resource].append((request["id"], get_priority(request, option), amount))
    return users


def get_priority(request, option):
    """The option's, but whoever keeps a held option counts as of the highest."""
    return float("inf") if request.get("held") == option["id"] else option.get("priority", 0)


def claims(picks, names, users, capacity):
    """Whether each resource has room once only those of at least the combination's lowest priority there count."""
    for resource, used_by in users.items():
        using = [(names[name], option) for name, option in picks.items() if option["uses"].get(resource)]
        if not using:
            continue
        lowest = min(get_priority(member, option) for member, option in using)
        in_the_way = sum(
            amount for name, priority, amount in used_by if name not in names and priority >= lowest
        )
        if capacity[resource] - in_the_way < sum(option["uses"][resource] for _, option in using):
            return False
    return True
