"""What was read of a file: sheets as tabs, rows as lines with their place, faults as they are found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.workbook.faults import Fault, Problem
from app.workbook.sheet import Column, Identity, Row, Sheet


@dataclass
class Line:
    """One row: its Excel number, the values read, the columns that could not be read."""

    number: int
    values: Row
    bad: set[str] = field(default_factory=set)
    is_faulty: bool = False
    waits: bool = False
    """A near match: a person decides before this row, and what refers to it, comes in."""


@dataclass
class Place:
    """Where a column stands in the file."""

    index: int
    letter: str
    header: str


@dataclass
class Tab:
    """One sheet of the file, matched to a sheet of ours."""

    sheet: Sheet
    title: str
    places: dict[str, Place]
    lines: list[Line] = field(default_factory=list)
    clears: bool = True
    """Whether an empty cell clears a value; a foreign list's empty cells say nothing."""

    @property
    def columns(self) -> list[Column]:
        """Return the columns that the file has; a foreign list fills whatever it can of any of them."""
        if not self.clears:
            return list(self.sheet.columns)
        return [column for column in self.sheet.columns if column.key in self.places]


class Findings:
    """The faults of one file, in the order of the file."""

    def __init__(self) -> None:
        self._faults: list[tuple[Any, Fault]] = []
        self._tabs: dict[str, int] = {}

    def add(self, tab: Tab, line: Line | None, problem: Problem) -> None:
        """Note a fault of a line (or of the sheet itself) at its column."""
        place = tab.places.get(problem.column) if problem.column else None
        header = place.header if place else ""
        if problem.column and place is None and line is not None:
            # The column that should say it is not in the file: name it all the same.
            header = tab.sheet.column(problem.column).zh
        number = line.number if line else 1
        fault = Fault(problem.code, tab.title, number, place.letter if place else "", header, problem.data)
        rank = self._tabs.setdefault(tab.title, len(self._tabs))
        self._faults.append(((rank, number, place.index if place else -1), fault))
        if line is not None:
            line.is_faulty = True

    def extend(self, tab: Tab, line: Line, problems: Iterable[Problem]) -> None:
        """Note several faults of a line."""
        for problem in problems:
            if problem.column is None or problem.column not in line.bad:
                self.add(tab, line, problem)

    def list_faults(self) -> list[Fault]:
        """Return all faults, ordered by sheet, row and column."""
        return [fault for _, fault in sorted(self._faults, key=lambda entry: entry[0])]

    def __len__(self) -> int:
        return len(self._faults)


Tabs = dict[str, Tab]
"""The tabs of a file by sheet key."""


def list_live(tab: Tab) -> list[Line]:
    """Return the lines without a fault."""
    return [line for line in tab.lines if not line.is_faulty]


def index_lines(tab: Tab) -> dict[Identity, Line]:
    """Return the first line of each identity."""
    index: dict[Identity, Line] = {}
    for line in tab.lines:
        index.setdefault(tab.sheet.identify(line.values), line)
    return index
