"""Cuts weekly cells into dated segments with a capacity each (lifecycle.md, "Weekly and dated").

A segment ends where the promised use changes or where a single date is asked for. Its capacity is the fewest free
of one-off bookings on its dates, leaving out at most two dates of the class; promised use above it counts as capacity.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.models.enums import CapacityKind
from app.options.facts import Cell, Service
from app.planning.dates import RunningDates
from app.planning.facts import Snapshot

DAY = timedelta(days=1)
FEWEST_DATES_TO_LEAVE_OUT = 4
"""A segment of fewer dates gives none away: leaving two of three out is no place."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is promised: an amount of a kind in a cell from a day to a day (None: open)."""

    cell_id: int
    kind: CapacityKind
    amount: int
    starts_on: date
    ends_on: date | None

    def covers(self, on: date) -> bool:
        """Return whether the use falls on a date."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one cell's dates with what one kind offers on each of them."""

    id: str
    cell_id: int
    kind: CapacityKind
    dates: Sequence[date]
    capacity: int
    real_capacity: int
    """Before promised use above it was counted as capacity."""
    promised: int


class Segments:
    """All segments of a problem, and which of them a place uses."""

    def __init__(
        self,
        by_cell: Mapping[tuple[int, CapacityKind], Sequence[Segment]],
        skippable: Mapping[int, frozenset[date]],
    ) -> None:
        self.by_cell, self.skippable = by_cell, skippable
        self._starts = {key: [each.dates[0] for each in segments] for key, segments in by_cell.items()}

    def __iter__(self) -> Iterator[Segment]:
        for segments in self.by_cell.values():
            yield from segments

    def find(self, cell_id: int, kind: CapacityKind, first: date, last: date | None) -> list[Segment]:
        """Return the segments of a cell that hold a date from `first` to `last`."""
        segments = self.by_cell.get((cell_id, kind), ())
        if not segments:
            return []
        low = max(0, bisect_right(self._starts[cell_id, kind], first) - 1)
        if segments[low].dates[-1] < first:
            low += 1
        return [each for each in segments[low:] if last is None or each.dates[0] <= last]


def cut_segments(
    snapshot: Snapshot,
    services: Iterable[Service],
    fixed: Iterable[Fixed],
    single_dates: Mapping[int, set[date]],
    last: date,
) -> Segments:
    """Return the segments of every cell of these services.

    `single_dates` names, by service id, the dates that are asked for one by one.
    """
    running = RunningDates(snapshot.ground.calendar, snapshot.effective_on, last, snapshot.closed_slots)
    promised: dict[tuple[int, CapacityKind], list[Fixed]] = defaultdict(list)
    for use in fixed:
        promised[use.cell_id, use.kind].append(use)
    by_cell: dict[tuple[int, CapacityKind], list[Segment]] = {}
    skippable: dict[int, frozenset[date]] = {}
    for service in services:
        first = snapshot.ground.find_first_day(service.notice_days)
        for number, care_class in enumerate(service.classes):
            # "Default 1 per site": kept in one class of the service, not in each.
            held_back = service.held_back_places if number == 0 else 0
            rows = [
                (cell, kind, running.list_dates(service, cell, first))
                for cells in care_class.cells.values()
                for cell in cells
                for kind in cell.capacities
            ]
            skippable[care_class.id] = _choose_skippable(snapshot, rows)
            for cell, kind, dates in rows:
                back = held_back if kind is CapacityKind.places else 0
                uses = promised.get((cell.id, kind), [])
                cuts = _list_cuts(uses, single_dates.get(service.id, set()).intersection(dates))
                segments = [
                    _make_segment(snapshot, cell, kind, stretch, uses, skippable[care_class.id], back)
                    for stretch in _cut(dates, cuts)
                ]
                if segments:
                    by_cell[cell.id, kind] = segments
    return Segments(by_cell, skippable)


def find_free(snapshot: Snapshot, cell: Cell, kind: CapacityKind, on: date) -> int:
    """Return the capacity of a date without its one-off bookings and holds."""
    key = (cell.id, on, kind)
    return snapshot.slot_capacities.get(key, cell.capacities.get(kind, 0)) - snapshot.dated_uses.get(key, 0)


def _choose_skippable(
    snapshot: Snapshot, rows: Sequence[tuple[Cell, CapacityKind, list[date]]]
) -> frozenset[date]:
    """Choose the dates that a class may leave out: those on which one-off bookings cost the most."""
    loss: dict[date, int] = defaultdict(int)
    for cell, kind, dates in rows:
        usual = cell.capacities.get(kind, 0)
        for on in dates:
            short = usual - find_free(snapshot, cell, kind, on)
            if short > 0:
                loss[on] += short
    most = snapshot.ground.policies.get("most_skipped_dates")
    return frozenset(sorted(loss, key=lambda on: (-loss[on], on))[:most])


def _list_cuts(uses: Iterable[Fixed], singles: set[date]) -> list[date]:
    cuts = set(singles) | {on + DAY for on in singles}
    for use in uses:
        cuts.add(use.starts_on)
        if use.ends_on is not None:
            cuts.add(use.ends_on + DAY)
    return sorted(cuts)


def _cut(dates: list[date], cuts: list[date]) -> Iterator[list[date]]:
    stretch: list[date] = []
    for on in dates:
        if stretch and bisect_right(cuts, on) != bisect_right(cuts, stretch[-1]):
            yield stretch
            stretch = []
        stretch.append(on)
    if stretch:
        yield stretch


def _make_segment(
    snapshot: Snapshot,
    cell: Cell,
    kind: CapacityKind,
    dates: list[date],
    uses: Sequence[Fixed],
    skippable: frozenset[date],
    held_back: int,
) -> Segment:
    counted = [on for on in dates if on not in skippable]
    if len(dates) < FEWEST_DATES_TO_LEAVE_OUT or not counted:
        counted = dates
    real = max(0, min(find_free(snapshot, cell, kind, on) for on in counted))
    promised = sum(use.amount for use in uses if use.covers(dates[0]))
    return Segment(
        id=f"{cell.code}/{kind.value}@{dates[0].isoformat()}",
        cell_id=cell.id,
        kind=kind,
        dates=dates,
        capacity=max(promised, real - held_back, 0),
        real_capacity=real,
        promised=promised,
    )
