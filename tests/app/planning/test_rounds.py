"""Rounds: nothing before the window closes, no justified envy after, and the rest of the night around it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today
from app.models import CareClass, Need, Placement, Round
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    EvidenceKind,
    Mode,
    Part,
    Reason,
    ServiceKind,
    WishPart,
)
from tests.app.planning.town import TOMORROW, list_live, make_town, night
from tests.factories.needs import make_need, make_preferences
from tests.factories.people import make_child, make_evidence, make_household
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database
    from app.models import Service
    from tests.app.planning.town import Town


def _make_round(session: Session, publishes_on: date) -> Round:
    row = Round(
        code="R-1",
        kind=ServiceKind.after_school,
        name_zh="测试轮次",
        opens_on=today() - timedelta(days=30),
        closes_on=publishes_on - timedelta(days=1),
        publishes_on=publishes_on,
        starts_on=today() + timedelta(days=21),
        mode=Mode.stable,
        policy_version="1",
        secret_hash="0" * 64,
        policy_hash="0" * 64,
        secret="s" * 64,
        public_number="12345",
    )
    session.add(row)
    session.flush()
    return row


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


def _add_child(session: Session, town: Town, round_: Round, wishes: list[Service], *, poor: bool) -> int:
    child = make_child(session, make_household(session, town.compound))
    if poor:
        make_evidence(session, child, EvidenceKind.low_income)
    need = make_need(
        session,
        child,
        ServiceKind.after_school,
        [((0, 2), WishPart.wave_1630)],
        starts_on=today(),
        round_id=round_.id,
    )
    make_preferences(session, need, wishes)
    return need.id


def test_open_round_is_not_decided(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW + timedelta(days=5))
        _add_child(session, town, round_, [_make_service(session, 5)], poor=False)
    result = night(database, tmp_path)
    assert list_live(database) == []
    assert result.report["waiting_by_reason"] == {Reason.waits_for_round: 1}


def test_closed_round_gives_first_wishes_by_class_without_envy(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session)
        round_ = _make_round(session, TOMORROW)
        wished, other = _make_service(session, 1), _make_service(session, 5)
        plain = _add_child(session, town, round_, [wished, other], poor=False)
        poor = _add_child(session, town, round_, [wished, other], poor=True)
        wished_id, other_id = wished.id, other.id
    result = night(database, tmp_path)
    assert result.exit_code == 0
    problems = {row["name"]: row for row in result.report["problems"]}
    assert (problems["round:R-1"]["mode"], problems["round:R-1"]["blocking"]) == ("stable", 0)
    with database.reading() as session:
        rows = {row.need_id: row for row in session.scalars(select(Placement))}
        classes = {row.id: row.service_id for row in session.scalars(select(CareClass))}
        draws = session.scalars(select(Need.draw_number)).all()
    assert classes[rows[poor].class_id] == wished_id
    assert classes[rows[plain].class_id] == other_id
    assert {row.starts_on for row in rows.values()} == {today() + timedelta(days=21)}
    assert len(set(draws)) == 2
