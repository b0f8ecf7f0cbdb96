"""A plain model of the ledger for R6: dictionaries and sums, written from lifecycle.md and not from the code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

SlotKey = tuple[int, date]
"""Class (0 or 1) and date; all slots are mornings of two places."""
CAPACITY = 2
HELD_BACK = 1
WEEKDAYS = (2, 4)
"""Wednesday and Friday."""
HORIZON_DAYS = 14
LIVE = {"proposed", "offered", "confirmed", "active"}


@dataclass
class BookingModel:
    """One booking."""

    need: int
    slot: SlotKey
    state: str = "booked"


@dataclass
class HoldModel:
    """One hold."""

    need: int
    slot: SlotKey
    expires_at: datetime
    state: str = "live"


@dataclass
class PlacementModel:
    """One weekly place on one weekday."""

    need: int
    care_class: int
    weekday: int
    starts_on: date
    state: str
    ends_on: date | None = None
    is_pinned: bool = False
    offer_ends_at: datetime | None = None
    excused: dict[date, bool] = field(default_factory=dict)

    def is_on(self, on: date) -> bool:
        """Return whether the pattern and span have the date."""
        in_span = self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)
        return on.weekday() == self.weekday and in_span

    def counts(self, on: date) -> bool:
        """Return whether the placement takes a place on the date."""
        was_in_force = self.state in LIVE or (self.state == "ended" and self.ends_on is not None)
        return was_in_force and self.is_on(on) and not self.excused.get(on, False)


@dataclass
class Model:
    """Everything the record should hold."""

    now: datetime
    today: date
    people: dict[int, int]
    """Person by need."""
    dates: dict[int, date | None]
    """Date by need; None for a weekly one."""
    needs: dict[int, str] = field(default_factory=dict)
    capacity: dict[SlotKey, int] = field(default_factory=dict)
    bookings: dict[int, BookingModel] = field(default_factory=dict)
    holds: dict[int, HoldModel] = field(default_factory=dict)
    placements: dict[int, PlacementModel] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)

    def open_slots(self) -> None:
        """Add the slots of two weeks."""
        for days in range(HORIZON_DAYS):
            on = self.today + timedelta(days=days)
            if on.weekday() in WEEKDAYS:
                for care_class in (0, 1):
                    self.capacity.setdefault((care_class, on), CAPACITY)

    def taken(self, slot: SlotKey) -> int:
        """Return what is taken: placements in force less their absences, bookings, live holds; nothing else."""
        care_class, on = slot
        placed = sum(p.care_class == care_class and p.counts(on) for p in self.placements.values())
        booked = sum(b.slot == slot and b.state != "cancelled" for b in self.bookings.values())
        held = sum(h.slot == slot and h.state == "live" for h in self.holds.values())
        return placed + booked + held

    def own_hold(self, need: int, slot: SlotKey) -> HoldModel | None:
        """Return the need's live hold on a slot, its time over or not."""
        found = [h for h in self.holds.values() if (h.need, h.slot, h.state) == (need, slot, "live")]
        return found[0] if found else None

    def due_holds(self, slot: SlotKey) -> list[HoldModel]:
        """Return the live holds on a slot whose time is over."""
        return [
            h
            for h in self.holds.values()
            if h.slot == slot and h.state == "live" and h.expires_at <= self.now
        ]

    def has_begun(self, slot: SlotKey) -> bool:
        """Return whether the slot's morning has begun at the model's 10 o'clock."""
        return slot[1] <= self.today

    def is_elsewhere(self, need: int, slot: SlotKey, *, but_booking: int | None = None) -> bool:
        """Return whether the person has something else on the slot's morning."""
        person, on = self.people[need], slot[1]
        if any(
            id_ != but_booking
            and b.state != "cancelled"
            and b.slot[1] == on
            and self.people[b.need] == person
            for id_, b in self.bookings.items()
        ):
            return True
        if any(
            p.state in LIVE and p.is_on(on) and on not in p.excused and self.people[p.need] == person
            for p in self.placements.values()
        ):
            return True
        return any(
            h.state == "live"
            and h.expires_at > self.now
            and h.slot != slot
            and h.slot[1] == on
            and self.people[h.need] == person
            for h in self.holds.values()
        )

    def refuse_wish(  # noqa: PLR0911 - a return a rule, in the order in which they are asked
        self, need: int, slot: SlotKey, *, is_urgent: bool = False, moving: int | None = None
    ) -> str | None:
        """Return why a wish for a slot is refused, or None."""
        keep = 0 if is_urgent else HELD_BACK
        own, due = self.own_hold(need, slot), self.due_holds(slot)
        if self.has_begun(slot):
            return "slot_over"
        if self.needs[need] != "open" and not (moving is not None and self.needs[need] == "placed"):
            return "need_not_open"
        taken = self.taken(slot)
        if own is None and not due and taken + 1 + keep > self.capacity[slot]:
            return self._full(taken, keep, slot)
        if self.is_elsewhere(need, slot, but_booking=moving):
            return "double_booked"
        if moving is None and own is not None and own.expires_at > self.now:
            return None
        if moving is None and own is not None:
            taken, due = taken - 1, [h for h in due if h is not own]
        if moving is not None and self.bookings[moving].slot == slot:
            return "same"  # moving to where it is: not asked of the program
        if taken + 1 + keep <= self.capacity[slot]:
            return None
        taken -= len(due)
        return None if due and taken + 1 + keep <= self.capacity[slot] else self._full(taken, keep, slot)

    def refuse_write(self, need: int, slot: SlotKey) -> str | None:
        """Return why a wish that was allowed a moment ago is refused when it is written, or None."""
        if self.needs[need] != "open":
            return "need_not_open"
        if self.is_elsewhere(need, slot):
            return "double_booked"
        return self.refuse_wish(need, slot)

    def settle_holds(
        self, need: int, slot: SlotKey, *, is_urgent: bool = False, uses_own: bool = True
    ) -> bool:
        """Do to holds what a wish that is granted does; return whether the need's own hold was used."""
        keep = 0 if is_urgent else HELD_BACK
        own = self.own_hold(need, slot)
        if uses_own and own is not None and own.expires_at > self.now:
            return True
        if uses_own and own is not None:
            own.state = "expired"
        if self.taken(slot) + 1 + keep > self.capacity[slot]:
            for hold in self.due_holds(slot):
                hold.state = "expired"
        return False

    def _full(self, taken: int, keep: int, slot: SlotKey) -> str:
        return "held_back" if keep and taken + 1 <= self.capacity[slot] else "full"

    def fits_weekly(self, care_class: int, weekday: int, starts_on: date) -> bool:
        """Return whether an open-ended place fits into every dated slot there is."""
        return all(
            self.taken((its_class, on)) + 1 <= capacity
            for (its_class, on), capacity in self.capacity.items()
            if its_class == care_class and on.weekday() == weekday and on >= starts_on
        )

    def fits_beyond(self, care_class: int, weekday: int, starts_on: date) -> bool:
        """Return whether it fits into the weeks after the last dated slot, too."""
        last = max(
            on for its_class, on in self.capacity if its_class == care_class and on.weekday() == weekday
        )
        first = max(starts_on, last + timedelta(days=1))
        others = [
            p
            for p in self.placements.values()
            if p.state in LIVE
            and (p.care_class, p.weekday) == (care_class, weekday)
            and (p.ends_on is None or p.ends_on >= first)
        ]
        moments = {first, *(max(first, p.starts_on) for p in others)}
        return all(
            sum(p.starts_on <= on and (p.ends_on is None or on <= p.ends_on) for p in others) < CAPACITY
            for on in moments
        )

    def is_booked(self, person: int, on: date) -> bool:
        """Return whether somebody has a booking on a morning."""
        return any(
            b.state != "cancelled" and b.slot[1] == on and self.people[b.need] == person
            for b in self.bookings.values()
        )

    def move_place(
        self, row: PlacementModel, care_class: int, from_on: date
    ) -> tuple[str | None, PlacementModel, PlacementModel]:
        """Return why a place cannot move to a class from a day on (None: it can), and the old and the new one."""
        old, starts_on = replace(row), max(from_on, row.starts_on)
        if row.starts_on >= from_on and row.state == "confirmed":
            old.state = "withdrawn"
        else:
            last = max(from_on - timedelta(days=1), row.starts_on)
            old.ends_on = last if row.ends_on is None else min(row.ends_on, last)
            old.state, starts_on = "ended", max(starts_on, old.ends_on + timedelta(days=1))
        new = PlacementModel(row.need, care_class, row.weekday, starts_on, "confirmed")
        new.state = "active" if starts_on <= self.today else "confirmed"
        new.excused = {on: frees for on, frees in row.excused.items() if on >= starts_on}
        expected = None
        if row.state not in {"confirmed", "active"}:
            expected = "not_possible_in_state"
        elif row.care_class == care_class:
            expected = "same_place"
        else:
            ids = [id_ for id_, each in self.placements.items() if each is row]
            kept = dict(self.placements)
            self.placements |= dict.fromkeys(ids, old)
            if self.clashes_weekly(row.need, row.weekday, starts_on):
                expected = "double_booked"
            elif not self.fits_beyond(care_class, row.weekday, starts_on) or any(
                new.counts(on) and its_class == care_class and self.taken((its_class, on)) + 1 > capacity
                for (its_class, on), capacity in self.capacity.items()
            ):
                expected = "full"
            self.placements = kept
        return expected, old, new

    def clashes_weekly(self, need: int, weekday: int, starts_on: date) -> bool:
        """Return whether the person has another weekly place that day of the week, or a booking on one of its dates."""
        person = self.people[need]
        if any(
            p.state in LIVE
            and p.weekday == weekday
            and self.people[p.need] == person
            and (p.ends_on is None or p.ends_on >= starts_on)
            for p in self.placements.values()
        ):
            return True
        return any(
            b.state == "booked"
            and b.slot[1].weekday() == weekday
            and b.slot[1] >= starts_on
            and self.people[b.need] == person
            for b in self.bookings.values()
        )
