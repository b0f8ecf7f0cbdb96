"""R6: what the desk does in a random history: bookings, holds, waitlist, capacities, days that pass."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from app.bookings import commands as bookings
from app.bookings import holds
from app.models import (
    WaitlistEntry,
)
from app.models.enums import (
    WaitlistState,
)
from app.waitlist import commands as waitlist
from tests.concurrency.history import History
from tests.concurrency.model import (
    BookingModel,
    HoldModel,
)

PICK = st.integers(0, 10**6)


class DeskActs(History):
    """Acts on bookings, holds and slots."""

    @rule(number=PICK, is_urgent=st.booleans(), waited=st.booleans())
    def book(self, number: int, is_urgent: bool, waited: bool) -> None:
        """Book a dated need, sometimes as urgent, sometimes from the waitlist."""
        choice = self.dated(number)
        if choice is None:
            return
        if waited:
            self.join_one(choice[0])
        self.book_one(*choice, is_urgent=is_urgent)

    @rule(number=PICK)
    @precondition(lambda self: any(hold.state == "live" for hold in self.model.holds.values()))
    def confirm_hold(self, number: int) -> None:
        """Book what a hold set aside, its minutes over or not."""
        id_ = self.pick(number, [id_ for id_, hold in self.model.holds.items() if hold.state == "live"])
        held = self.model.holds[id_]
        self.book_one(held.need, held.slot, is_urgent=False)

    def book_one(self, need: int, key: tuple[int, date], *, is_urgent: bool) -> None:
        """Book one need into one slot and compare."""
        expected = self.model.refuse_wish(need, key, is_urgent=is_urgent)
        more = {"urgent": True, "reason": "model"} if is_urgent else {}
        row = self.do(
            expected,
            lambda: bookings.book(self.session, self.actor, self.wish(need, key, **more), self.model.now),
        )
        if expected is None:
            self.note_booking(row.id, need, key, is_urgent=is_urgent)

    def note_booking(self, id_: int, need: int, key: tuple[int, date], *, is_urgent: bool) -> None:
        """Tell the model of a booking that was made."""
        if self.model.settle_holds(need, key, is_urgent=is_urgent):
            own = self.model.own_hold(need, key)
            assert own is not None
            own.state = "used"
        self.model.bookings[id_] = BookingModel(need, key)
        self.model.needs[need] = "placed"
        self.model.waiting.discard(need)

    @rule(number=PICK)
    @precondition(lambda self: any(p.excused for p in self.model.placements.values()))
    def book_while_excused(self, number: int) -> None:
        """Book somebody elsewhere on a morning for which a weekly place was told off."""
        choices = [
            (need, (1 - place.care_class, on))
            for place in self.model.placements.values()
            for on in place.excused
            for need, its_on in self.model.dates.items()
            if its_on == on and self.model.people[need] == self.model.people[place.need]
            if (1 - place.care_class, on) in self.model.capacity
        ]
        choice = self.pick(number, choices)
        if choice is not None:
            self.book_one(*choice, is_urgent=True)

    @rule(number=PICK)
    def rush(self, number: int) -> None:
        """Check the wishes of several for one slot before any of them is booked: what a rush hour does."""
        choice = self.dated(number)
        if choice is None:
            return
        key = choice[1]
        needs = [need for need, on in self.model.dates.items() if on == key[1]]
        wishes = [(need, self.wish(need, key)) for need in needs if self.model.refuse_wish(need, key) is None]
        for need, allowed in wishes:
            expected = self.model.refuse_write(need, key)
            row = self.do(
                expected,
                lambda allowed=allowed: bookings.book(self.session, self.actor, allowed, self.model.now),
            )
            if expected is None:
                self.note_booking(row.id, need, key, is_urgent=False)

    @rule()
    @precondition(lambda self: any(hold.state == "live" for hold in self.model.holds.values()))
    def let_holds_run_out(self) -> None:
        """Let the minutes of a hold pass, and sweep."""
        self.model.now += timedelta(minutes=11)
        self.sweep_holds()

    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        """Cancel a booking, also one that is cancelled."""
        id_ = self.pick(number, self.model.bookings)
        if id_ is None:
            return
        row = self.model.bookings[id_]
        expected = None if row.state == "booked" else "not_possible_in_state"
        self.do(expected, lambda: bookings.cancel(self.session, self.actor, id_, self.model.now))
        if expected is None:
            row.state = "cancelled"
            if self.model.needs[row.need] == "placed":
                self.model.needs[row.need] = "open"

    @rule(number=PICK)
    def move(self, number: int) -> None:
        """Move a booking to the other class."""
        live = [id_ for id_, b in self.model.bookings.items() if b.state == "booked"]
        id_ = self.pick(number, live)
        if id_ is None:
            return
        row = self.model.bookings[id_]
        key = (1 - row.slot[0], row.slot[1])
        expected = self.model.refuse_wish(row.need, key, moving=id_)
        self.do(
            expected,
            lambda: bookings.move(
                self.session, self.actor, id_, self.wish(row.need, key, moves=True), self.model.now
            ),
        )
        if expected is None:
            self.model.settle_holds(row.need, key, uses_own=False)
            row.slot = key

    @rule(number=PICK)
    def hold(self, number: int) -> None:
        """Hold a slot for a dated need; again prolongs it."""
        choice = self.dated(number)
        if choice is None:
            return
        need, key = choice
        expected = self.model.refuse_wish(need, key)
        row = self.do(
            expected,
            lambda: holds.hold(self.session, self.actor, self.wish(need, key), self.model.now),
        )
        if expected is None:
            self.model.settle_holds(need, key)
            self.model.holds[row.id] = HoldModel(need, key, self.model.now + timedelta(minutes=10))

    @rule(number=PICK, end=st.sampled_from(("booked", "given up", "forgotten")))
    def hold_and_answer(self, number: int, end: str) -> None:
        """Hold a slot and a moment later book it or give it up, or leave it until its minutes are over, as a desk does."""
        before = set(self.model.holds)
        self.hold(number=number)
        for id_ in set(self.model.holds) - before:
            held = self.model.holds[id_]
            if end == "booked":
                self.book_one(held.need, held.slot, is_urgent=False)
            elif end == "given up":
                self.release_one(id_)
            else:
                self.let_holds_run_out()

    @rule(number=PICK)
    def release_hold(self, number: int) -> None:
        """Give a hold up, also one that has ended."""
        id_ = self.pick(number, self.model.holds)
        if id_ is not None:
            self.release_one(id_)

    def release_one(self, id_: int) -> None:
        """Give one hold up and compare."""
        row = self.model.holds[id_]
        expected = None if row.state == "live" else "not_possible_in_state"
        self.do(expected, lambda: holds.release_hold(self.session, self.actor, id_))
        if expected is None:
            row.state = "released"

    @rule()
    def pass_minutes(self) -> None:
        """Let eleven minutes pass; nobody sweeps."""
        self.model.now += timedelta(minutes=11)

    @rule()
    def sweep_holds(self) -> None:
        """Give up the holds whose time is over."""
        due = [h for h in self.model.holds.values() if h.state == "live" and h.expires_at <= self.model.now]
        assert self.do(None, lambda: holds.expire_holds(self.session, self.model.now)) == len(due)
        for hold in due:
            hold.state = "expired"

    @rule(number=PICK, capacity=st.integers(0, 3))
    def change_capacity(self, number: int, capacity: int) -> None:
        """Set a slot's places."""
        self.set_places(self.pick(number, self.model.capacity), capacity)

    @rule(number=PICK)
    def join(self, number: int) -> None:
        """Join the waitlist."""
        self.join_one(self.pick(number, self.model.needs))

    def join_one(self, need: int) -> None:
        """Put one need on the waitlist and compare."""
        expected = None if self.model.needs[need] == "open" else "not_waiting"
        if expected is None and need in self.model.waiting:
            expected = "already_waiting"
        self.do(
            expected,
            lambda: waitlist.join(self.session, self.actor, need, self.world.service_id, self.model.now),
        )
        if expected is None:
            self.model.waiting.add(need)

    @rule(number=PICK)
    @precondition(lambda self: self.model.waiting)
    def leave(self, number: int) -> None:
        """Leave the waitlist."""
        need = self.pick(number, self.model.waiting)
        entry = self.session.scalars(
            select(WaitlistEntry.id).where(
                WaitlistEntry.need_id == need, WaitlistEntry.state == WaitlistState.waiting
            )
        ).one()
        self.do(None, lambda: waitlist.leave(self.session, self.actor, entry))
        self.model.waiting.discard(need)

    @rule()
    def next_day(self) -> None:
        """Let a day pass."""
        self.pass_day()
