"""What people do by day in a history: each act is one of the program's commands in a transaction of its own."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.actor import system_actor
from app.bookings import commands as bookings
from app.bookings import holds
from app.bookings.checks import Wish, check_wish
from app.bookings.closed import Closing
from app.bookings.closures import close as close_site
from app.errors import DomainError
from app.models import Booking, Need, NeedPattern, Placement, Round, Slot, SlotCapacity
from app.models.enums import (
    BookingState,
    CapacityKind,
    Channel,
    ExceptionKind,
    NeedRhythm,
    NeedState,
    PlacementState,
    RoundState,
    ServiceKind,
    WishPart,
)
from app.needs.commands import record_need, withdraw_need
from app.needs.rules import Pattern
from app.placements import absences, byhand, offers
from app.placements import commands as placements
from app.rounds import commands as rounds
from app.slots import commands as slots
from app.waitlist import commands as waitlist
from tests.property import contest
from tests.property.town import FAULTS, add_faults
from tests.property.watch import PROMISED

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from app.db import Database, WriteSession
    from tests.property.calendar import Turned
    from tests.property.town import Town

ACTOR = system_actor()
WEEKS = (((0, 2, 4), (1, 3)), ((0, 2), (1,)), ((1,),), ((4,), (2,)))
"""Patterns a need accepts, the wish first; the second is the smaller one it would also take."""


class Acts:
    """The acts of one history; what a person gave up is noted in `released`, what was wrongly given in `faults`."""

    def __init__(self, database: Database, town: Town, turned: Turned, random: Random) -> None:
        self.database, self.town, self.turned, self.random = database, town, turned, random
        self.released: set[int] = set()
        self.faults: list[str] = []
        self.done: Counter[str] = Counter()
        self.imports = list(FAULTS)
        self.random.shuffle(self.imports)

    def do_one(self) -> str:
        """Do one act that the dice choose; return its name."""
        choices: list[tuple[int, Callable[[WriteSession], Any]]] = [
            (6, self.record),
            (5, self.book),
            (1, self.cancel),
            (1, self.hold),
            (7, self.place),
            (6, self.answer),
            (2, self.end),
            (2, self.excuse),
            (2, self.cut),
            (1, self.close),
            (1, self.withdraw),
            (1, self.wait),
            (2 if self.imports else 0, self.bring_in),
        ]
        act = self.random.choices([each for _, each in choices], [weight for weight, _ in choices])[0]
        name = act.__name__
        try:
            did = self.database.write(act)
        except DomainError as refused:
            self.done[f"{name}: {refused.code}"] += 1
            return f"{name}: {refused.code}"
        self.done[f"{name}{'' if did else ': nothing to do'}"] += 1
        return f"{name}: {did}"

    def record(self, session: WriteSession) -> str:
        """Record a need: a few days a week, or one date."""
        if self.random.random() < 0.5:
            person, kind, part = self._pick(list(self.town.elders)), ServiceKind.day_care, WishPart.morning
        else:
            person, kind, part = (
                self._pick(list(self.town.children)),
                ServiceKind.after_school,
                WishPart.wave_1630,
            )
        today = self.turned.today
        on = None
        if kind is ServiceKind.day_care and self.random.random() < 0.4:
            on = today + timedelta(days=self.random.randint(1, 9))
            patterns = [Pattern(part, (), on)]
        else:
            patterns = [Pattern(part, days) for days in self.random.choice(WEEKS)]
        values = {
            "kind": kind,
            "rhythm": NeedRhythm.weekly if on is None else NeedRhythm.dated,
            "starts_on": on or today,
            "ends_on": on if on or self.random.random() < 0.8 else today + timedelta(days=12),
        }
        return record_need(session, ACTOR, person, values, patterns, [], is_another=True).code

    def book(self, session: WriteSession) -> str:
        """Book a date, sometimes as urgent with a reason."""
        rows = session.execute(
            select(Need.id, Slot.id.label("slot_id"), Slot.class_id, Slot.occurs_on)
            .join(NeedPattern, NeedPattern.need_id == Need.id)
            .join(Slot, Slot.occurs_on == NeedPattern.occurs_on)
            .where(Need.state == NeedState.open, Slot.class_id.in_(self._list_classes(ServiceKind.day_care)))
            .order_by(Need.id, Slot.id)
        ).all()
        row = self._pick(rows)
        if row is None:
            return ""
        urgent = self.random.random() < 0.2
        need = session.get_one(Need, row.id)
        allowed = check_wish(
            session, ACTOR, Wish(row.id, row.slot_id, urgent, "test" if urgent else ""), self.turned.moment
        )
        first = allowed_from(session, self.turned)
        if not urgent and row.occurs_on >= first:
            self._judge(session, need, row.class_id, {row.occurs_on}, "booked")
        made = bookings.book(session, ACTOR, allowed, self.turned.moment)
        return made.code

    def cancel(self, session: WriteSession) -> str:
        """Cancel a booking."""
        row = self._pick(session.scalars(select(Booking).where(Booking.state == BookingState.booked)).all())
        return "" if row is None else bookings.cancel(session, ACTOR, row.id, self.turned.moment).code

    def hold(self, session: WriteSession) -> str:
        """Hold a date for some minutes."""
        row = self._pick(
            session.execute(
                select(Need.id, Slot.id.label("slot_id"))
                .join(NeedPattern, NeedPattern.need_id == Need.id)
                .join(Slot, Slot.occurs_on == NeedPattern.occurs_on)
                .where(
                    Need.state == NeedState.open, Slot.class_id.in_(self._list_classes(ServiceKind.day_care))
                )
            ).all()
        )
        if row is None:
            return ""
        allowed = check_wish(session, ACTOR, Wish(row.id, row.slot_id), self.turned.moment)
        return str(holds.hold(session, ACTOR, allowed, self.turned.moment).id)

    def place(self, session: WriteSession) -> str:
        """Place somebody by hand; now and then against the order, with a reason."""
        need = self._pick(
            session.scalars(
                select(Need).where(Need.state == NeedState.open, Need.rhythm == NeedRhythm.weekly)
            ).all()
        )
        if need is None:
            return ""
        pattern = self._pick(session.scalars(select(NeedPattern).where(NeedPattern.need_id == need.id)).all())
        class_id = self._pick(self._list_classes(need.kind))
        overrides = self.random.random() < 0.1
        order = byhand.Order(
            need_id=need.id,
            class_id=class_id,
            weekdays=pattern.weekdays,
            part=pattern.part,
            reason="test",
            said_yes_by="self",
            overrides=overrides,
        )
        if overrides:
            return byhand.place(session, ACTOR, order, self.turned.moment).code
        with session.begin_nested() as tried:  # judged as the record was before, only if it is given at all
            row = byhand.place(session, ACTOR, order, self.turned.moment)
            first, last_on = row.starts_on, row.ends_on
            tried.rollback()
        if contest.is_the_rounds(session, need, self.turned.today, last_on):
            self.faults.append(f"placed {need.code} by day although a round keeps the place")
        dates = contest.list_dates(session, class_id, order.weekdays, first)
        self._judge(session, need, class_id, dates, "placed")
        return byhand.place(session, ACTOR, order, self.turned.moment).code

    def answer(self, session: WriteSession) -> str:
        """Answer an offer, yes more often than no; those that nobody answers run out."""
        row = self._pick(
            session.scalars(select(Placement).where(Placement.state == PlacementState.offered)).all()
        )
        if row is None:
            return ""
        says_yes = self.random.random() < 0.6
        act = offers.accept if says_yes else offers.decline
        together = {
            each.id
            for each in act(session, ACTOR, row.id, self.turned.moment, by="self", channel=Channel.phone)
        }
        if not says_yes:
            self.released |= together
        return f"{row.code} {'yes' if says_yes else 'no'}"

    def end(self, session: WriteSession) -> str:
        """Set a last day, at the person's wish."""
        states = (PlacementState.confirmed, PlacementState.active)
        row = self._pick(session.scalars(select(Placement).where(Placement.state.in_(states))).all())
        if row is None:
            return ""
        last_on = self.turned.today + timedelta(days=self.random.randint(-1, 10))
        placements.end(session, ACTOR, row.id, last_on, "test", self.turned.moment)
        self.released.add(row.id)
        return row.code

    def excuse(self, session: WriteSession) -> str:
        """Note an absence, or that somebody comes after all."""
        row = self._pick(session.scalars(select(Placement).where(Placement.state.in_(PROMISED))).all())
        if row is None:
            return ""
        on = self.turned.today + timedelta(days=self.random.randint(0, 9))
        if self.random.random() < 0.3:
            absences.unexcuse(session, ACTOR, row.id, on)
        else:
            absences.excuse(session, ACTOR, row.id, on, ExceptionKind.absent, self.turned.moment)
        return row.code

    def cut(self, session: WriteSession) -> str:
        """Change the places of a date."""
        row = self._pick(
            session.execute(
                select(SlotCapacity.slot_id, SlotCapacity.capacity)
                .join(Slot, Slot.id == SlotCapacity.slot_id)
                .where(Slot.occurs_on > self.turned.today, SlotCapacity.kind == CapacityKind.places)
                .order_by(SlotCapacity.slot_id)
            ).all()
        )
        capacity = self.random.randint(0, 3)
        slots.change_capacity(session, ACTOR, row.slot_id, CapacityKind.places, capacity, "test")
        return f"slot {row.slot_id}: {row.capacity} -> {capacity}"

    def close(self, session: WriteSession) -> str:
        """Close a site for a day or two."""
        first = self.turned.today + timedelta(days=self.random.randint(2, 12))
        closing = Closing(
            self._pick(self.town.sites),
            None,
            first,
            first + timedelta(days=self.random.randint(0, 1)),
            "test",
        )
        close_site(session, ACTOR, closing, self.turned.moment)
        return first.isoformat()

    def withdraw(self, session: WriteSession) -> str:
        """Withdraw a need that has no place."""
        row = self._pick(session.scalars(select(Need).where(Need.state == NeedState.open)).all())
        return "" if row is None else withdraw_need(session, ACTOR, row.id, row.version).code

    def wait(self, session: WriteSession) -> str:
        """Join a waitlist."""
        row = self._pick(session.scalars(select(Need).where(Need.state == NeedState.open)).all())
        if row is None:
            return ""
        services = [id_ for id_, kind in self.town.services.items() if kind is row.kind]
        waitlist.join(session, ACTOR, row.id, self._pick(services), self.turned.moment)
        return row.code

    def bring_in(self, session: WriteSession) -> str:
        """Bring in one of the faults that a first import holds."""
        if not self.imports:
            return ""
        which = self.imports.pop()
        add_faults(session, self.town, which, self.turned.today)
        return which

    def draw(self, session: WriteSession) -> str:
        """Draw the round once its window is over, as the manager does."""
        row = session.get_one(Round, self.town.round_id)
        if row.state is not RoundState.closed:
            return ""
        number = rounds.Number("0317254", "lottery", self.turned.today)
        return rounds.draw(session, ACTOR, row.id, number, self.turned.today).code

    def _judge(self, session: WriteSession, need: Need, class_id: int, dates: set[Any], what: str) -> None:
        """Note a place that is given by day although others wait for it."""
        priorities = self.town.elders | self.town.children
        rivals = contest.count_rivals(session, need, class_id, dates, priorities)
        spare = contest.count_left(session, class_id, dates) - 1
        if rivals > max(0, spare):
            self.faults.append(
                f"{what} {need.code} by day: {rivals} others could use it, {spare} places beside it"
            )

    def _list_classes(self, kind: ServiceKind) -> list[int]:
        return [
            id_ for id_, service_id in self.town.classes.items() if self.town.services[service_id] is kind
        ]

    def _pick(self, rows: Any) -> Any:
        rows = list(rows)
        return self.random.choice(rows) if rows else None


def allowed_from(session: WriteSession, turned: Turned) -> Any:
    """Return the first day that the night plans: three working days from today."""
    from app.calendars.queries import load_calendar

    return load_calendar(session).add_working_days(turned.today, 3)
