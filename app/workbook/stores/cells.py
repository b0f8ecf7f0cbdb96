"""Which cells of the week a placement covers, and what it uses of each: compact where all cells are alike. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.models.enums import CapacityKind, Part, WishPart
from app.options.patterns import PARTS
from app.workbook.compound_cells import Amount


@dataclass(frozen=True)
class WeekCell:
    """One cell of a class's week, by code."""

    code: str
    care_class: str
    weekday: int
    part: Part
    valid_from: date
    valid_to: date | None
    kinds: frozenset[CapacityKind]


class Week:
    """The cells of all classes."""

    def __init__(self, cells: Iterable[WeekCell]) -> None:
        self._by_class: defaultdict[str, list[WeekCell]] = defaultdict(list)
        for cell in cells:
            self._by_class[cell.care_class].append(cell)

    def list_cells(
        self, care_class: str, weekdays: int, part: WishPart, starts_on: date, ends_on: date | None
    ) -> list[WeekCell]:
        """Return the cells that a placement covers, sorted by code."""
        return sorted(
            (
                cell
                for cell in self._by_class.get(care_class, ())
                if weekdays >> cell.weekday & 1
                and cell.part in PARTS[part]
                and (cell.valid_to is None or cell.valid_to >= starts_on)
                and (ends_on is None or cell.valid_from <= ends_on)
            ),
            key=lambda cell: cell.code,
        )


def fold_amounts(
    used: Mapping[tuple[str, CapacityKind], int], cells: Iterable[WeekCell]
) -> tuple[Amount, ...]:
    """Return what is used by (cell, kind) as one amount a kind where every cell uses the same, else cell by cell."""
    codes = {cell.code for cell in cells}
    by_kind: defaultdict[CapacityKind, dict[str, int]] = defaultdict(dict)
    for (cell, kind), amount in used.items():
        by_kind[kind][cell] = amount
    alike = all(set(amounts) == codes and len(set(amounts.values())) == 1 for amounts in by_kind.values())
    if alike:
        return tuple(
            sorted(Amount("", kind, next(iter(cells_.values()))) for kind, cells_ in by_kind.items())
        )
    return tuple(sorted(Amount(cell, kind, amount) for (cell, kind), amount in used.items()))


def unfold_amounts(
    amounts: Iterable[Amount], cells: Iterable[WeekCell]
) -> dict[tuple[str, CapacityKind], int]:
    """Return the amounts by (cell, kind); an amount without a cell is for every cell."""
    cells = list(cells)
    unfolded: dict[tuple[str, CapacityKind], int] = {}
    for amount in amounts:
        for code in [amount.cell] if amount.cell else [cell.code for cell in cells]:
            unfolded[code, amount.kind] = amount.amount
    return unfolded
