"""The household's week: placements on their dated slots without excused dates, and bookings, in one grid."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app.models.enums import ExceptionKind, Part, PlacementState, StaffRole
from app.models.placements import PlacementException
from app.people.week import find_monday, list_week
from tests.factories.needs import make_need
from tests.factories.people import make_elder
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_slot, make_week
from tests.security.targets import make_targets

if TYPE_CHECKING:
    from app.db import WriteSession
    from tests.support.service import Service

MONDAY = date(2026, 11, 30)


def test_placement_shows_on_its_slots_but_not_when_excused(session: WriteSession) -> None:
    person = make_elder(session)
    care_class = make_class(session)
    templates = make_week(session, care_class, [0, 2], [Part.morning])
    make_slot(session, templates[0], MONDAY)
    make_slot(session, templates[1], date(2026, 12, 2))
    make_slot(session, templates[0], date(2026, 12, 7))
    placement = make_placement(
        session, make_need(session, person), care_class, templates, state=PlacementState.active
    )
    assert [cell.occurs_on for cell in list_week(session, person.household_id, date(2026, 12, 4))] == [
        MONDAY,
        date(2026, 12, 2),
    ]
    session.add(PlacementException(placement_id=placement.id, on_date=MONDAY, kind=ExceptionKind.absent))
    session.flush()
    cells = list_week(session, person.household_id, MONDAY)
    assert [(cell.occurs_on, cell.source) for cell in cells] == [(date(2026, 12, 2), "placement")]


def test_proposal_that_nobody_was_told_of_does_not_show(session: WriteSession) -> None:
    person = make_elder(session)
    care_class = make_class(session)
    templates = make_week(session, care_class, [0], [Part.morning])
    make_slot(session, templates[0], MONDAY)
    need = make_need(session, person)
    make_placement(session, need, care_class, templates, state=PlacementState.proposed)
    assert list_week(session, person.household_id, MONDAY) == []


def test_week_begins_on_monday() -> None:
    assert [find_monday(date(2026, 11, 29 + n % 2)) for n in range(2)] == [date(2026, 11, 23), MONDAY]


def test_week_over_http_holds_bookings_too(service: Service) -> None:
    user = service.add_user(StaffRole.adviser)
    here = service.database.write(lambda session: make_targets(session, user.id))
    client = service.as_program(StaffRole.adviser, [here["committee"]])
    week = client.get(f"/api/households/{here['household_id']}/week?on=2026-12-09").json()
    assert week["monday"] == "2026-12-07"
    assert {(cell["source"], cell["source_id"]) for cell in week["cells"]} >= {
        ("booking", here["booking_id"]),
        ("placement", here["placement_id"]),
    }
