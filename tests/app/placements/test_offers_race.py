"""Two sites say yes to twins at one moment: the second sees the first's yes, and both are confirmed."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.calendars.reference import load_reference
from app.models import Placement, SlotTemplate
from app.models.enums import CapacityKind, GroupKind, Part, PlacementState, WishPart
from app.placements import agreeing, offers
from app.slots.commands import extend_horizon
from tests.app.placements.conftest import NOW, TODAY, system_actor
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from app.db import Database, WriteSession

ME = system_actor()


def make_twins(session: WriteSession) -> list[int]:
    """Make a couple's two offers to which the persons have said yes and the site has not."""
    load_reference(session)
    service = providers.make_service(session, held_back_places=0, site_confirms=True)
    care_class = providers.make_class(session, service)
    providers.make_week(session, care_class, (0,), [Part.morning], {CapacityKind.places: 2})
    extend_horizon(session, TODAY)
    household = people.make_household(session, areas.make_compound(session))
    both = [
        needs.make_need(
            session, people.make_elder(session, household, grade=3), patterns=(((0,), WishPart.morning),)
        )
        for _ in range(2)
    ]
    needs.make_group(session, GroupKind.couple, both)
    cells = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)).all()
    return [
        placements.make_placement(
            session, need, care_class, cells, state=PlacementState.offered, confirmed_at=NOW
        ).id
        for need in both
    ]


def confirm_both_at_once(database: Database) -> list[PlacementState]:
    """Say yes to the second while the yes to the first is written and about to be committed."""
    one, other = database.write(make_twins)
    written, answered = Event(), Event()

    def first() -> None:
        with database.writing() as session:
            offers.confirm_site(session, ME, one, NOW)
            session.flush()
            written.set()
            answered.wait(1.5)

    def second() -> None:
        written.wait(10)
        database.write(lambda session: offers.confirm_site(session, ME, other, NOW))
        answered.set()

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        return list(session.scalars(select(Placement.state).order_by(Placement.id)))


def test_two_yeses_at_one_moment_confirm_both(database: Database) -> None:
    assert confirm_both_at_once(database) == [PlacementState.confirmed] * 2


def test_without_the_lock_neither_sees_the_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: it must go wrong, else the test above shows nothing."""
    if database.is_sqlite:
        pytest.skip("one writer at a time: nobody can come between")

    def read(session: WriteSession, row: Placement) -> list[Placement]:
        return list(session.scalars(select(Placement).where(Placement.state == row.state)))

    for module in (agreeing, offers):
        monkeypatch.setattr(module, "lock_inseparable", read)
    assert confirm_both_at_once(database) == [PlacementState.offered] * 2
