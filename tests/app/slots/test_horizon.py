"""Dated slots are made once, for eight weeks, on days that run; what placements use is taken from the start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.calendars.reference import load_reference
from app.db import WriteSession
from app.ledger.commands import recount
from app.models import CalendarYear, Closure, PlacementException, Slot, SlotCapacity
from app.models.enums import CalendarClass, CapacityKind, ExceptionKind, Part, PlacementState, YearState
from app.slots.commands import extend_horizon
from tests.factories import needs, people, placements, providers

TODAY = date(2026, 11, 2)  # a Monday; eight weeks end on 27 December
LAST = TODAY + timedelta(days=55)


@pytest.fixture
def calendar(session: WriteSession) -> None:
    load_reference(session)


def list_days(session: WriteSession) -> list[date]:
    return list(session.scalars(select(Slot.occurs_on).order_by(Slot.occurs_on)))


def test_eight_mondays_are_made_and_none_twice(session: WriteSession, calendar: None) -> None:
    providers.make_template(session, providers.make_class(session), weekday=0)
    assert extend_horizon(session, TODAY) == 8
    assert list_days(session) == [TODAY + timedelta(days=7 * i) for i in range(8)]
    assert extend_horizon(session, TODAY) == 0
    assert extend_horizon(session, TODAY + timedelta(days=7)) == 1


def test_slot_has_the_local_time_of_its_template(session: WriteSession, calendar: None) -> None:
    providers.make_template(session, providers.make_class(session), weekday=0, part=Part.morning)
    extend_horizon(session, TODAY, weeks=1)
    slot = session.scalars(select(Slot)).one()
    assert (slot.starts_at.isoformat(), slot.ends_at.isoformat()) == (
        "2026-11-02T00:30:00+00:00",
        "2026-11-02T04:00:00+00:00",
    )


def test_horizon_stops_at_a_year_that_is_not_published(session: WriteSession, calendar: None) -> None:
    service = providers.make_service(session, calendar_class=CalendarClass.every_day)
    providers.make_week(session, providers.make_class(session, service), range(7), [Part.lunch])
    extend_horizon(session, date(2026, 12, 21))
    assert max(list_days(session)) == date(2026, 12, 31)
    session.get_one(CalendarYear, 2027).state = YearState.published
    session.flush()
    assert extend_horizon(session, date(2026, 12, 21)) == 56 - 11
    assert recount(session) == []


def test_swapped_saturday_runs_the_stated_weekday(session: WriteSession, calendar: None) -> None:
    service = providers.make_service(session, calendar_class=CalendarClass.workdays)
    wednesday = providers.make_template(session, providers.make_class(session, service), weekday=2)
    extend_horizon(session, date(2026, 10, 5), weeks=1)
    # Wednesday 7 October is a holiday; Saturday 10 October runs Wednesday's timetable.
    slots = session.scalars(select(Slot)).all()
    assert [(slot.occurs_on, slot.template_id) for slot in slots] == [(date(2026, 10, 10), wednesday.id)]


def test_closed_days_and_ended_templates_make_no_slots(session: WriteSession, calendar: None) -> None:
    care_class = providers.make_class(session)
    template = providers.make_template(session, care_class, weekday=0)
    template.valid_to = date(2026, 11, 30)
    service = providers.make_service(session)
    other = providers.make_template(session, providers.make_class(session, service), weekday=0)
    session.add(
        Closure(
            code="C1",
            site_id=service.site_id,
            starts_on=date(2026, 11, 9),
            ends_on=date(2026, 11, 20),
        )
    )
    session.flush()
    extend_horizon(session, TODAY)
    by_template = {
        template_id: [
            slot.occurs_on for slot in session.scalars(select(Slot)) if slot.template_id == template_id
        ]
        for template_id in (template.id, other.id)
    }
    assert max(by_template[template.id]) == date(2026, 11, 30)
    assert {date(2026, 11, 9), date(2026, 11, 16)}.isdisjoint(by_template[other.id])
    assert date(2026, 11, 23) in by_template[other.id]


def test_taken_starts_at_what_placements_use(session: WriteSession, calendar: None) -> None:
    care_class = providers.make_class(session)
    template = providers.make_template(session, care_class, weekday=0, capacities={CapacityKind.places: 2})
    rows = [
        placements.make_placement(
            session,
            needs.make_need(session, people.make_elder(session)),
            care_class,
            [template],
            state=state,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        for state, starts_on, ends_on in [
            (PlacementState.active, date(2026, 1, 1), None),
            (PlacementState.proposed, date(2026, 11, 16), None),
            (PlacementState.offered, date(2026, 11, 23), date(2026, 11, 30)),
            (PlacementState.ended, date(2026, 1, 1), None),
            (PlacementState.withdrawn, date(2026, 1, 1), None),
        ]
    ]
    session.add(
        PlacementException(placement_id=rows[0].id, on_date=date(2026, 11, 9), kind=ExceptionKind.absent)
    )
    session.add(
        PlacementException(
            placement_id=rows[0].id, on_date=date(2026, 11, 2), kind=ExceptionKind.absent, frees_place=False
        )
    )
    session.flush()
    extend_horizon(session, TODAY, weeks=6)
    taken = session.execute(
        select(SlotCapacity.taken, SlotCapacity.overfull)
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .order_by(Slot.occurs_on)
    ).all()
    # 2 and 9 November, then the proposed one joins, on 23 and 30 November the offered one goes above two places.
    assert [tuple(row) for row in taken] == [(1, 0), (0, 0), (2, 0), (3, 1), (3, 1), (2, 0)]
    assert recount(session) == []


def test_inactive_service_makes_no_slots(session: WriteSession, calendar: None) -> None:
    service = providers.make_service(session, is_active=False)
    providers.make_template(session, providers.make_class(session, service))
    assert extend_horizon(session, TODAY) == 0
    assert session.scalar(select(func.count()).select_from(Slot)) == 0
