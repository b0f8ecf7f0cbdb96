"""Rounds: nothing before the window closes, no justified envy after, and the rest of the night around it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.clock import today
from app.models import AuditRow, CareClass, Need, Notice, Placement, Policy, Round
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    EvidenceKind,
    Mode,
    Part,
    Reason,
    RoundState,
    ServiceKind,
    WishPart,
)
from app.planning.commands import roll_back
from app.planning.standby import Standby, merge_standby
from app.priority.rules import draw_number
from app.rounds.commitment import make_seed
from app.rounds.queries import get_list
from app.rounds.verifying import verify
from tests.app.planning.town import TOMORROW, list_live, make_town, night
from tests.factories.needs import make_need, make_preferences
from tests.factories.people import make_child, make_evidence, make_household
from tests.factories.providers import make_class, make_service, make_week
from tests.factories.rounds import SECRET, make_round

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database
    from app.models import Service
    from tests.app.planning.town import Town


def _make_round(session: Session, publishes_on: date, state: RoundState = RoundState.closed) -> Round:
    return make_round(
        session,
        ServiceKind.after_school,
        state,
        opens_on=today() - timedelta(days=30),
        closes_on=publishes_on - timedelta(days=2),
        publishes_on=publishes_on,
        starts_on=today() + timedelta(days=21),
        public_number="12345",
        public_number_source="test",
        public_number_on=publishes_on - timedelta(days=1),
    )


def _make_service(session: Session, places: int) -> Service:
    service = make_service(
        session,
        ServiceKind.after_school,
        calendar_class=CalendarClass.workdays,
        mode=Mode.stable,
        held_back_places=0,
        sends_offers=False,
    )
    make_week(
        session,
        make_class(session, service),
        parts=(Part.wave_1630,),
        capacities={CapacityKind.places: places},
    )
    return service


def _add_child(
    session: Session, town: Town, round_: Round | None, wishes: list[Service], *, poor: bool, **more: Any
) -> int:
    child = make_child(session, make_household(session, town.compound))
    if poor:
        make_evidence(session, child, EvidenceKind.low_income)
    need = make_need(
        session,
        child,
        ServiceKind.after_school,
        [((0, 2), WishPart.wave_1630)],
        starts_on=today(),
        round_id=None if round_ is None else round_.id,
        **more,
    )
    make_preferences(session, need, wishes)
    return need.id


def _draw(session: Session, row: Round) -> None:
    """Draw at once, as the command does after the window has closed."""
    needs = list(session.scalars(select(Need).where(Need.round_id == row.id)))
    for need in needs:
        need.draw_number = draw_number(make_seed(SECRET, str(row.public_number)), need.code)
    row.entries = sorted(need.code for need in needs)
    row.state = RoundState.drawn
    session.flush()


@pytest.mark.parametrize("state", [RoundState.open, RoundState.closed])
def test_round_that_is_not_drawn_waits_even_after_its_day(
    database: Database, tmp_path: Path, state: RoundState
) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW, state)
        _add_child(session, town, round_, [_make_service(session, 5)], poor=False)
    result = night(database, tmp_path)
    assert list_live(database) == []
    assert result.report["waiting_by_reason"] == {Reason.waits_for_round: 1}


def test_drawn_round_waits_for_its_day(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW + timedelta(days=1))
        _add_child(session, town, round_, [_make_service(session, 5)], poor=False)
        _draw(session, round_)
    result = night(database, tmp_path)
    assert list_live(database) == []
    assert result.report["waiting_by_reason"] == {Reason.waits_for_round: 1}


def test_newcomer_of_the_kind_waits_while_a_round_keeps_the_places(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session)
        _make_round(session, TOMORROW + timedelta(days=5), RoundState.open)
        service = _make_service(session, 5)
        open_ended = _add_child(session, town, None, [service], poor=False)
        short = _add_child(session, town, None, [service], poor=False, ends_on=today() + timedelta(days=20))
    result = night(database, tmp_path)
    assert [row[0] for row in list_live(database)] == [short]
    assert open_ended not in {row[0] for row in list_live(database)}
    assert result.report["waiting_by_reason"] == {Reason.waits_for_round: 1}


def test_cancelled_round_keeps_nobody_waiting(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW + timedelta(days=5), RoundState.cancelled)
        child = _add_child(session, town, round_, [_make_service(session, 5)], poor=False)
    night(database, tmp_path)
    assert [row[0] for row in list_live(database)] == [child]


@pytest.mark.parametrize("mode", list(Mode))
def test_drawn_round_is_decided_in_its_mode_and_its_list_is_sound(
    database: Database, tmp_path: Path, mode: Mode
) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW)
        round_.mode = mode
        wished, other = _make_service(session, 1), _make_service(session, 5)
        plain = _add_child(session, town, round_, [wished, other], poor=False)
        poor = _add_child(session, town, round_, [wished, other], poor=True)
        _draw(session, round_)
        wished_id, other_id, round_id, code = wished.id, other.id, round_.id, round_.code
    result = night(database, tmp_path)
    assert result.exit_code == 0
    assert result.report["rounds_published"] == [code]
    problems = {row["name"]: row for row in result.report["problems"]}
    assert problems[f"round:{code}"]["mode"] == mode.value
    if mode is Mode.stable:
        assert problems[f"round:{code}"]["blocking"] == 0
    with database.reading() as session:
        rows = {row.need_id: row for row in session.scalars(select(Placement))}
        classes = {row.id: row.service_id for row in session.scalars(select(CareClass))}
        published = get_list(session, round_id)
        state = session.scalar(select(Round.state).where(Round.id == round_id))
    assert classes[rows[poor].class_id] == wished_id
    assert classes[rows[plain].class_id] == other_id
    assert {row.starts_on for row in rows.values()} == {today() + timedelta(days=21)}
    assert state is RoundState.published
    assert verify(published).findings == []
    assert [row["outcome"] for row in published["rows"]] == ["placed", "placed"]


def test_list_falls_with_its_plan_and_the_next_night_publishes_another(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW)
        _add_child(session, town, round_, [_make_service(session, 5)], poor=True)
        _draw(session, round_)
        round_id, code = round_.id, round_.code
    plan_id = night(database, tmp_path).report["plan_id"]
    database.write(lambda session: roll_back(session, system_actor(), plan_id, "容量有误"))
    with database.reading() as session:
        row = session.get_one(Round, round_id)
        withdrawn = get_list(session, round_id)
        assert row.state is RoundState.drawn
        (noted,) = session.scalars(select(AuditRow).where(AuditRow.act == "round.withdraw"))
        keys = set(session.scalars(select(Notice.key).where(Notice.template.startswith("round_"))))
    assert noted.subject == f"round:{code}"
    assert len(keys) == 2
    assert withdrawn["withdrawn"]["reason"] == "容量有误"
    assert [finding.code for finding in verify(withdrawn).findings] == ["withdrawn"]
    assert night(database, tmp_path).report["rounds_published"] == [code]
    with database.reading() as session:
        again = get_list(session, round_id)
        assert len(session.scalars(select(Notice.id).where(Notice.template.startswith("round_"))).all()) == 3
    assert verify(again).findings == []
    assert [row["draw"] for row in again["rows"]] == [row["draw"] for row in withdrawn["rows"]]


def test_standby_order_of_a_class_is_one_whatever_problems_list_it() -> None:
    rows = [Standby(7, 1, 11), Standby(7, 2, 12), Standby(8, 1, 11), Standby(7, 1, 13), Standby(7, 2, 14)]
    assert merge_standby(rows, 3) == [
        Standby(7, 1, 11),
        Standby(7, 2, 12),
        Standby(7, 3, 13),
        Standby(8, 1, 11),
    ]


def test_policy_changed_after_the_announcement_does_not_change_the_order(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW)
        wished, other = _make_service(session, 1), _make_service(session, 5)
        plain = _add_child(session, town, round_, [wished, other], poor=False)
        poor = _add_child(session, town, round_, [wished, other], poor=True)
        _draw(session, round_)
        session.add(
            Policy(
                key="child_classes", value=[], valid_from=date(2020, 1, 1), source="test: nobody goes first"
            )
        )
        wished_id = wished.id
    night(database, tmp_path)
    with database.reading() as session:
        rows = {row.need_id: row for row in session.scalars(select(Placement))}
        classes = {row.id: row.service_id for row in session.scalars(select(CareClass))}
    assert classes[rows[poor].class_id] == wished_id
    assert classes[rows[plain].class_id] != wished_id
