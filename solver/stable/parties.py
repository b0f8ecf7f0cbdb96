"""Who decides together in ``stable`` mode, what each accepts, best first, and what that claims. It solves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.arrays import Arrays
    from solver.problem import Group, Problem

HIGHEST = 2**60  # the priority of a kept held option: above every number of the format
Picks = tuple[int, ...]  # option indices, by member; () is "nobody placed"


@dataclass(slots=True)
class Party:
    """A request alone or a group, with K accepted combinations.

    Attributes
    ----------
    name : str
        Id of the request or group.
    members : list of int
        Request indices.
    picks : list of K tuples of option indices
        Best first; the empty tuple, "nobody placed", last where it is allowed.
    uses : list of K lists of (resource, amount, priority)
        What each member of the combination would take, and how high it counts there.
    claims : list of K lists of (resource, need, lowest priority)
        The same summed by resource: what decides whether the combination blocks.
    blocks : bool
        False for a pinned request or a group with a pinned member.

    """

    name: str
    members: list[int]
    picks: list[Picks]
    uses: list[list[tuple[int, int, int]]]
    claims: list[list[tuple[int, int, int]]]
    blocks: bool


@dataclass(frozen=True, slots=True)
class _Lists:
    """The arrays as plain lists: single numbers are read ten times faster from them."""

    request_start: list[int]
    use_start: list[int]
    use_resource: list[int]
    use_amount: list[int]
    site: list[int]
    priority: list[int]
    held: list[int]
    pinned: list[bool]
    must: list[bool]
    capacity: list[int]
    joint: dict[int, list[tuple[int, ...]]]


def _to_lists(arrays: Arrays) -> _Lists:
    return _Lists(
        arrays.request_start.tolist(),
        arrays.use_start.tolist(),
        arrays.use_resource.tolist(),
        arrays.use_amount.tolist(),
        arrays.site.tolist(),
        arrays.priority.tolist(),
        arrays.held.tolist(),
        arrays.pinned.tolist(),
        arrays.must.tolist(),
        arrays.capacity.tolist(),
        arrays.joint,
    )


def list_parties(problem: Problem) -> list[Party]:
    """All parties of a problem: requests alone first, then groups, each in file order.

    A combination that no capacity could ever hold is left out: it can neither be placed nor block.
    `solver.combinations.check_combinations` must have passed.
    """
    arrays = _to_lists(problem.arrays)
    grouped: dict[int, list[int]] = {}
    parties = []
    for request, group in enumerate(problem.arrays.group.tolist()):
        if group >= 0:
            grouped.setdefault(group, []).append(request)
        else:
            picks: list[Picks] = [(option,) for option in _list_open(arrays, request)]
            if not arrays.must[request] and arrays.held[request] < 0:
                picks.append(())
            parties.append(_make_party(arrays, problem.requests[request].id, [request], picks))
    for group in sorted(grouped):
        name = problem.groups[group].id
        picks = _list_group_picks(arrays, problem.groups[group], group, grouped[group])
        parties.append(_make_party(arrays, name, grouped[group], picks))
    return parties


def _list_open(arrays: _Lists, request: int) -> range:
    """Options a request may end at: pinned its own only, held none behind it (a guarantee)."""
    start, end = arrays.request_start[request], arrays.request_start[request + 1]
    held = arrays.held[request]
    if held < 0:
        return range(start, end)
    return range(held, held + 1) if arrays.pinned[request] else range(start, held + 1)


def _list_group_picks(arrays: _Lists, rules: Group, group: int, members: list[int]) -> list[Picks]:
    same, whole = rules.same_site, rules.all_or_none
    forced = [arrays.must[member] or arrays.held[member] >= 0 for member in members]
    if group in arrays.joint:
        found = list(_keep_joint(arrays, arrays.joint[group], members, forced))
        if same:
            found = [picks for picks in found if len({arrays.site[o] for o in picks}) == 1]
        if whole:
            found = [picks for picks in found if len(picks) == len(members)]
    else:
        found = list(_enumerate(arrays, members, forced, same=same, whole=whole))
        found.sort(key=lambda picks: _rank(arrays, members, picks))
    if not any(forced):
        found.append(())
    return found


def _keep_joint(
    arrays: _Lists, joint: list[Picks], members: list[int], forced: list[bool]
) -> Iterator[Picks]:
    """The listed combinations that keep every member's guarantee and ``must``, each once."""
    owner = {option: member for member in members for option in _list_open(arrays, member)}
    needed = {member for member, must in zip(members, forced, strict=True) if must}
    for picks in dict.fromkeys(joint):
        if all(option in owner for option in picks) and needed <= {owner[option] for option in picks}:
            yield picks


def _enumerate(
    arrays: _Lists, members: list[int], forced: list[bool], *, same: bool, whole: bool
) -> Iterator[Picks]:
    """Every combination with somebody placed; site by site where all must share one, so nothing is tried in vain."""
    sites = {arrays.site[o] for m in members for o in _list_open(arrays, m)} if same else {-1}
    for site in sorted(sites):
        lists: list[list[int]] = []
        for member, must in zip(members, forced, strict=True):
            options = [o for o in _list_open(arrays, member) if not same or arrays.site[o] == site]
            lists.append(options if must or whole else [*options, -1])
        for chosen in product(*lists):
            picks = tuple(option for option in chosen if option >= 0)
            if picks:
                yield picks


def _rank(arrays: _Lists, members: list[int], picks: Picks) -> tuple[int, ...]:
    """More placed first, then the smaller sum of positions, then member by member, unplaced behind all."""
    positions = []
    total, at = 0, 0
    for member in members:
        start, end = arrays.request_start[member], arrays.request_start[member + 1]
        if at < len(picks) and start <= picks[at] < end:
            total += picks[at] - start
            positions.append(picks[at] - start)
            at += 1
        else:
            positions.append(end - start)
    return (-len(picks), total, *positions)


def _make_party(arrays: _Lists, name: str, members: list[int], picks: list[Picks]) -> Party:
    held = {arrays.held[member] for member in members}
    party = Party(name, members, [], [], [], blocks=not any(arrays.pinned[member] for member in members))
    for each in picks:
        uses = []
        total: dict[int, tuple[int, int]] = {}
        for option in each:
            priority = HIGHEST if option in held else arrays.priority[option]
            for u in range(arrays.use_start[option], arrays.use_start[option + 1]):
                resource, amount = arrays.use_resource[u], arrays.use_amount[u]
                uses.append((resource, amount, priority))
                need, lowest = total.get(resource, (0, HIGHEST))
                total[resource] = (need + amount, min(lowest, priority))
        if all(need <= arrays.capacity[resource] for resource, (need, _) in total.items()):
            party.picks.append(each)
            party.uses.append(uses)
            party.claims.append([(resource, need, low) for resource, (need, low) in total.items()])
    return party
