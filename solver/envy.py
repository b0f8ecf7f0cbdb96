"""Justified envy by its definition: who blocks with what, in plain Python, shared with no method.

Preference (solver.md, `stable`, exactly): a request its options in file order; a group with ``joint`` its
combinations in that order; another group first more members placed, then the smaller sum of positions, then
positions member by member, where a member left out counts as placed behind its last option.
A combination that breaks a hard rule (``must``, a held member's guarantee) is none.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from solver.problem import Combination, Group, Option, Problem, Request

MOST_COMBINATIONS = 10_000
Rank = tuple[int, ...]


class TooManyCombinations(ValueError):
    """A group without ``joint`` has over 10,000 combinations: a fault in stable mode."""

    def __init__(self, group: str) -> None:
        self.group = group
        super().__init__(f"group {group!r} has over {MOST_COMBINATIONS} combinations; list them as 'joint'")


def blocking_pairs(problem: Problem, placements: Mapping[str, str]) -> Iterator[tuple[str, Combination]]:
    """Yield each (request or group id, combination) that blocks ``placements``.

    Raises `TooManyCombinations`.
    """
    users = _users(problem, placements)
    capacity = {resource.id: resource.capacity for resource in problem.resources}
    held = {request.id: request.held for request in problem.requests}
    for request in problem.requests:
        if request.group is None and not request.pinned:
            for option in request.options:
                if option.id == placements.get(request.id):
                    break
                if _claims({request.id: option}, users, capacity, {request.id: request.held}):
                    yield request.id, {request.id: option.id}
    for group in problem.groups:
        members = problem.members[group.id]
        if any(member.pinned for member in members):
            continue
        names = {member.id for member in members}
        present = {name: placements[name] for name in names if name in placements}
        for combination in preferred(group, members, present):
            if _claims(combination, users, capacity, {name: held[name] for name in names}):
                yield group.id, {name: option.id for name, option in combination.items()}


def preferred(group: Group, members: Sequence[Request], present: Combination) -> Iterator[dict[str, Option]]:
    """Yield the combinations that a group prefers to what it got, each once."""
    if group.joint is not None:
        by_id = {member.id: {option.id: option for option in member.options} for member in members}
        seen: set[frozenset[tuple[str, str]]] = set()
        for listed in group.joint:
            if dict(listed) == present:
                return
            key = frozenset(listed.items())
            if key in seen:
                continue
            seen.add(key)
            combination = {name: by_id[name][option] for name, option in listed.items()}
            if _is_legal(group, members, combination):
                yield combination
        return
    now = _rank(members, present)
    for combination in combinations(group, members):
        if _rank(members, {name: option.id for name, option in combination.items()}) < now:
            yield combination


def combinations(group: Group, members: Sequence[Request]) -> Iterator[dict[str, Option]]:
    """Yield every legal combination (at least one placed) of a group without ``joint``."""
    allowed: list[list[Option | None]] = []
    for member in members:
        kept: list[Option | None] = [option for option in member.options if _keeps_guarantee(member, option)]
        if not (member.must or member.held is not None or group.all_or_none):
            kept.append(None)
        allowed.append(kept)
    sites = sorted({option.site for kept in allowed for option in kept if option is not None})
    found = 0
    for site in sites if group.same_site else [None]:
        ways = [[o for o in kept if site is None or o is None or o.site == site] for kept in allowed]
        found += prod(map(len, ways)) - all(None in each for each in ways)
        if found > MOST_COMBINATIONS:
            raise TooManyCombinations(group.id)
        for combination in product(*ways):
            placed = {m.id: o for m, o in zip(members, combination, strict=True) if o is not None}
            if placed:
                yield placed


def guarantee_violations(problem: Problem, placements: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each held request that ended neither there nor at an option it prefers."""
    for request in problem.requests:
        if request.held is not None:
            got = next(
                (option for option in request.options if option.id == placements.get(request.id)), None
            )
            if got is None or not _keeps_guarantee(request, got):
                where = "is unplaced" if got is None else f"is on {got.id!r}"
                yield f"{request.id!r} holds {request.held!r} and {where}"


def _keeps_guarantee(request: Request, option: Option) -> bool:
    for each in request.options:
        if each.id == option.id:
            return not request.pinned or each.id == request.held
        if each.id == request.held:
            return False
    return False


def _is_legal(group: Group, members: Sequence[Request], combination: Mapping[str, Option]) -> bool:
    if group.same_site and len({option.site for option in combination.values()}) > 1:
        return False
    if group.all_or_none and len(combination) < len(members):
        return False
    for member in members:
        if member.id in combination:
            if not _keeps_guarantee(member, combination[member.id]):
                return False
        elif member.must or member.held is not None:
            return False
    return True


def _rank(members: Sequence[Request], combination: Combination) -> Rank:
    """Smaller is better."""
    positions = []
    total = 0
    for member in members:
        position = len(member.options)
        for i, option in enumerate(member.options):
            if option.id == combination.get(member.id):
                position = i
                total += i
        positions.append(position)
    return (-len(combination), total, *positions)


def _users(problem: Problem, placements: Mapping[str, str]) -> dict[str, list[tuple[str, float, int]]]:
    """Resource -> (request, priority there, amount) of everybody placed on it."""
    users: dict[str, list[tuple[str, float, int]]] = defaultdict(list)
    for request in problem.requests:
        for option in request.options:
            if option.id == placements.get(request.id):
                priority = float("inf") if option.id == request.held else option.priority
                for resource, amount in option.uses.items():
                    users[resource].append((request.id, priority, amount))
    return users


def _claims(
    combination: Mapping[str, Option],
    users: Mapping[str, list[tuple[str, float, int]]],
    capacity: Mapping[str, int],
    own: Mapping[str, str | None],
) -> bool:
    needed: dict[str, int] = defaultdict(int)
    lowest: dict[str, float] = {}
    for name, option in combination.items():
        # Whoever keeps a held option counts as of the highest priority on either side of a claim.
        priority = float("inf") if option.id == own[name] else option.priority
        for resource, amount in option.uses.items():
            if amount:
                needed[resource] += amount
                lowest[resource] = min(lowest.get(resource, priority), priority)
    return all(
        capacity[resource]
        - sum(
            used
            for name, priority, used in users.get(resource, ())
            if name not in own and priority >= lowest[resource]
        )
        >= amount
        for resource, amount in needed.items()
    )
