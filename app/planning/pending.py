"""A transfer under way is a second place of one need: the plan sees it as a promise of its own, beside the first. Pure.

Until the person has said yes and the new place has begun, the old one stays; so both count, and neither is given away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.options.facts import Need
from app.planning.facts import Held


def make_pending_need(need: Need) -> Need:
    """Return what stands for the second place of a need; its id is the need's own, negative: no row has it."""
    return replace(
        need, id=-need.id, code=f"{need.code}>", group_id=None, round_id=None, wants_transfer=False
    )


def is_same_need(one: Need, other: Need) -> bool:
    """Return whether two places are the old and the new one of a transfer: these may overlap."""
    return abs(one.id) == abs(other.id)


def add_pending(
    needs: Sequence[Need], held: Mapping[int, Held], pending: Iterable[Held]
) -> tuple[list[Need], dict[int, Held]]:
    """Return needs and held places with the second places as needs of their own, all by code.

    A pending place is pinned, offered or not: one transfer at a time, and no plan takes it away.
    """
    by_need = {each.need_id: each for each in pending}
    seen: list[Need] = []
    places = dict(held)
    for need in needs:
        second = by_need.get(need.id)
        if second is None:
            seen.append(need)
            continue
        if need.id not in places:  # the first one has ended: what is left is the need's only place
            places[need.id] = replace(second, is_pinned=True)
            seen.append(need)
            continue
        seen += [replace(need, wants_transfer=False), make_pending_need(need)]
        places[-need.id] = replace(second, need_id=-need.id, is_pinned=True)
    return sorted(seen, key=lambda need: need.code), places
