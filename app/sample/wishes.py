"""Who of the sample asks for what: how many of each kind, drawn from those it is meant for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.models.enums import GroupKind, ServiceKind
from app.sample.draws import Draws
from app.sample.people import People, Someone

OPEN: Final = {
    ServiceKind.day_care: 560,
    ServiceKind.canteen: 2_600,
    ServiceKind.home_visit: 720,
    ServiceKind.nursery: 320,
    ServiceKind.after_school: 920,
    ServiceKind.holiday_class: 220,
    ServiceKind.children_centre: 360,
    ServiceKind.family_centre: 300,
}
"""Open needs at scale 1: 6,000."""

DATED_SHARE: Final = {
    ServiceKind.day_care: 0.06,
    ServiceKind.canteen: 0.06,
    ServiceKind.home_visit: 0.05,
    ServiceKind.children_centre: 0.80,
    ServiceKind.family_centre: 0.80,
}
"""Of the open needs, for one date rather than every week."""

PLACED: Final = {
    ServiceKind.day_care: 240,
    ServiceKind.canteen: 630,
    ServiceKind.home_visit: 150,
    ServiceKind.nursery: 130,
    ServiceKind.after_school: 350,
}
"""Needs at scale 1 that already have a place: 1,500."""


@dataclass(frozen=True)
class Wish:
    """One group of people who ask for one kind together: mostly one person."""

    kind: ServiceKind
    people: list[Someone]
    group: GroupKind | None = None


def draw_wishes(people: People, scale: float, seed: int) -> list[Wish]:
    """Return wishes for as many needs of each kind as are wanted open and placed, in a random order.

    In a very small town chance may leave fewer people whom a kind is meant for: then all of them.
    """
    found: list[Wish] = []
    for kind in ServiceKind:
        draws = Draws(seed, f"wishes {kind}")
        count = round(OPEN[kind] * scale) + round(PLACED.get(kind, 0) * scale)
        found += _take(kind, _list_pool(people, kind, draws), count)
    return found


def _take(kind: ServiceKind, pool: list[Wish], count: int) -> list[Wish]:
    """Return wishes from the pool until they hold `count` people; what is too large for the rest is split."""
    found: list[Wish] = []
    for wish in pool:
        if count == 0:
            break
        fitting = wish if len(wish.people) <= count else Wish(kind, wish.people[:count])
        found.append(fitting)
        count -= len(fitting.people)
    return found


def _list_pool(people: People, kind: ServiceKind, draws: Draws) -> list[Wish]:
    """Return everybody the kind is meant for, in a random order, the likeliest first."""
    match kind:
        case ServiceKind.day_care:
            return _list_day_care(people, draws)
        case ServiceKind.canteen:
            alone = {id(elder) for elder in people.alone}
            chances = [
                (elder, 0.15 + 0.35 * (id(elder) in alone) + 0.012 * (elder.years - 60))
                for elder in people.elders
            ]
        case ServiceKind.home_visit:
            chances = [
                (elder, 0.95 if elder.grade and elder.grade >= 2 else 0.004 * (elder.years > 75))
                for elder in people.elders
            ]
        case ServiceKind.nursery:
            return _list_families(people, kind, 0.5, 2.8, draws)
        case ServiceKind.after_school | ServiceKind.holiday_class:
            return _list_families(people, kind, 6.3, 12.0, draws)
        case ServiceKind.children_centre:
            return _list_families(people, kind, 2.0, 12.0, draws, together=False)
        case ServiceKind.family_centre:
            return _list_families(people, kind, 0.5, 6.0, draws, together=False)
    order = _order_by_chance(chances, draws)
    return [Wish(kind, [elder]) for elder in order]


def _order_by_chance(chances: list[tuple[Someone, float]], draws: Draws) -> list[Someone]:
    keyed = [(draws.uniform(0, 1) / max(chance, 1e-6), i) for i, (_, chance) in enumerate(chances)]
    return [chances[i][0] for _, i in sorted(keyed)]


def _list_day_care(people: People, draws: Draws) -> list[Wish]:
    """Return couples first among equals: some ask to be taken together or not at all."""
    kind = ServiceKind.day_care
    couples = [pair for pair in people.couples if min(one.years for one in pair) > 72 and draws.chance(0.25)]
    together = {id(one) for pair in couples for one in pair}
    keepers = {
        id(elder) for child in people.children if child.kept_by_elder for elder in child.elders_at_home
    }
    chances = [
        (elder, _rate_day_care(elder) + (id(elder) in keepers))
        for elder in people.elders
        if id(elder) not in together
    ]
    singles = [Wish(kind, [elder]) for elder in _order_by_chance(chances, draws)]
    pairs = [Wish(kind, list(pair), GroupKind.couple) for pair in draws.take(couples, len(singles) // 260)]
    head = len(pairs) * 12
    return draws.shuffle(pairs + singles[:head]) + singles[head:]


def _rate_day_care(elder: Someone) -> float:
    """Return how likely somebody asks for day care: mostly those with a grade, a few who were never assessed."""
    assessed = 0.05 if elder.grade is None else (1.2 if elder.grade >= 2 else 0.7)
    return (assessed + 0.8 * elder.has_cognition) * (0.3 + 0.02 * (elder.years - 60))


def _list_families(
    people: People, kind: ServiceKind, low: float, high: float, draws: Draws, *, together: bool = True
) -> list[Wish]:
    """Return the children of an age, family by family; siblings stay together where that is wished for."""
    found: list[Wish] = []
    for family in draws.shuffle(people.families):
        of_age = [child for child in family if low <= child.years < high]
        if together and len(of_age) > 1 and draws.chance(0.85):
            is_twins = len({child.born_on for child in of_age}) == 1
            found.append(Wish(kind, of_age, GroupKind.twins if is_twins else GroupKind.siblings))
        else:
            found += [Wish(kind, [child]) for child in of_age]
    return found
