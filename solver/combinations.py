"""How many combinations a group has in ``stable`` mode, counted without listing them; over 10,000 is a fault."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from solver.envy import MOST_COMBINATIONS
from solver.faults import BadInput, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.problem import Group, Option, Problem, Request


def check_combinations(problem: Problem) -> None:
    """Raise `BadInput` that names each group without ``joint`` of over 10,000 combinations."""
    faults = []
    for number, group in enumerate(problem.groups):
        if group.joint is None:
            count = count_combinations(group, problem.members[group.id])
            if count > MOST_COMBINATIONS:
                message = f"{count} combinations, over {MOST_COMBINATIONS}: list the accepted ones as 'joint'"
                faults.append(Fault(f"groups[{number}]", f"group {group.id!r} has {message}"))
    if faults:
        raise BadInput(faults)


def count_combinations(group: Group, members: Sequence[Request]) -> int:
    """Combinations with somebody placed that keep the group's rules, ``must``, pins and guarantees."""
    allowed = [_list_allowed(member) for member in members]
    left_out = [not group.all_or_none and not member.must and member.held is None for member in members]
    sites = {option.site for options in allowed for option in options} if group.same_site else {None}
    total = 0
    for site in sites:
        counts = [sum(site is None or option.site == site for option in options) for options in allowed]
        total += prod(count + out for count, out in zip(counts, left_out, strict=True)) - all(left_out)
    return total if members else 0


def _list_allowed(member: Request) -> Sequence[Option]:
    """Pinned: its own option; held: none behind it."""
    for position, option in enumerate(member.options):
        if option.id == member.held:
            return [option] if member.pinned else member.options[: position + 1]
    return member.options
