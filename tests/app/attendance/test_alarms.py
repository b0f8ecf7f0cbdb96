"""Alarms: raised once with an owner, a step at a time, closed with an outcome; three no-shows are a task."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.attendance.alarm_rules import Due
from app.attendance.alarms import close_alarm, finish_task, note_unreached, raise_alarm
from app.attendance.commands import Tick, note_ticks
from app.attendance.errors import AlarmClosed, AlarmKnown, NotOnRoll, OutcomeNotPossible, RollNotOpen
from app.attendance.reporting import report
from app.attendance.sweep import find_due, sweep_day
from app.calendars.reference import load_reference
from app.models import Alarm, AlarmStep, Notice, Placement, StaffArea, StaffSite, Task
from app.models.enums import (
    AlarmKind,
    AlarmOutcome,
    AlarmState,
    Part,
    PlacementState,
    RollMark,
    ServiceKind,
    StaffRole,
    WishPart,
)
from tests.app.attendance.day_town import DAY, DayTown, at, make_day_town, make_staff
from tests.factories import needs, people, placements, providers

if TYPE_CHECKING:
    from app.db import Database, WriteSession

ME = system_actor()
S = AlarmState


@pytest.fixture
def town(session: WriteSession) -> DayTown:
    return make_day_town(session)


def begin_roll(session: WriteSession, town: DayTown) -> None:
    """Tick one child, so that the roll of the class has begun."""
    note_ticks(
        session, ME, [Tick("tick-begin", town.slot_id, town.ben_id, RollMark.present, at(15, 31))], at(15, 31)
    )


def missing(town: DayTown, who: str = "anna_id") -> Due:
    return Due(town.slot_id, getattr(town, who), town.site_id, AlarmKind.missing)


def raised(session: WriteSession, town: DayTown) -> Alarm:
    row = raise_alarm(session, missing(town), at(16))
    assert row is not None
    return row


def test_the_sweep_raises_each_alarm_once(database: Database) -> None:
    town = database.write(make_day_town)
    database.write(lambda session: begin_roll(session, town))
    assert sweep_day(database, at(15, 34)).alarms == 0
    assert sweep_day(database, at(15, 35)).alarms == 1
    assert sweep_day(database, at(15, 36)).alarms == 0
    assert sweep_day(database, at(16)).alarms == 1
    assert sweep_day(database, at(16, 1)).alarms == 0
    with database.reading() as session:
        kinds = {row.person_id: row.kind for row in session.scalars(select(Alarm))}
    assert kinds == {town.cora_id: AlarmKind.gate, town.anna_id: AlarmKind.missing}


def test_a_roll_not_begun_is_one_alarm_that_the_first_tick_closes(
    session: WriteSession, town: DayTown
) -> None:
    (due,) = find_due(session, at(16))
    row = raise_alarm(session, due, at(16))
    assert row is not None
    assert (row.kind, row.person_id) == (AlarmKind.roll, None)
    assert find_due(session, at(16, 5)) == []
    begin_roll(session, town)
    session.refresh(row)
    assert (row.state, row.outcome) == (S.closed, AlarmOutcome.arrived)


def test_it_belongs_to_the_sites_coordinator_then_to_the_manager(
    session: WriteSession, town: DayTown
) -> None:
    make_staff(session, StaffRole.coordinator, "of nowhere")
    mine = make_staff(session, StaffRole.coordinator, "of the site")
    manager = make_staff(session, StaffRole.manager, "of the area")
    area_id = session.scalars(select(Alarm.id)).first()
    assert area_id is None
    session.add(StaffSite(user_id=mine.id, site_id=town.site_id))
    session.add(StaffArea(user_id=manager.id, area_id=_find_area(session, town.committee)))
    session.flush()
    row = raised(session, town)
    assert row.owner_id == mine.id
    for _ in range(2):
        assert note_unreached(session, ME, row.id, "", at(16, 5)).owner_id == mine.id
    assert note_unreached(session, ME, row.id, "", at(16, 6)).owner_id == manager.id


def _find_area(session: WriteSession, code: str) -> int:
    from app.accounts.queries import find_area_ids

    return next(iter(find_area_ids(session, [code])))


def test_each_step_is_kept_and_leads_to_the_next(session: WriteSession, town: DayTown) -> None:
    row = raised(session, town)
    assert (row.state, row.due_at) == (S.call, at(16, 10))
    for after in (S.contact, S.committee, S.manager, S.manager):
        assert note_unreached(session, ME, row.id, "无人接听", at(16, 10)).state is after
    steps = session.scalars(select(AlarmStep).order_by(AlarmStep.id)).all()
    assert [step.state for step in steps] == [S.call, S.contact, S.committee, S.manager]
    assert steps[0].note == "无人接听"
    assert row.due_at == at(16, 10) + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("kind", "part", "raised_as"),
    [
        (ServiceKind.canteen, Part.lunch, AlarmKind.unanswered),
        (ServiceKind.home_visit, Part.morning, AlarmKind.unanswered),
        (ServiceKind.day_care, Part.morning, AlarmKind.missing),
    ],
)
def test_who_does_not_answer_is_reported_by_whoever_stands_there(
    session: WriteSession, kind: ServiceKind, part: Part, raised_as: AlarmKind
) -> None:
    load_reference(session)
    service = providers.make_service(session, kind)
    care_class = providers.make_class(session, service)
    cell = providers.make_template(session, care_class, DAY.weekday(), part)
    slot = providers.make_slot(session, cell, DAY, taken=1)
    person = people.make_elder(session, people.make_household(session), grade=3)
    need = needs.make_need(session, person, kind, [((DAY.weekday(),), WishPart(part.value))])
    placements.make_placement(session, need, care_class, [cell], state=PlacementState.active)
    row = report(session, ME, slot.id, person.id, at(11))
    assert (row.kind, row.state, row.person_id) == (raised_as, S.call, person.id)
    with pytest.raises(AlarmKnown):
        report(session, ME, slot.id, person.id, at(12))
    with pytest.raises(NotOnRoll):
        report(session, ME, slot.id, people.make_elder(session).id, at(11))
    with pytest.raises(RollNotOpen):
        report(session, ME, slot.id, person.id, at(11, on=DAY + timedelta(days=1)))
    close_alarm(session, ME, row.id, AlarmOutcome.with_family, "", at(12))


def test_a_step_that_lapses_leads_to_the_next_by_itself(database: Database) -> None:
    town = database.write(make_day_town)

    def staff(session: WriteSession) -> tuple[int, int]:
        mine = make_staff(session, StaffRole.coordinator, "of the site")
        manager = make_staff(session, StaffRole.manager, "of the area")
        session.add(StaffSite(user_id=mine.id, site_id=town.site_id))
        session.add(StaffArea(user_id=manager.id, area_id=_find_area(session, town.committee)))
        return mine.id, manager.id

    mine, manager = database.write(staff)
    alarm_id = database.write(lambda session: raised(session, town).id)
    seen = []
    for hour, minute in ((16, 9), (16, 10), (16, 11), (16, 25), (16, 55), (18, 0)):
        sweep_day(database, at(hour, minute))
        with database.reading() as session:
            row = session.get_one(Alarm, alarm_id)
            seen.append((row.state, row.owner_id))
    assert seen == [
        (S.call, mine),
        (S.contact, mine),
        (S.contact, mine),
        (S.committee, mine),
        (S.manager, manager),
        (S.manager, manager),
    ]
    with database.reading() as session:
        row = session.get_one(Alarm, alarm_id)
        assert (row.outcome, row.due_at) == (None, at(17, 25))
        steps = session.scalars(
            select(AlarmStep).where(AlarmStep.alarm_id == alarm_id).order_by(AlarmStep.id)
        )
        assert [(step.state, step.noted_by_id) for step in steps] == [
            (S.call, None),
            (S.contact, None),
            (S.committee, None),
        ]
        told = session.execute(
            select(Notice.user_id, Notice.key)
            .where(Notice.template == "alarm_raised", Notice.key.startswith(f"alarm_raised:{alarm_id}:"))
            .order_by(Notice.id)
        )
        assert [(user_id, key.split(":")[2]) for user_id, key in told] == [
            (mine, "call"),
            (mine, "contact"),
            (mine, "committee"),
            (manager, "manager"),
        ]


@pytest.mark.parametrize("steps", range(4))
def test_it_closes_from_every_step_and_then_stays_closed(
    session: WriteSession, town: DayTown, steps: int
) -> None:
    row = raised(session, town)
    for _ in range(steps):
        note_unreached(session, ME, row.id, "", at(16, 5))
    close_alarm(session, ME, row.id, AlarmOutcome.with_family, "在外婆家", at(16, 20))
    assert (row.state, row.outcome, row.note) == (S.closed, AlarmOutcome.with_family, "在外婆家")
    with pytest.raises(AlarmClosed):
        note_unreached(session, ME, row.id, "", at(16, 21))
    with pytest.raises(AlarmClosed):
        close_alarm(session, ME, row.id, AlarmOutcome.arrived, "", at(16, 21))
    assert raise_alarm(session, missing(town), at(16, 30)) is None


def test_a_child_nobody_fetched_is_no_no_show(session: WriteSession, town: DayTown) -> None:
    row = raise_alarm(session, Due(town.slot_id, town.anna_id, town.site_id, AlarmKind.unclaimed), at(16, 45))
    assert row is not None
    with pytest.raises(OutcomeNotPossible):
        close_alarm(session, ME, row.id, AlarmOutcome.no_show, "", at(16, 50))


def test_a_tick_that_says_there_closes_it_as_arrived(session: WriteSession, town: DayTown) -> None:
    row = raised(session, town)
    ticks = [Tick("tick-late", town.slot_id, town.anna_id, RollMark.present, at(16, 5))]
    note_ticks(session, ME, ticks, at(16, 6))
    session.refresh(row)
    assert (row.state, row.outcome) == (S.closed, AlarmOutcome.arrived)


def test_three_no_shows_are_one_task_and_remove_nobody(session: WriteSession) -> None:
    first = make_day_town(session)
    person_id, placement_id = first.anna_id, first.placement_ids["安安"]
    for week in range(3):
        town = make_day_town(session, date(2026, 11, 25) + timedelta(days=week))
        row = raise_alarm(session, Due(town.slot_id, person_id, town.site_id, AlarmKind.missing), at(16))
        assert row is not None
        assert session.scalars(select(Task)).all() == []
        close_alarm(session, ME, row.id, AlarmOutcome.no_show, "", at(17))
    task = session.scalars(select(Task)).one()
    assert (task.person_id, task.data) == (person_id, {"no_shows": 3})
    assert session.get_one(Placement, placement_id).state is PlacementState.active
    finish_task(session, ME, task.id, at(18))
    assert task.done_at == at(18)
