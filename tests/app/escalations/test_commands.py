"""Unmet needs rise by age, once, with an owner and a date; they end with an outcome, or because they are unmet no more."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.calendars.reference import load_reference
from app.clock import today
from app.escalations.commands import Raised, assign, close, raise_due
from app.escalations.errors import AlreadyClosed, NoSuchOwner, OutcomeRequired
from app.models import Area, AuditRow, Escalation, Need, Notice, StaffArea, StaffUser
from app.models.enums import AreaKind, EscalationLevel, NeedState, StaffRole
from tests.factories import areas, needs, people

if TYPE_CHECKING:
    from app.db import Database, WriteSession
    from tests.support.service import Service

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


def make_need(session: WriteSession, days: int, compound=None) -> Need:
    household = people.make_household(session, compound or areas.make_compound(session))
    return needs.make_need(
        session, people.make_elder(session, household), entered_on=MONDAY - timedelta(days=days)
    )


def make_owner(session: WriteSession, kind: AreaKind, role: StaffRole = StaffRole.manager) -> StaffUser:
    area = session.scalars(select(Area).where(Area.kind == kind).order_by(Area.id.desc()).limit(1)).one()
    user = StaffUser(
        name=f"{role.value}-{kind.value}",
        display_name="责任人",
        role=role,
        password_hash="-",
        created_at=NOW,
        areas=[StaffArea(area_id=area.id)],
    )
    session.add(user)
    session.flush()
    return user


def rows(session: WriteSession) -> list[tuple[int, str, bool, str]]:
    session.expire_all()
    found = session.scalars(select(Escalation).order_by(Escalation.need_id, Escalation.id))
    return [(row.need_id, row.level.value, row.closed_at is None, row.outcome) for row in found]


@pytest.mark.parametrize(
    ("days", "level"), [(14, None), (15, "block"), (30, "block"), (31, "subdistrict"), (400, "subdistrict")]
)
def test_need_is_raised_to_the_list_of_its_age(session: WriteSession, days: int, level: str | None) -> None:
    load_reference(session)
    need = make_need(session, days)
    raise_due(session, NOW)
    assert rows(session) == ([] if level is None else [(need.id, level, True, "")])


def test_raised_need_has_an_owner_a_due_date_and_tells_the_owner_once_a_day(session: WriteSession) -> None:
    load_reference(session)
    compound = areas.make_compound(session, areas.make_committee(session, own_block=True))
    for _ in range(3):
        make_need(session, 20, compound)
    owner = make_owner(session, AreaKind.block)
    assert raise_due(session, NOW) == Raised(block=3)
    assert raise_due(session, NOW) == Raised()
    found = session.scalars(select(Escalation)).all()
    assert {(row.owner_id, row.due_on) for row in found} == {(owner.id, date(2026, 11, 30))}
    (notice,) = session.scalars(select(Notice))
    assert (notice.user_id, notice.data["count"]) == (owner.id, 3)
    assert len(session.scalars(select(AuditRow).where(AuditRow.act == "escalation.raise")).all()) == 1


def test_need_that_grows_older_leaves_the_blocks_list_for_the_subdistricts(session: WriteSession) -> None:
    load_reference(session)
    need = make_need(session, 20)
    raise_due(session, NOW)
    raise_due(session, NOW + timedelta(days=11))
    assert rows(session) == [(need.id, "block", False, "risen"), (need.id, "subdistrict", True, "")]


@pytest.mark.parametrize("state", [NeedState.withdrawn, NeedState.placed])
def test_need_that_is_unmet_no_more_settles_by_itself(session: WriteSession, state: NeedState) -> None:
    load_reference(session)
    need = make_need(session, 20)
    raise_due(session, NOW)
    need.state = state
    session.flush()
    assert raise_due(session, NOW).settled == 1
    assert rows(session) == [(need.id, "block", False, "settled")]


def test_closing_needs_an_outcome_and_happens_once(session: WriteSession) -> None:
    load_reference(session)
    need = make_need(session, 20)
    raise_due(session, NOW)
    (row,) = session.scalars(select(Escalation))
    for wrong in ("", "done", "settled"):
        with pytest.raises(OutcomeRequired):
            close(session, system_actor(), row.id, wrong, "", NOW)
    close(session, system_actor(), row.id, "other_help", " 已加餐 ", NOW)
    assert rows(session) == [(need.id, "block", False, "other_help: 已加餐")]
    with pytest.raises(AlreadyClosed):
        close(session, system_actor(), row.id, "place_found", "", NOW)
    with pytest.raises(AlreadyClosed):
        assign(session, system_actor(), row.id, make_owner(session, AreaKind.subdistrict).id)
    raise_due(session, NOW)  # it is not raised to the same list again
    assert len(rows(session)) == 1


def test_only_who_may_answer_for_it_takes_it_over(session: WriteSession) -> None:
    load_reference(session)
    make_need(session, 20)
    raise_due(session, NOW)
    (row,) = session.scalars(select(Escalation))
    owner = make_owner(session, AreaKind.subdistrict, StaffRole.coordinator)
    assert assign(session, system_actor(), row.id, owner.id).owner_id == owner.id
    with pytest.raises(NoSuchOwner):
        assign(session, system_actor(), row.id, make_owner(session, AreaKind.block, StaffRole.auditor).id)


def test_two_workers_at_once_raise_each_need_once(database: Database) -> None:
    def work(session: WriteSession) -> None:
        load_reference(session)
        for _ in range(20):
            make_need(session, 20)

    database.write(work)
    start = threading.Barrier(3)

    def raise_() -> None:
        start.wait()
        database.write(lambda session: raise_due(session, NOW))

    threads = [threading.Thread(target=raise_) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert len(session.scalars(select(Escalation.id)).all()) == 20


def test_owner_closes_it_on_the_page_with_an_outcome_only(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, int]:
        load_reference(session)
        compound = areas.make_compound(session, areas.make_committee(session, own_block=True))
        household = people.make_household(session, compound)
        needs.make_need(
            session, people.make_elder(session, household), entered_on=today() - timedelta(days=20)
        )
        raise_due(session, NOW.combine(today(), NOW.timetz()))
        (row,) = session.scalars(select(Escalation))
        assert row.level is EscalationLevel.block
        return session.scalars(select(Area.code).where(Area.kind == AreaKind.subdistrict)).one(), row.id

    root, id_ = service.database.write(work)
    manager = service.sign_in(service.add_user(StaffRole.manager, [root]).name)
    manager.headers.update(HTML)
    assert "处理结果" in manager.get("/unmet?level=block").text
    refused = manager.post(f"/unmet/{id_}/close", data={"outcome": ""})
    assert refused.status_code == 200
    assert "请选择处理结果" in refused.text
    done = manager.post(f"/unmet/{id_}/close", data={"outcome": "to_the_meeting", "note": "十二月"})
    assert "已提交需求对接会" in done.text
    assert "十二月" in done.text
    assert "已提交需求对接会" in manager.get("/unmet?level=block").text
