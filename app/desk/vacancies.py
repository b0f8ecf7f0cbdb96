"""How many places are left in dated slots for what one person would use: one query for all options of a need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Slot, SlotCapacity
from app.models.enums import CapacityKind, SlotState


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One dated slot."""

    slot_id: int
    on: date
    is_open: bool
    capacities: dict[CapacityKind, tuple[int, int]]
    """(capacity, taken) by kind."""

    def count(self, amounts: Mapping[CapacityKind, int], keep_free: int = 0) -> int:
        """Return how many people with these amounts still fit; places kept for urgent cases do not count."""
        if not self.is_open:
            return 0
        left = [self._free(kind, keep_free) // amounts[kind] for kind in self.capacities if amounts.get(kind)]
        return max(0, min(left, default=0))

    def is_short_of(
        self, kind: CapacityKind, amounts: Mapping[CapacityKind, int], keep_free: int = 0
    ) -> bool:
        """Return whether it is this kind that leaves no room for one more."""
        wanted = amounts.get(kind, 0)
        return bool(wanted) and kind in self.capacities and self._free(kind, keep_free) < wanted

    def _free(self, kind: CapacityKind, keep_free: int) -> int:
        capacity, taken = self.capacities[kind]
        return capacity - taken - (keep_free if kind is CapacityKind.places else 0)


@dataclass(frozen=True)
class Vacancies:
    """Dated slots by template, each list in the order of dates."""

    by_template: Mapping[int, Sequence[Vacancy]]

    def list_dates(self, template_ids: Iterable[int], first: date, last: date | None) -> list[Vacancy]:
        """Return the slots of these templates between two dates, in the order of dates."""
        found = [
            one
            for id_ in template_ids
            for one in self.by_template.get(id_, ())
            if one.on >= first and (last is None or one.on <= last)
        ]
        return sorted(found, key=lambda one: (one.on, one.slot_id))


def load_vacancies(session: Session, template_ids: Sequence[int], first: date) -> Vacancies:
    """Return the dated slots of templates from a date on."""
    rows = session.execute(
        select(
            Slot.id,
            Slot.template_id,
            Slot.occurs_on,
            Slot.state,
            SlotCapacity.kind,
            SlotCapacity.capacity,
            SlotCapacity.taken,
        )
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .where(Slot.template_id.in_(template_ids), Slot.occurs_on >= first)
        .order_by(Slot.occurs_on, Slot.id)
    )
    slots: dict[int, Vacancy] = {}
    found: dict[int, list[Vacancy]] = defaultdict(list)
    for slot_id, template_id, on, state, kind, capacity, taken in rows:
        if slot_id not in slots:
            slots[slot_id] = Vacancy(slot_id, on, state is SlotState.open, {})
            found[template_id].append(slots[slot_id])
        slots[slot_id].capacities[kind] = (capacity, taken)
    return Vacancies(dict(found))
