"""An import that changes a closure opens what it closes no longer; an old file does not close what was opened since."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.actor import system_actor
from app.bookings.reopening import open_again
from app.ledger.commands import recount
from app.models import Closure, PlacementException, Slot
from app.models.enums import SlotState
from tests.app.workbook.test_round_trip import bring_in
from tests.app.workbook.town import TODAY, make_town, write_town

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

AT = datetime(TODAY.year, TODAY.month, TODAY.day, 2, 0, tzinfo=UTC)
SHUT, LATER = date(2026, 11, 30), date(2026, 12, 7)


def write(path: Path, on: date) -> Path:
    town = make_town()
    town["closures"].append({"code": "X2", "site": "S1", "starts_on": on, "ends_on": on})
    return write_town(path, town)


def list_states(database: Database, on: date) -> set[SlotState]:
    with database.reading() as session:
        assert recount(session) == []
        return set(session.scalars(select(Slot.state).where(Slot.occurs_on == on)))


def list_skipped(database: Database) -> set[date]:
    with database.reading() as session:
        return set(session.scalars(select(PlacementException.on_date)))


def test_closure_moved_to_another_day_opens_the_first(database: Database, tmp_path: Path) -> None:
    bring_in(database, write_town(tmp_path / "town.xlsx", make_town()), at=AT)
    bring_in(database, write(tmp_path / "shut.xlsx", SHUT), at=AT)
    assert list_states(database, SHUT) == {SlotState.closed}
    assert SHUT in list_skipped(database)
    assert bring_in(database, write(tmp_path / "moved.xlsx", LATER), at=AT).faults == []
    assert list_states(database, SHUT) == {SlotState.open}
    assert list_states(database, LATER) == {SlotState.closed}
    assert SHUT not in list_skipped(database)
    assert LATER in list_skipped(database)


def test_file_read_again_does_not_close_what_was_opened_since(database: Database, tmp_path: Path) -> None:
    bring_in(database, write_town(tmp_path / "town.xlsx", make_town()), at=AT)
    path = write(tmp_path / "shut.xlsx", SHUT)
    bring_in(database, path, at=AT)
    assert list_states(database, SHUT) == {SlotState.closed}
    with database.reading() as session:
        closure_id = session.scalars(select(Closure.id).where(Closure.code == "X2")).one()
    database.write(lambda session: open_again(session, system_actor(), closure_id, SHUT, AT))
    assert list_states(database, SHUT) == {SlotState.open}
    assert not bring_in(database, path, at=AT).has_changes
    assert list_states(database, SHUT) == {SlotState.open}
