"""The pages of rounds: who acts, what a refusal says, what is downloaded, and that the trial draw tells nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import today
from app.models import AuditRow, Notice, Round
from app.models.enums import RoundState, ServiceKind, StaffRole, WishPart
from app.rounds.queries import get_commitment
from tests.app.web.manager_town import make_town
from tests.app.web.test_manager import browse
from tests.factories.areas import make_compound
from tests.factories.needs import make_need
from tests.factories.people import make_child, make_household
from tests.factories.rounds import make_round

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


def set_up(
    service: Service, state: RoundState | None = None, needs: int = 0, **columns: object
) -> tuple[TestClient, int]:
    """Return the district's manager and the id of a round in a state, with so many children in it."""

    def work(session: WriteSession) -> tuple[str, int]:
        town = make_town(session)
        if state is None:
            return town.root, 0
        row = make_round(session, state=state, **columns)
        for _ in range(needs):
            child = make_child(session, make_household(session, make_compound(session)))
            make_need(session, child, ServiceKind.holiday_class, [((0,), WishPart.full_day)], round_id=row.id)
        return town.root, row.id

    root, round_id = service.database.write(work)
    return browse(service, StaffRole.manager, [root]), round_id


def read_state(service: Service, round_id: int) -> RoundState | None:
    with service.database.reading() as session:
        return session.scalar(select(Round.state).where(Round.id == round_id))


def form(**changes: str) -> dict[str, str]:
    on = today()
    given = {
        "code": "W-1",
        "name": "寒托班",
        "kind": "holiday_class",
        "mode": "stable",
        "opens_on": (on + timedelta(days=1)).isoformat(),
        "closes_on": (on + timedelta(days=9)).isoformat(),
        "publishes_on": (on + timedelta(days=12)).isoformat(),
        "starts_on": (on + timedelta(days=30)).isoformat(),
        "policy_version": "1",
    }
    return given | changes


def test_manager_makes_a_round_and_announces_it(service: Service) -> None:
    manager, _ = set_up(service)
    answer = manager.post("/rounds", data=form())
    assert answer.status_code == 200
    assert "密钥已密封" in answer.text
    with service.database.reading() as session:
        row = session.scalars(select(Round).where(Round.code == "W-1")).one()
    page = manager.get(f"/rounds/{row.id}").text
    assert "尚未公布承诺" in page
    assert row.secret_hash not in page
    announced = manager.post(f"/rounds/{row.id}/announce").text
    assert row.secret_hash in announced
    assert manager.get(f"/rounds/{row.id}/commitment.json").json()["secret_sha256"] == row.secret_hash


def test_refused_form_keeps_what_was_filled_in(service: Service) -> None:
    manager, _ = set_up(service)
    answer = manager.post("/rounds", data=form(closes_on="2020-01-01", name="我的寒托班"))
    assert answer.status_code == 422
    assert "日期顺序应为" in answer.text
    assert "我的寒托班" in answer.text
    assert manager.post("/rounds", data=form(kind="nothing")).status_code == 422


def test_number_is_entered_once_and_a_second_one_is_refused_in_words(service: Service) -> None:
    manager, round_id = set_up(service, RoundState.closed, closes_on=today() - timedelta(days=2))
    number = {"number": "0317254", "source": "彩票", "arose_on": today().isoformat()}
    early = manager.post(f"/rounds/{round_id}/draw", data=number | {"arose_on": "2020-01-01"})
    assert early.status_code == 409
    assert "须在报名截止" in early.text
    drawn = manager.post(f"/rounds/{round_id}/draw", data=number)
    assert (drawn.status_code, "0317254" in drawn.text) == (200, True)
    again = manager.post(f"/rounds/{round_id}/draw", data=number | {"number": "1"})
    assert again.status_code == 409
    assert "0317254" in again.text
    assert read_state(service, round_id) is RoundState.drawn


def test_trial_draw_shows_everybody_by_code_and_tells_nobody(service: Service) -> None:
    manager, round_id = set_up(service, RoundState.open, needs=3)
    with service.database.reading() as session:
        before = len(session.scalars(select(AuditRow)).all())
    page = manager.get(f"/rounds/{round_id}").text
    assert "不作数" in page
    assert page.count("F-need-") == 3
    with service.database.reading() as session:
        assert len(session.scalars(select(AuditRow)).all()) == before
        assert session.scalars(select(Notice)).all() == []


def test_publishing_day_without_a_number_is_said_on_the_page(service: Service) -> None:
    on = today()
    manager, round_id = set_up(
        service, RoundState.closed, closes_on=on - timedelta(days=2), publishes_on=on, opens_on=on - timedelta(days=9)
    )  # fmt: skip
    assert "尚未录入公开数" in manager.get(f"/rounds/{round_id}").text


def test_others_read_but_find_no_button(service: Service) -> None:
    _, round_id = set_up(service, RoundState.closed, closes_on=today() - timedelta(days=2))
    coordinator = browse(service, StaffRole.coordinator, [])
    page = coordinator.get(f"/rounds/{round_id}").text
    assert "密钥摘要" in page
    assert "立即抽签" not in page
    assert "试抽" not in page
    assert coordinator.post(f"/rounds/{round_id}/cancel", data={"reason": "x"}).status_code == 403


def test_cancelling_frees_the_needs(service: Service) -> None:
    manager, round_id = set_up(service, RoundState.open, needs=1)
    answer = manager.post(f"/rounds/{round_id}/cancel", data={"reason": "没有场地"})
    assert "转为日常轮候" in answer.text
    assert read_state(service, round_id) is RoundState.cancelled


def test_english_reader_gets_english(service: Service) -> None:
    manager, round_id = set_up(service, RoundState.open)
    with service.database.reading() as session:
        fingerprint = get_commitment(session.get_one(Round, round_id))["secret_sha256"]
    page = manager.get(f"/rounds/{round_id}", headers={"accept-language": "en"}).text
    assert "Trial draw" in page
    assert fingerprint in page


def test_desk_says_beforehand_that_a_need_waits_for_its_round(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, int, str]:
        town = make_town(session)
        row = make_round(session)
        child = make_child(session, make_household(session, town.compound))
        need = make_need(
            session, child, ServiceKind.holiday_class, [((0,), WishPart.full_day)], round_id=row.id
        )
        return town.root, need.id, row.code

    root, need_id, code = service.database.write(work)
    page = browse(service, StaffRole.adviser, [root]).get(f"/desk/needs/{need_id}")
    assert page.status_code == 200
    assert f"由轮次 {code} 统一分配" in page.text
