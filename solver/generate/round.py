"""Draws a children's round for ``stable``: ages, siblings, transfers, priorities with ties. Plain documents only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from solver.generate.draft import Document

AGES = 6
JOINT_CHOICES = 12  # how many combinations a family writes down at most


@dataclass(frozen=True, slots=True)
class RoundShape:
    """What kind of round; shares lie in 0..1.

    Attributes
    ----------
    children, sites : int
        The published sizes are 605 x 33, 1,589 x 86 and 8,000 x 311.
    siblings : float
        Share of children who apply with a brother or sister.
    transfers : float
        Share of children who hold a place and would like another.
    tightness : float
        Children per place over all ages.
    ties : bool
        True: priority is a table of points, many children share it; False: the published draw lies in it.

    """

    children: int
    sites: int
    siblings: float = 0.18
    transfers: float = 0.06
    tightness: float = 1.08
    ties: bool = True


def draw_round(shape: RoundShape, seed: int = 0) -> Document:
    """Draw a round; the same shape and seed give the same document."""
    rng = np.random.default_rng([seed, shape.children, shape.sites])
    side = 600 * float(np.sqrt(shape.sites))
    where = rng.random((shape.sites, 2)) * side
    popular = rng.gumbel(0, 250, shape.sites)
    families = _draw_families(rng, shape)
    ages = [_draw_ages(rng, size) for size in families]
    capacity = _draw_capacity(rng, shape, ages)
    free = capacity.copy()
    requests: list[Document] = []
    groups: list[Document] = []
    for size, family_ages in zip(families, ages, strict=True):
        wish = _draw_wish(rng, where, popular, side)
        points = int(rng.integers(0, 40))
        draw = int(rng.integers(0, 1_000_000))  # one for the family: brothers and sisters are not drawn apart
        known = wish[0] if rng.random() < 0.08 else -1  # an elder child goes there already: extra points
        members = [f"c{len(requests) + i}" for i in range(size)]
        kind = rng.random() if size > 1 else 1.0
        sites = wish[: 4 if size > 1 else len(wish)]  # a family looks at fewer sites: combinations multiply
        for member, age in zip(members, family_ages, strict=True):
            child = _make_child(member, age, sites, {"points": points, "known": known, "draw": draw}, shape)
            _let_hold(rng, child, free, shape)
            if size > 1:
                child["group"] = f"f{len(groups)}"
            requests.append(child)
        if size > 1:
            groups.append(_make_family(f"f{len(groups)}", requests[-size:], kind))
    return {
        "format": "solver-problem/1",
        "note": "synthetic",
        "resources": [
            {"id": f"n{site}/age{age}", "capacity": int(capacity[site, age])}
            for site in range(shape.sites)
            for age in range(AGES)
        ],
        "groups": groups,
        "requests": requests,
        "objective": [{"sum": {"served": 1}}, {"sum": {"rank": -1}}],
    }


def _draw_families(rng: np.random.Generator, shape: RoundShape) -> list[int]:
    """Family sizes: mostly one child, some two, a few three."""
    sizes: list[int] = []
    left = shape.children
    share = shape.siblings / 2.1 / (1 - shape.siblings + shape.siblings / 2.1)
    while left:
        size = 1 if rng.random() >= share else (2 if rng.random() < 0.9 else 3)
        sizes.append(min(size, left))
        left -= sizes[-1]
    return sizes


def _draw_ages(rng: np.random.Generator, size: int) -> list[int]:
    """Ages of brothers and sisters; the youngest ages apply most often, twins are rare."""
    weights = np.array([0.22, 0.32, 0.18, 0.14, 0.08, 0.06])
    return [int(age) for age in rng.choice(AGES, size, p=weights, replace=size == 1 or rng.random() < 0.15)]


def _draw_capacity(
    rng: np.random.Generator, shape: RoundShape, ages: list[list[int]]
) -> np.ndarray[Any, Any]:
    """Places by site and age, in line with how many apply at each age; small classes, as nurseries have."""
    count = np.bincount([age for family in ages for age in family], minlength=AGES)
    weight = 0.4 + rng.random((shape.sites, AGES))
    expected = count / shape.tightness * weight / weight.sum(axis=0)
    places: np.ndarray[Any, Any] = np.floor(expected + rng.random((shape.sites, AGES))).astype(np.int64)
    return places


def _draw_wish(
    rng: np.random.Generator, where: np.ndarray[Any, Any], popular: np.ndarray[Any, Any], side: float
) -> list[int]:
    """Three to eight sites by nearness and name."""
    home = rng.random(2) * side
    appeal = -np.hypot(*(where - home).T) + popular + rng.gumbel(0, 150, len(where))
    return [int(site) for site in np.argsort(-appeal)[: int(rng.integers(3, 9))]]


def _make_child(name: str, age: int, sites: list[int], score: dict[str, int], shape: RoundShape) -> Document:
    """One child: an option per site in order of preference; the family's points count everywhere alike."""
    options = []
    for rank, site in enumerate(sites):
        points = score["points"] + (5 if site == score["known"] else 0)
        options.append({
            "id": f"n{site}",
            "site": f"n{site}",
            "uses": {f"n{site}/age{age}": 1},
            "terms": {"served": 1, "rank": rank + 1},
            "priority": points if shape.ties else points * 1_000_000 + score["draw"],
        })  # fmt: skip
    return {"id": name, "options": options}


def _let_hold(
    rng: np.random.Generator, child: Document, free: np.ndarray[Any, Any], shape: RoundShape
) -> None:
    """Let some children hold the last place they list: they stay or get one they like better."""
    if rng.random() >= shape.transfers:
        return
    site, age = next(iter(child["options"][-1]["uses"])).removeprefix("n").split("/age")
    if free[int(site), int(age)] > 0:
        free[int(site), int(age)] -= 1
        child |= {"held": child["options"][-1]["id"], "must": True}


def _make_family(name: str, members: list[Document], kind: float) -> Document:
    """A family's rule: a written list of joint choices, one site for all, all or none, or just the common order."""
    if any("held" in member for member in members):
        return {"id": name}  # a guarantee for one must not force the others in
    if kind < 0.4:
        return {"id": name, "joint": _list_joint(members)}
    return {"id": name, "same_site": kind < 0.6, "all_or_none": kind < 0.75}


def _list_joint(members: list[Document]) -> list[dict[str, str]]:
    """Joint choices, best first: together before apart, then the smaller sum of ranks, then alone for the eldest."""
    scored = []
    for ranks in product(*(range(len(member["options"])) for member in members)):
        picks = {m["id"]: m["options"][rank]["id"] for m, rank in zip(members, ranks, strict=True)}
        scored.append((sum(ranks) + 2 * (len(set(picks.values())) > 1), ranks, picks))
    scored.sort(key=lambda entry: entry[:2])
    alone = [{members[0]["id"]: option["id"]} for option in members[0]["options"][:2]]
    return [picks for _, _, picks in scored[:JOINT_CHOICES]] + alone
