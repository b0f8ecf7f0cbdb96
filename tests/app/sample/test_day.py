"""The sample gives a coordinator something to look at: a roll to tick, one that is over, an alarm, staff, a waitlist."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.attendance.children import load_children
from app.attendance.queries import list_roll_services, list_stays, load_marks, load_staffing
from app.ledger.commands import recount
from app.models import Alarm, PlacementException, SchoolTerm, Task, WaitlistEntry
from app.models.enums import AlarmOutcome, AlarmState, RollMark, SchoolPeriod
from tests.app.sample.conftest import TODAY

if TYPE_CHECKING:
    from app.db import Database


def test_todays_roll_has_children_flags_pickups_and_adults(small_town: Database) -> None:
    with small_town.reading() as session:
        services = [row.id for row in list_roll_services(session)]
        stays = list_stays(session, services, TODAY)
        children = load_children(session, {stay.person_id for stay in stays}, TODAY).values()
        assert len(stays) > 10
        assert load_marks(session, {stay.slot_id for stay in stays}) == {}
        assert sum(bool(child.pickups) for child in children) > len(stays) / 2
        staffing = load_staffing(session, services, TODAY)
        assert all((stay.service_id, part) in staffing for stay in stays for part in stay.parts)


def test_the_last_school_day_is_ticked_and_one_alarm_is_open(small_town: Database) -> None:
    with small_town.reading() as session:
        term = select(SchoolTerm.id).where(
            SchoolTerm.kind == SchoolPeriod.term, SchoolTerm.starts_on < TODAY, SchoolTerm.ends_on > TODAY
        )
        assert session.scalar(term) is not None, "the sample's day lies in term"
        services = [row.id for row in list_roll_services(session)]
        days = (TODAY - timedelta(days=i) for i in range(1, 8))
        stays = next(found for on in days if (found := list_stays(session, services, on)))
        marks = load_marks(session, {stay.slot_id for stay in stays})
        assert {RollMark.handed_over} <= {marked.mark for marked in marks.values()}
        states = session.scalars(select(Alarm.state).order_by(Alarm.id)).all()
        assert states.count(AlarmState.committee) == 1
        no_shows = select(func.count(Alarm.id)).where(Alarm.outcome == AlarmOutcome.no_show)
        assert session.scalar(no_shows) == 3
        assert session.scalars(select(Task.data)).one() == {"no_shows": 3}


def test_absences_and_waits_are_there_and_the_ledger_adds_up(small_town: Database) -> None:
    with small_town.reading() as session:
        assert session.scalar(select(func.count(PlacementException.id)))
        assert session.scalar(select(func.count(WaitlistEntry.id)))
        assert recount(session) == []
