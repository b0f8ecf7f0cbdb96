"""R6: what happens to placements in a random history: given, offered, answered, ended, pinned, excused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from app.clock import SHANGHAI
from app.models.enums import (
    Channel,
    ExceptionKind,
    WishPart,
)
from app.placements import absences, byhand, moving, offers
from app.placements import commands as placements
from tests.concurrency.history import History
from tests.concurrency.model import (
    LIVE,
    PlacementModel,
)

FIRST = [date(2026, 11, 4), date(2026, 11, 6), date(2026, 11, 11), date(2026, 12, 2)]
FIRST_DAYS = st.sampled_from(FIRST)
PICK = st.integers(0, 10**6)


class PlacementActs(History):
    """Acts on placements."""

    @rule(number=PICK, care_class=st.integers(0, 1), starts_on=FIRST_DAYS)
    def place(self, number: int, care_class: int, starts_on: date) -> None:
        """Place a weekly need by hand, against order and notice; never above a capacity."""
        self.place_one(self.weekly(number), care_class, starts_on)

    @rule(care_class=st.integers(0, 1))
    @precondition(lambda self: not any(p.state in LIVE for p in self.model.placements.values()))
    def promise_later_weeks(self, care_class: int) -> None:
        """Place everybody from after the last dated slot on: only the weekly capacity can refuse them."""
        for need in self.world.weekdays:
            self.place_one(need, care_class, date(2026, 12, 2))

    @rule(number=PICK)
    @precondition(lambda self: any(b.state == "booked" for b in self.model.bookings.values()))
    def place_beside_a_booking(self, number: int) -> None:
        """Place everybody of a booking's weekday beside it: its own person is elsewhere, the slot may be full."""
        live = [b.slot for b in self.model.bookings.values() if b.state == "booked"]
        care_class, on = self.pick(number, live)
        for need, weekday in self.world.weekdays.items():
            if weekday == on.weekday():
                self.place_one(need, care_class, on)

    def place_one(self, need: int, care_class: int, starts_on: date) -> None:
        """Place one need by hand and compare."""
        weekday = self.world.weekdays[need]
        model = self.model
        if any(p.need == need and p.state in LIVE for p in model.placements.values()):
            expected: str | None = "already_placed"
        elif model.needs[need] != "open":
            expected = "need_not_open"
        elif model.clashes_weekly(need, weekday, starts_on):
            expected = "double_booked"
        elif not model.fits_beyond(care_class, weekday, starts_on):
            expected = "full"
        else:
            expected = None if model.fits_weekly(care_class, weekday, starts_on) else "full"
        order = byhand.Order(
            need_id=need,
            class_id=self.world.classes[care_class],
            weekdays=1 << weekday,
            part=WishPart.morning,
            reason="model",
            said_yes_by="self",
            starts_on=starts_on,
            overrides=True,
        )
        row = self.do(expected, lambda: byhand.place(self.session, self.actor, order, model.now))
        if expected is None:
            model.placements[row.id] = PlacementModel(need, care_class, weekday, starts_on, "confirmed")
            model.needs[need] = "placed"
            model.waiting.discard(need)

    @rule(number=PICK, care_class=st.integers(0, 1), starts_on=FIRST_DAYS, tells=st.booleans())
    def propose(self, number: int, care_class: int, starts_on: date, tells: bool) -> None:
        """Publish a proposal, as a plan does: the row, then its capacity; often offer it at once."""
        need = self.weekly(number)
        assert need is not None
        self.propose_one(need, care_class, starts_on, tells=tells)

    def propose_one(self, need: int, care_class: int, starts_on: date, *, tells: bool) -> None:
        """Propose one place and compare."""
        weekday = self.world.weekdays[need]
        if self.model.needs[need] != "open" or any(
            p.need == need and p.state in LIVE for p in self.model.placements.values()
        ):
            return
        expected = None if self.model.fits_weekly(care_class, weekday, starts_on) else "full"
        made = self.do(expected, lambda: self.world.propose(self.session, need, care_class, starts_on))
        if expected is None:
            self.model.placements[made] = PlacementModel(need, care_class, weekday, starts_on, "proposed")
            if tells:
                self.offer_one(made)

    @rule(number=PICK)
    def offer(self, number: int) -> None:
        """Offer a placement, whatever its state."""
        id_ = self.placed(number)
        if id_ is not None:
            self.offer_one(id_)

    def offer_one(self, id_: int) -> None:
        """Offer one placement and compare; what somebody was told can never be withdrawn."""
        if self.act(id_, {"proposed"}, lambda: offers.offer(self.session, self.actor, id_, self.model.now)):
            row = self.model.placements[id_]
            ends = offers.find_offer_end(self.session, self.model.now)
            row.state, row.offer_ends_at = "offered", ends
            self.act(id_, {"proposed"}, lambda: placements.withdraw(self.session, self.actor, id_))

    @rule(number=PICK, says_yes=st.booleans())
    def answer(self, number: int, says_yes: bool) -> None:
        """Answer an offer, in time or not."""
        id_ = self.placed(number)
        if id_ is None:
            return
        row = self.model.placements[id_]
        expected = None
        if row.state == "expired":
            expected = "offer_expired"
        elif row.offer_ends_at is not None and row.state != "offered":
            expected = "offer_answered"
        elif row.state != "offered":
            expected = "not_possible_in_state"
        elif row.offer_ends_at is not None and row.offer_ends_at <= self.model.now:
            expected = "offer_expired"
        act = offers.accept if says_yes else offers.decline
        self.do(
            expected,
            lambda: act(self.session, self.actor, id_, self.model.now, by="self", channel=Channel.phone),
        )
        if expected is None:
            row.state = "confirmed" if says_yes else "declined"
            self.model.needs[row.need] = "placed" if says_yes else "open"
            if says_yes:
                self.model.waiting.discard(row.need)

    @rule()
    def sweep_offers(self) -> None:
        """Let offers run out."""
        due = [
            id_
            for id_, p in self.model.placements.items()
            if p.state == "offered" and p.offer_ends_at is not None and p.offer_ends_at <= self.model.now
        ]
        assert sorted(self.do(None, lambda: offers.expire_offers(self.session, self.model.now))) == sorted(
            due
        )
        for id_ in due:
            self.model.placements[id_].state = "expired"

    @rule()
    @precondition(lambda self: any(p.state == "offered" for p in self.model.placements.values()))
    def let_offers_run_out(self) -> None:
        """Let the days pass that an offer has, and sweep."""
        for _ in range(4):
            self.pass_day()
        self.sweep_offers()

    @rule(number=PICK)
    def withdraw(self, number: int) -> None:
        """Withdraw a placement; only a proposal can be."""
        id_ = self.placed(number)
        if id_ is not None and self.act(
            id_, {"proposed"}, lambda: placements.withdraw(self.session, self.actor, id_)
        ):
            self.model.placements[id_].state = "withdrawn"

    @rule(number=PICK, days=st.integers(-3, 20))
    def end(self, number: int, days: int) -> None:
        """Set a last day; before the first it is given up."""
        id_ = self.placed(number)
        if id_ is None:
            return
        row, last_on = self.model.placements[id_], self.model.today + timedelta(days=days)
        states = {"confirmed"} if last_on < row.starts_on else {"confirmed", "active"}
        expected = None if row.state in states else "not_possible_in_state"
        if expected is None and row.ends_on is not None and row.starts_on <= last_on >= row.ends_on:
            expected = "ends_earlier"
        self.do(
            expected,
            lambda: placements.end(self.session, self.actor, id_, last_on, "model", self.model.now),
        )
        if expected is not None:
            return
        if last_on < row.starts_on:
            row.state = "withdrawn"
            self.model.needs[row.need] = "open"
            return
        row.ends_on = last_on
        if last_on < self.model.today:
            row.state = "ended"
            self.model.needs[row.need] = "ended"

    @rule(number=PICK)
    def pin(self, number: int) -> None:
        """Pin or unpin a placement."""
        id_ = self.placed(number)
        if id_ is None:
            return
        row = self.model.placements[id_]
        act = placements.unpin if row.is_pinned else placements.pin
        if self.act(id_, LIVE, lambda: act(self.session, self.actor, id_, "model")):
            row.is_pinned = not row.is_pinned

    @rule(number=PICK, on=st.sampled_from([date(2026, 11, d) for d in (4, 6, 11, 13, 18)]))
    def excuse(self, number: int, on: date) -> None:
        """Note an absence, before or after the cut-off (the working day before at three)."""
        id_ = self.placed(number, *LIVE)
        if id_ is not None:
            self.excuse_one(id_, on)

    @rule(number=PICK, comes=st.booleans())
    @precondition(lambda self: any(p.state in LIVE for p in self.model.placements.values()))
    def excuse_in_time(self, number: int, comes: bool) -> None:
        """Note an absence well ahead; who comes after all takes the place back."""
        id_ = self.placed(number, *LIVE)
        assert id_ is not None
        row = self.model.placements[id_]
        ahead = self.model.today + timedelta(days=2)
        days = sorted(on for its_class, on in self.model.capacity if its_class == row.care_class)
        on = next((day for day in days if day >= ahead and row.is_on(day) and day not in row.excused), None)
        if on is None:
            return
        self.excuse_one(id_, on)
        if comes:
            self.come_after_all(id_, on)

    def excuse_one(self, id_: int, on: date) -> None:
        """Note one absence and compare."""
        row = self.model.placements[id_]
        expected = None if row.is_on(on) else "not_on_these_days"
        if expected is None and on in row.excused:
            expected = "absence_known"
        made = self.do(
            expected,
            lambda: absences.excuse(self.session, self.actor, id_, on, ExceptionKind.absent, self.model.now),
        )
        if expected is None:
            cut_off = datetime.combine(on - timedelta(days=1), time(15), SHANGHAI)
            row.excused[on] = self.model.now <= cut_off
            assert made.frees_place is row.excused[on]

    @rule(number=PICK)
    def unexcuse(self, number: int) -> None:
        """Take an absence back; who comes after all may find the place given away."""
        choices = [
            (id_, on) for id_, p in self.model.placements.items() if p.state in LIVE for on in p.excused
        ]
        choice = self.pick(number, choices)
        if choice is None:
            return
        self.come_after_all(*choice)

    def come_after_all(self, id_: int, on: date) -> None:
        """Take one absence back and compare."""
        row = self.model.placements[id_]
        key = (row.care_class, on)
        needs_place = row.excused[on] and row.is_on(on) and key in self.model.capacity
        expected = None
        if self.model.is_booked(self.model.people[row.need], on):
            expected = "double_booked"
        elif needs_place and self.model.taken(key) + 1 > self.model.capacity[key]:
            expected = "full"
        self.do(expected, lambda: absences.unexcuse(self.session, self.actor, id_, on))
        if expected is None:
            del row.excused[on]

    @rule(number=PICK, care_class=st.integers(0, 1), days=st.integers(0, 14), lives=st.booleans())
    def move_place(self, number: int, care_class: int, days: int, lives: bool) -> None:
        """Move a weekly place to another class from a day on: the old one ends the day before, or nothing has changed."""
        id_ = self.placed(number, *(LIVE if lives else ()))
        if id_ is not None:
            self.move_one(id_, care_class, self.model.today + timedelta(days=days))

    @rule(care_class=st.integers(0, 1))
    @precondition(lambda self: not any(p.state in LIVE for p in self.model.placements.values()))
    def move_into_what_is_full(self, care_class: int) -> None:
        """Place somebody, cut one date of the other class to what is taken in it, and move the person there."""
        need, weekday = min(self.world.weekdays.items())
        days = sorted(
            day
            for its_class, day in self.model.capacity
            if its_class == care_class and day.weekday() == weekday and day >= self.model.today
        )
        if not days:
            return
        starts_on, on = days[0], days[-1]
        self.place_one(need, 1 - care_class, starts_on)
        self.set_places((care_class, on), self.model.taken((care_class, on)))
        for id_, row in list(self.model.placements.items()):
            if row.need == need and row.state == "confirmed":
                self.move_one(id_, care_class, starts_on)

    @rule(care_class=st.integers(0, 1))
    @precondition(lambda self: any(p.state == "active" for p in self.model.placements.values()))
    def move_who_has_begun(self, care_class: int) -> None:
        """Move somebody on after a first day: the old place keeps its past and gives back its future."""
        id_ = self.placed(0, "active")
        assert id_ is not None
        self.move_one(id_, care_class, self.model.today + timedelta(days=1))

    def move_one(self, id_: int, care_class: int, from_on: date) -> None:
        """Move one placement and compare."""
        model, row = self.model, self.model.placements[id_]
        order = moving.Move(
            placement_ids=[id_],
            class_id=self.world.classes[care_class],
            part=WishPart.morning,
            from_on=from_on,
            reason="model",
            said_yes_by="self",
            overrides=True,
        )
        expected, old, new = model.move_place(row, care_class, from_on)
        made = self.do(expected, lambda: moving.move(self.session, self.actor, order, model.now))
        if expected is None:
            assert made[0].starts_on == new.starts_on
            model.placements |= {id_: old, made[0].id: new}
            model.needs[row.need] = "placed"
