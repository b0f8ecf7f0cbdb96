"""An absence noted into a year without a calendar is kept, and leaves the place free once the year is published."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.calendars.reference import load_reference
from app.ledger.commands import recount
from app.models import CalendarYear, Placement, PlacementException, Slot
from app.models.enums import CapacityKind, ExceptionKind, Part, PlacementState, YearState
from app.placements import absences
from app.placements.errors import AbsenceKnown, NotOnThisDate
from app.slots.commands import extend_horizon
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.factories import providers

if TYPE_CHECKING:
    from app.db import Database, WriteSession

MONDAY, TUESDAY, SATURDAY = date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 9)
NEW_YEAR = date(2027, 1, 1)
LATER = TODAY + timedelta(days=28)
"""When the year is published: eight weeks from then reach into it."""


def publish(session: WriteSession) -> None:
    session.get_one(CalendarYear, 2027).state = YearState.published
    session.flush()
    extend_horizon(session, LATER)


def list_dates(session: WriteSession) -> list[date]:
    return list(session.scalars(select(PlacementException.on_date).order_by(PlacementException.on_date)))


def test_a_kept_absence_frees_its_days_when_the_calendar_is_published(
    session: WriteSession, place: Place
) -> None:
    row = place.make_placed(PlacementState.active)
    span = (date(2026, 12, 21), MONDAY)
    noted = absences.excuse_days(session, place.actor, row.id, span, ExceptionKind.hospital, NOW)
    assert all(each.on_date < NEW_YEAR for each in noted.made)
    assert [each.on_date for each in noted.kept] == [NEW_YEAR, date(2027, 1, 2), date(2027, 1, 3), MONDAY]
    publish(session)
    taken = place.taken()
    assert (taken[MONDAY], taken[MONDAY + timedelta(days=2)]) == (0, 1)
    assert recount(session) == []


def test_one_day_is_kept_or_refused_by_what_it_may_become(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)  # Mondays, Wednesdays, Fridays
    for on in (MONDAY, SATURDAY):  # a Saturday may become a working day
        assert absences.excuse(session, place.actor, row.id, on, ExceptionKind.absent, NOW).frees_place
    with pytest.raises(NotOnThisDate):
        absences.excuse(session, place.actor, row.id, TUESDAY, ExceptionKind.absent, NOW)
    with pytest.raises(AbsenceKnown), session.begin_nested():
        absences.excuse(session, place.actor, row.id, MONDAY, ExceptionKind.absent, NOW)
    row.ends_on = date(2026, 12, 31)
    with pytest.raises(NotOnThisDate):
        absences.excuse(session, place.actor, row.id, MONDAY + timedelta(7), ExceptionKind.absent, NOW)


def test_a_kept_absence_can_be_taken_back(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    absences.excuse(session, place.actor, row.id, MONDAY, ExceptionKind.absent, NOW)
    absences.unexcuse(session, place.actor, row.id, MONDAY)
    assert list_dates(session) == []
    publish(session)
    assert place.taken()[MONDAY] == 1
    assert recount(session) == []


def publish_beside_an_absence(database: Database) -> int:
    """Note an absence while the year is published and about to be committed; return how far the ledger is off."""

    def set_up(session: WriteSession) -> int:
        load_reference(session)
        service = providers.make_service(session, held_back_places=0)
        care_class = providers.make_class(session, service)
        providers.make_week(session, care_class, (0, 2, 4), [Part.morning], {CapacityKind.places: 2})
        extend_horizon(session, TODAY)
        return Place(session, service, care_class).make_placed(PlacementState.active).id

    placement_id = database.write(set_up)
    written, noted = Event(), Event()

    def announce() -> None:
        with database.writing() as session:
            publish(session)
            written.set()
            noted.wait(1.5)

    def excuse() -> None:
        written.wait(10)
        database.write(
            lambda session: (
                absences.excuse(session, system_actor(), placement_id, MONDAY, ExceptionKind.absent, NOW).id
            )
        )
        noted.set()

    threads = [Thread(target=announce), Thread(target=excuse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalars(select(Slot.id).where(Slot.occurs_on == MONDAY)).all()
        assert session.scalars(select(Placement.id).join(PlacementException)).all() == [placement_id]
        return len(recount(session))


def test_absence_noted_while_the_year_is_published_is_counted_once(database: Database) -> None:
    assert publish_beside_an_absence(database) == 0


def test_without_the_lock_the_place_stays_taken(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: it must go wrong, else the test above shows nothing."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody can come between")
    monkeypatch.setattr(absences, "lock_templates", lambda _session, _ids: None)
    assert publish_beside_an_absence(database) > 0
