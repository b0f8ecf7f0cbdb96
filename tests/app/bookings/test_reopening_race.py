"""Two people act on the same closed days at once: whoever comes second sees what the first did."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.bookings import running
from app.bookings.checks import Wish, check_wish
from app.bookings.closed import Closing, shut_by_closure
from app.bookings.closures import close
from app.bookings.commands import book
from app.bookings.errors import ClosureOver
from app.bookings.reopening import open_again
from app.calendars.reference import load_reference
from app.ledger.commands import occupy
from app.models import Booking, CareClass, PlacementException, Service, Slot, SlotTemplate
from app.models.enums import CapacityKind, Part, PlacementState, ServiceKind, SlotState, WishPart
from app.slots.commands import extend_horizon
from tests.app.bookings.conftest import NOW, SOON, TODAY, system_actor
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database, WriteSession

ME = system_actor()


@dataclass
class Closed:
    """A closed service at which somebody has a place who may be booked elsewhere on the day."""

    site_id: int
    closure_id: int
    need_id: int
    elsewhere_id: int


def make_closed(session: WriteSession) -> Closed:
    load_reference(session)
    templates = []
    for _ in range(2):
        service = providers.make_service(session, held_back_places=0)
        care_class = providers.make_class(session, service)
        providers.make_week(session, care_class, (2,), [Part.morning], {CapacityKind.places: 2})
        templates.append(
            session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)).one()
        )
    extend_horizon(session, TODAY)
    here, there = templates
    household = people.make_household(session, areas.make_compound(session))
    person = people.make_elder(session, household, grade=3)
    weekly = needs.make_need(session, person, patterns=(((2,), WishPart.morning),), starts_on=TODAY)
    placed = placements.make_placement(
        session,
        weekly,
        session.get_one(CareClass, here.class_id),
        [here],
        state=PlacementState.active,
        starts_on=TODAY,
    )
    occupy(session, [placed.id])
    dated = needs.make_dated_need(
        session, person, SOON, ServiceKind.day_care, WishPart.morning, entered_on=TODAY
    )
    service = session.get_one(Service, session.get_one(CareClass, here.class_id).service_id)
    done = close(session, ME, Closing(service.site_id, service.id, SOON, SOON, "pipe"), NOW)
    elsewhere = select(Slot.id).where(Slot.template_id == there.id, Slot.occurs_on == SOON)
    return Closed(service.site_id, done.closure.id, dated.id, session.scalars(elsewhere).one())


def run_beside(database: Database, first: Callable[[WriteSession], object], closed: Closed) -> None:
    """Open again while `first` has written and is about to commit."""
    written, opened = Event(), Event()

    def act() -> None:
        with database.writing() as session:
            first(session)
            session.flush()
            written.set()
            opened.wait(1.5)

    def reopen() -> None:
        written.wait(10)
        database.write(lambda session: open_again(session, ME, closed.closure_id, SOON, NOW))
        opened.set()

    threads = [Thread(target=act), Thread(target=reopen)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def is_twice_booked(database: Database) -> bool:
    """Return whether the person is booked elsewhere and expected at the place, too."""
    with database.reading() as session:
        booked = session.scalars(select(Booking.id)).all()
        skips = session.scalars(select(PlacementException.id)).all()
    assert booked
    return not skips


def book_elsewhere_meanwhile(database: Database) -> bool:
    closed = database.write(make_closed)
    with database.reading() as session:
        allowed = check_wish(session, ME, Wish(closed.need_id, closed.elsewhere_id), NOW)
    run_beside(database, lambda session: book(session, ME, allowed, NOW), closed)
    return is_twice_booked(database)


def test_who_is_booked_elsewhere_at_this_moment_goes_on_skipping(database: Database) -> None:
    assert not book_elsewhere_meanwhile(database)


def test_without_the_lock_somebody_is_expected_at_two_places(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: it must go wrong, else the test above shows nothing."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody can come between")
    monkeypatch.setattr(running, "lock_people", lambda _session, _ids: None)
    assert book_elsewhere_meanwhile(database)


def test_day_that_somebody_closes_at_this_moment_stays_shut(database: Database) -> None:
    """No twin: whoever writes a closure draws the reference stamp, and waits for the other there as well."""
    closed = database.write(make_closed)
    again = Closing(closed.site_id, None, SOON, SOON, "paint")
    run_beside(database, lambda session: close(session, ME, again, NOW), closed)
    with database.reading() as session:
        is_open = select(Slot.id).where(Slot.state == SlotState.open)
        assert session.scalars(is_open).all()
        assert session.scalars(is_open.where(shut_by_closure())).all() == []


def test_of_two_who_open_the_same_days_one_is_told_that_it_was_done(database: Database) -> None:
    closed = database.write(make_closed)
    start, told = Barrier(2), []

    def run() -> None:
        start.wait()
        try:
            database.write(lambda session: open_again(session, ME, closed.closure_id, SOON, NOW))
            told.append("opened")
        except ClosureOver as refused:
            told.append(refused.code)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["closure_over", "opened"]
