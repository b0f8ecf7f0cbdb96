"""The record as it would stand after the plan: who occupies what, before and after, for gates and publishing. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.models.enums import CapacityKind, ProposalOutcome, WishPart
from app.options.facts import Cell, Need
from app.planning.facts import Snapshot
from app.planning.household import name_halves
from app.planning.pending import make_pending_need
from app.planning.reasons import Decision

NEW = frozenset({ProposalOutcome.placed, ProposalOutcome.moved})
Span = tuple[int, CapacityKind, date, date | None]


@dataclass(frozen=True, slots=True)
class Occupant:
    """A place that somebody has before or after the plan."""

    need: Need
    class_id: int
    site_code: str
    part: WishPart
    starts_on: date
    ends_on: date | None
    cells: Sequence[tuple[Cell, Mapping[CapacityKind, int]]]
    is_new: bool

    def list_spans(self) -> Iterator[tuple[Span, int]]:
        """Give what it uses: (cell, kind, first day, last day) and the amount."""
        for cell, amounts in self.cells:
            for kind, amount in amounts.items():
                yield (cell.id, kind, self.starts_on, self.ends_on), amount

    def list_halves(self) -> set[tuple[int, str]]:
        """Return the weekday half-days that it covers."""
        return {(cell.weekday, half) for cell, _ in self.cells for half in name_halves(cell)}

    def overlaps(self, other: Occupant) -> bool:
        """Return whether the two run at the same time of the year."""
        return (self.ends_on is None or other.starts_on <= self.ends_on) and (
            other.ends_on is None or self.starts_on <= other.ends_on
        )


def list_before(snapshot: Snapshot) -> dict[int, Occupant]:
    """Return who holds a place now, by need id."""
    found = {}
    for need in snapshot.needs:
        held = snapshot.held.get(need.id)
        if held is None:
            continue
        amounts: dict[int, dict[CapacityKind, int]] = defaultdict(dict)
        for cell_id, kind, amount in held.uses:
            if cell_id in snapshot.cell_by_id:
                amounts[cell_id][kind] = amount
        service = snapshot.service_of_class.get(held.class_id)
        found[need.id] = Occupant(
            need=need,
            class_id=held.class_id,
            site_code=service.site_code if service is not None else "",
            part=held.part,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
            cells=[(snapshot.cell_by_id[cell_id], each) for cell_id, each in amounts.items()],
            is_new=False,
        )
    return found


def list_after(before: Mapping[int, Occupant], decisions: Iterable[Decision]) -> dict[int, Occupant]:
    """Return who would hold a place after the plan, by need id."""
    after = dict(before)
    for decision in decisions:
        need = decision.entry.need
        if decision.entry.is_transfer and decision.outcome in NEW:
            need = make_pending_need(need)  # the old place stays until the person has said yes
        if decision.outcome in NEW and decision.place is not None:
            place = decision.place
            after[need.id] = Occupant(
                need=need,
                class_id=place.care_class.id,
                site_code=place.service.site_code,
                part=place.part,
                starts_on=place.starts_on,
                ends_on=place.ends_on,
                cells=place.cells,
                is_new=True,
            )
        elif decision.outcome is ProposalOutcome.unplaced:
            after.pop(need.id, None)
    return after


def add_up(occupants: Iterable[Occupant]) -> Counter[Span]:
    """Return the amounts used by span: a night's places share few, so that dates are met only once each."""
    total: Counter[Span] = Counter()
    for occupant in occupants:
        for span, amount in occupant.list_spans():
            total[span] += amount
    return total
