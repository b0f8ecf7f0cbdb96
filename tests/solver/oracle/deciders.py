"""Who decides together and what they accept, best first: requests alone and groups, straight from the document."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

Document = dict[str, Any]
Picks = dict[str, Document]  # request id -> its option object; who is left out is unplaced


@dataclass
class Decider:
    """A request without group, or a group: ``accepted`` combinations best first, "nobody" last where allowed."""

    id: str
    members: list[Document]
    accepted: list[Picks]

    @property
    def is_pinned(self):
        return any(member.get("pinned") for member in self.members)


def list_deciders(document, mode):
    """All deciders of a document; in ``stable`` mode a held option is a guarantee, in ``welfare`` it is nothing."""
    groups = {group["id"]: group for group in document.get("groups", [])}
    members = {name: [] for name in groups}
    deciders = []
    for request in document["requests"]:
        if request.get("group") is None:
            deciders.append(Decider(request["id"], [request], list_accepted({}, [request], mode)))
        else:
            members[request["group"]].append(request)
    for name, people in members.items():
        if people:
            deciders.append(Decider(name, people, list_accepted(groups[name], people, mode)))
    return deciders


def list_accepted(group, members, mode):
    """Combinations in the order of preference that the file states."""
    if "joint" in group:
        listed = []
        for combination in group["joint"]:
            picks = {
                member["id"]: find_option(member, combination[member["id"]])
                for member in members
                if member["id"] in combination
            }
            if picks not in listed:
                listed.append(picks)
    else:
        every = [
            {
                member["id"]: option
                for member, option in zip(members, options, strict=True)
                if option is not None
            }
            for options in product(*([*member["options"], None] for member in members))
        ]
        listed = sorted((picks for picks in every if picks), key=lambda picks: rank(members, picks))
    listed.append({})
    return [picks for picks in listed if is_legal(group, members, picks, mode)]


def find_option(request, name):
    return next(option for option in request["options"] if option["id"] == name)


def get_position(member, option):
    return member["options"].index(option)


def rank(members, picks):
    """Smaller is better: more placed; smaller sum of positions; positions member by member, unplaced behind all."""
    positions = [
        get_position(member, picks[member["id"]]) if member["id"] in picks else None for member in members
    ]
    placed = [position for position in positions if position is not None]
    return (-len(placed), sum(placed), [float("inf") if p is None else p for p in positions])


def is_legal(group, members, picks, mode):
    if group.get("same_site") and len({option["site"] for option in picks.values()}) > 1:
        return False
    if group.get("all_or_none") and 0 < len(picks) < len(members):
        return False
    for member in members:
        got = picks.get(member["id"])
        if member.get("must") and got is None:
            return False
        if member.get("pinned") and (got is None or got["id"] != member["held"]):
            return False
        if mode == "stable" and member.get("held") is not None:
            limit = get_position(member, find_option(member, member["held"]))
            if got is None or get_position(member, got) > limit:
                return False
    return True
