"""The published list: rows by code in order, bands of classes, cutoffs by class of a site. Pure.

Priority classes with fewer than five people are merged into bands, and inside a band rows stand by draw number alone,
so that nobody can read off a row which hardship put somebody forward.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

LIST: Final = "carematch-round-list/1"
FEWEST: Final = 5
"""Fewer people than this are not shown as a class of their own (domain-rules.md, Privacy)."""


class Outcome(StrEnum):
    """What became of a need in a round."""

    placed = "placed"
    waiting = "waiting"
    withdrawn = "withdrawn"


@dataclass(frozen=True)
class Entry:
    """A need that took part."""

    need: str
    draw: int
    class_: int | None
    """Priority class, 4 the highest; None for who withdrew."""
    outcome: Outcome
    care_class: str | None = None
    """Code of the class of a site that was given."""


def name_bands(counts: Mapping[int, int]) -> dict[int, str]:
    """Return the band of each class: from the highest down, classes are put together until five people are in one."""
    groups: list[list[int]] = []
    size = FEWEST
    for class_ in sorted(counts, reverse=True):
        if size >= FEWEST:
            groups.append([])
            size = 0
        groups[-1].append(class_)
        size += counts[class_]
    if len(groups) > 1 and size < FEWEST:
        last = groups.pop()
        groups[-1] += last
    return {class_: _name(group) for group in groups for class_ in group}


def _name(group: Sequence[int]) -> str:
    return str(group[0]) if len(group) == 1 else f"{min(group)}-{max(group)}"


def make_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the rows of the list in their order."""
    entries = list(entries)
    bands = name_bands(Counter(each.class_ for each in entries if each.class_ is not None))
    rows = [
        {
            "need": each.need,
            "band": "" if each.class_ is None else bands[each.class_],
            "draw": each.draw,
            "outcome": each.outcome.value,
            "class": each.care_class,
        }
        for each in entries
    ]
    return sorted(rows, key=order_row)


def order_row(row: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return the key that sorts rows: the highest band first, then the draw, then the code; who withdrew stands last."""
    highest = int(str(row["band"]).rpartition("-")[2] or 0)
    return (-highest, row["draw"], row["need"])


def count_bands(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return how many of each band took part, were placed, wait."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        if row["band"]:
            found.setdefault(row["band"], Counter())[row["outcome"]] += 1
    return [
        {
            "band": band,
            "needs": sum(counts.values()),
            "placed": counts[Outcome.placed],
            "waiting": counts[Outcome.waiting],
        }
        for band, counts in sorted(found.items(), key=lambda item: -int(item[0].rpartition("-")[2]))
    ]


@dataclass(frozen=True)
class Cutoff:
    """How far one class of a site went in one band: the highest draw number that was placed there."""

    care_class: str
    band: str
    placed: int
    last_draw: int

    def to_document(self) -> dict[str, Any]:
        """Return the cutoff as the list has it."""
        told = asdict(self)
        return {"class": told.pop("care_class"), **told}


def find_cutoffs(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cutoffs by class of a site and band, in order of both; the last band of a class is its cutoff."""
    draws: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        if row["class"] is not None:
            draws[row["class"], row["band"]].append(row["draw"])
    ordered = sorted(draws.items(), key=lambda item: (item[0][0], -int(item[0][1].rpartition("-")[2] or 0)))
    return [
        Cutoff(care_class, band, len(found), max(found)).to_document()
        for (care_class, band), found in ordered
    ]
