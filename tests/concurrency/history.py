"""R6: one random history: begin from the world, do an act in a savepoint, compare its refusal with the model's."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select

from app.actor import system_actor
from app.bookings import checks
from app.db import WriteSession
from app.errors import DomainError
from app.models import (
    Slot,
)
from app.models.enums import CapacityKind
from app.placements import commands as placements
from app.slots import commands as slots
from tests.concurrency.model import (
    Model,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.concurrency.world import World

START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SCENES = ("nothing", "booked", "placed", "begun", "offered")


class History(RuleBasedStateMachine):
    """One random history; `world` is set by the test and rolled back after each example."""

    world: ClassVar[World]

    @initialize(scene=st.sampled_from(SCENES), care_class=st.integers(0, 1))
    def begin(self, scene: str, care_class: int) -> None:
        """Start from the world as it was built, or a few acts later: most faults need somebody who has a place."""
        self.actor = system_actor()
        self.savepoint = self.world.connection.begin_nested()
        self.session = WriteSession(
            self.world.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        self.model = Model(START, START.date(), dict(self.world.people), dict(self.world.dates))
        self.model.needs = dict.fromkeys(self.world.dates, "open")
        self.model.open_slots()
        self.set_scene(scene, care_class)

    def set_scene(self, scene: str, care_class: int) -> None:
        """Do what a scene begins with."""
        raise NotImplementedError

    def teardown(self) -> None:
        """Undo the example."""
        if hasattr(self, "session"):
            with suppress(Exception):
                self.session.close()
            self.savepoint.rollback()

    def do(self, expected: str | None, act: Callable[[], Any]) -> Any:
        """Do an act in a savepoint and compare its refusal with the model's; return its result."""
        try:
            with self.session.begin_nested():
                result = act()
        except DomainError as error:
            refused: DomainError | None = error
        else:
            refused = None
        self.session.expire_all()
        if refused is not None:
            assert refused.code == expected, (
                f"refused as {refused.code}, the model says {expected}: {refused.data}"
            )
            return None
        assert expected is None, f"done, the model says {expected}"
        return result

    def pick(self, number: int, among: Any) -> Any:
        """Choose one of some things by a drawn number."""
        ordered = sorted(among)  # not by text: ids grow from example to example, and 10 comes before 9 there
        return ordered[number % len(ordered)] if ordered else None

    def slot_id(self, key: tuple[int, date]) -> int:
        """Return the id of a slot."""
        return self.session.scalars(
            select(Slot.id).where(Slot.class_id == self.world.classes[key[0]], Slot.occurs_on == key[1])
        ).one()

    def set_places(self, key: tuple[int, date], capacity: int) -> None:
        """Set a slot's places and compare."""
        expected = "capacity_below_taken" if self.model.taken(key) > capacity else None
        self.do(
            expected,
            lambda: slots.change_capacity(
                self.session, self.actor, self.slot_id(key), CapacityKind.places, capacity, "model"
            ),
        )
        if expected is None:
            self.model.capacity[key] = capacity

    def wish(self, need: int, key: tuple[int, date], **more: Any) -> checks.Allowed:
        """Check a wish as a route does."""
        wanted = checks.Wish(need, self.slot_id(key), **more)
        return checks.check_wish(self.session, self.actor, wanted, self.model.now)

    def dated(self, number: int) -> tuple[int, tuple[int, date]] | None:
        """Choose a dated need with a slot of its date."""
        choices = [
            (need, key)
            for need, on in self.model.dates.items()
            if on is not None
            for key in self.model.capacity
            if key[1] == on
        ]
        return self.pick(number, choices)

    def placed(self, number: int, *states: str) -> int | None:
        """Choose a placement in one of some states (any, if none are named)."""
        return self.pick(
            number, [id_ for id_, p in self.model.placements.items() if not states or p.state in states]
        )

    def weekly(self, number: int) -> int | None:
        """Choose a weekly need."""
        return self.pick(number, [need for need, on in self.model.dates.items() if on is None])

    def act(self, id_: int, states: set[str], act: Callable[[], Any]) -> bool:
        """Do an act that leads somewhere from some states only; return whether it did."""
        expected = None if self.model.placements[id_].state in states else "not_possible_in_state"
        self.do(expected, act)
        return expected is None

    def pass_day(self) -> None:
        """Let a day pass: placements begin and end, new slots are made."""
        model = self.model
        model.now += timedelta(days=1)
        model.today += timedelta(days=1)
        self.do(None, lambda: placements.follow_dates(self.session, model.today))
        for row in model.placements.values():
            if row.state == "confirmed" and row.starts_on <= model.today:
                row.state = "active"
            if row.state in {"confirmed", "active"} and row.ends_on is not None and row.ends_on < model.today:
                row.state = "ended"
                model.needs[row.need] = "ended"
        self.do(None, lambda: slots.extend_horizon(self.session, model.today, weeks=2))
        model.open_slots()
