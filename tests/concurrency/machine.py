"""R6: the state machine: all acts, and what must hold after every one of them."""

from __future__ import annotations

from hypothesis.stateful import invariant
from sqlalchemy import select

from app.ledger.commands import recount
from app.models import (
    AuditRow,
    Booking,
    Hold,
    Need,
    Offer,
    Placement,
    Slot,
    SlotCapacity,
    WaitlistEntry,
)
from app.models.enums import (
    NeedState,
    Origin,
    PlacementState,
    WaitlistState,
)
from tests.concurrency.acts_at_desk import DeskActs
from tests.concurrency.acts_on_placements import FIRST, PlacementActs
from tests.concurrency.model import (
    LIVE,
)


class Machine(DeskActs, PlacementActs):
    """Random histories compared with the plain model."""

    def set_scene(self, scene: str, care_class: int) -> None:
        """Book for everybody, or give everybody a weekly place, let its first day come, or offer it."""
        first = FIRST[0]
        if scene in {"placed", "begun"}:
            for need in self.world.weekdays:
                self.place_one(need, care_class, first)
        if scene == "begun":
            while self.model.today < first:
                self.pass_day()
        if scene == "booked":
            for need, on in self.model.dates.items():
                if on is not None and (care_class, on) in self.model.capacity:
                    self.join_one(need)
                    self.book_one(need, (care_class, on), is_urgent=False)
        if scene == "offered":
            for need in self.world.weekdays:
                self.propose_one(need, care_class, first, tells=True)

    @invariant()
    def ledger_adds_up(self) -> None:
        """`taken` is what the record adds up to."""
        if hasattr(self, "session"):
            assert recount(self.session) == []

    @invariant()
    def slots_are_the_models(self) -> None:
        """Slots, capacities, taken and excess are the model's; nothing is above its capacity."""
        if not hasattr(self, "session"):
            return
        rows = self.session.execute(
            select(
                Slot.class_id,
                Slot.occurs_on,
                SlotCapacity.capacity,
                SlotCapacity.taken,
                SlotCapacity.overfull,
            ).join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        )
        found = {
            (self.world.classes.index(class_id), on): (capacity, taken, overfull)
            for class_id, on, capacity, taken, overfull in rows
        }
        assert found == {
            key: (capacity, self.model.taken(key), 0) for key, capacity in self.model.capacity.items()
        }
        assert all(taken <= capacity for capacity, taken, _ in found.values())

    @invariant()
    def states_are_the_models(self) -> None:
        """Needs, bookings, holds and placements stand where the model has them."""
        if not hasattr(self, "session"):
            return
        session, model = self.session, self.model
        assert dict(session.execute(select(Need.id, Need.state)).all()) == {
            need: NeedState(state) for need, state in model.needs.items()
        }
        bookings_found = session.execute(select(Booking.id, Booking.need_id, Booking.state)).all()
        assert {(i, n, s.value) for i, n, s in bookings_found} == {
            (i, b.need, b.state) for i, b in model.bookings.items()
        }
        holds_found = session.execute(select(Hold.id, Hold.state, Hold.expires_at)).all()
        # A hold that is prolonged keeps its row: the model's newest entry counts.
        assert {(i, s.value) for i, s, _ in holds_found} == {(i, h.state) for i, h in model.holds.items()}
        found = session.execute(
            select(Placement.id, Placement.state, Placement.ends_on, Placement.is_pinned)
        ).all()
        assert {(i, s.value, e, p) for i, s, e, p in found} == {
            (i, p.state, p.ends_on, p.is_pinned) for i, p in model.placements.items()
        }

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """A person has one thing at a time among bookings, and a need one live placement."""
        if not hasattr(self, "session"):
            return
        times = [
            (self.model.people[b.need], b.slot[1])
            for b in self.model.bookings.values()
            if b.state != "cancelled"
        ]
        assert len(times) == len(set(times))
        needs = self.session.scalars(
            select(Placement.need_id).where(Placement.state.in_([PlacementState(s) for s in LIVE]))
        ).all()
        assert len(needs) == len(set(needs))

    @invariant()
    def offers_are_open_only_while_offered(self) -> None:
        """An offer without an answer belongs to a placement that is offered."""
        if hasattr(self, "session"):
            open_ones = set(self.session.scalars(select(Offer.placement_id).where(Offer.answer.is_(None))))
            assert open_ones == {i for i, p in self.model.placements.items() if p.state == "offered"}

    @invariant()
    def chain_has_no_gap(self) -> None:
        """The audit's sequence counts up by one."""
        if hasattr(self, "session"):
            found = self.session.scalars(select(AuditRow.sequence).order_by(AuditRow.sequence)).all()
            assert list(found) == list(range(1, len(found) + 1))

    @invariant()
    def waitlist_is_the_models(self) -> None:
        """Who waits is who joined, has not left and was not served."""
        if hasattr(self, "session"):
            waiting = self.session.scalars(
                select(WaitlistEntry.need_id).where(WaitlistEntry.state == WaitlistState.waiting)
            )
            assert set(waiting) == self.model.waiting

    @invariant()
    def origin_says_who_was_urgent(self) -> None:
        """An urgent booking has a reason; every other one came from the desk."""
        if hasattr(self, "session"):
            rows = self.session.execute(select(Booking.origin, Booking.reason)).all()
            assert all((origin is Origin.urgent) == bool(reason) for origin, reason in rows)
