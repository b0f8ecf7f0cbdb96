"""Finding a person and what their card shows, opens and asks: sensitive fields, consents, who sees whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import today
from app.models import Consent, ReadLogRow
from app.models.enums import ConsentPurpose, StaffRole
from tests.app.web.adviser.desk import find_keys, find_stamp, hold, sign_in
from tests.app.web.adviser.town import PHONE, Town

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service


@pytest.mark.parametrize("text", ["王桂", "wgy", "wanggui", PHONE[-4:], f"wgy {PHONE[-4:]}"])
def test_a_person_is_found_by_name_pinyin_initials_and_digits(
    adviser: TestClient, town: Town, text: str
) -> None:
    found = adviser.post("/desk/search", data={"text": text}).text
    assert f'href="/desk/people/{town.elder_id}"' in found
    assert "找到 1 人" in found


def test_nobody_fits_is_said_with_what_to_do(adviser: TestClient) -> None:
    assert "没有找到" in adviser.post("/desk/search", data={"text": "zzz"}).text
    assert "没有找到" not in adviser.post("/desk/search", data={"text": " "}).text


def test_the_card_shows_standing_and_hides_what_is_sensitive(adviser: TestClient, town: Town) -> None:
    text = adviser.get(f"/desk/people/{town.elder_id}").text
    assert "照护 2 级" in text
    assert "优先 2 级" in text
    assert "没有电梯" in text
    assert f"*******{PHONE[-4:]}" in text
    assert PHONE not in text


def test_a_hidden_field_opens_for_a_reason_that_is_kept(
    adviser: TestClient, service: Service, town: Town
) -> None:
    asked = f"/desk/people/{town.elder_id}/unmask"
    for blank in ("", "   ", " 看 ", "\u202e\u202e"):
        assert adviser.post(asked, data={"field": "phone", "reason": blank}).status_code == 422
    shown = adviser.post(asked, data={"field": "phone", "reason": "  通知就餐 "})
    assert PHONE in shown.text
    with service.database.reading() as session:
        kept = session.scalars(select(ReadLogRow).where(ReadLogRow.fields == "phone")).one()
        assert (kept.person_id, kept.reason) == (town.elder_id, "通知就餐")


def test_the_card_changes_when_somebody_else_books(adviser: TestClient, town: Town) -> None:
    seen = adviser.get(f"/desk/people/{town.elder_id}").text
    live = f"/desk/people/{town.elder_id}/live?stamp={find_stamp(seen)}"
    assert adviser.get(live).status_code == 204
    hold(adviser, town.dated_id, find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0])
    adviser.post(f"/desk/needs/{town.dated_id}/confirm")
    assert town.near in adviser.get(live).text


def test_a_consent_is_noted_at_the_desk_and_opens_the_way(
    adviser: TestClient, service: Service, town: Town
) -> None:
    def take_back(session) -> None:
        for row in session.scalars(select(Consent).where(Consent.person_id == town.elder_id)):
            row.withdrawn_on = today()

    service.database.write(take_back)
    need = f"/desk/needs/{town.dated_id}"
    assert "本人尚未同意参加匹配" in adviser.get(need).text
    card = adviser.get(f"/desk/people/{town.elder_id}").text
    assert "登记同意" in card
    assert card.index('value="matching"') < card.index('value="photos"')
    data = {"given_by_id": str(town.elder_id), "channel": "desk"}
    assert adviser.post(f"/desk/people/{town.elder_id}/consents", data=data).status_code == 201
    assert "本人尚未同意参加匹配" not in adviser.get(need).text
    assert 'value="matching"' not in adviser.get(f"/desk/people/{town.elder_id}").text


def test_each_consent_is_noted_and_withdrawn_on_the_card(
    adviser: TestClient, service: Service, town: Town
) -> None:
    def find(purpose: ConsentPurpose) -> list[tuple[int, bool]]:
        with service.database.reading() as session:
            rows = session.scalars(
                select(Consent)
                .where(Consent.person_id == town.elder_id, Consent.purpose == purpose)
                .order_by(Consent.id)
            )
            return [(row.id, row.withdrawn_on is None) for row in rows]

    address = f"/desk/people/{town.elder_id}/consents"
    for purpose in (ConsentPurpose.health_data, ConsentPurpose.sharing_with_site, ConsentPurpose.photos):
        for known, is_in_force in find(purpose):
            if is_in_force:
                assert adviser.post(f"{address}/{known}/withdraw").status_code == 200
        assert not any(is_in_force for _, is_in_force in find(purpose))
        assert f'value="{purpose.value}"' in adviser.get(f"/desk/people/{town.elder_id}").text
        data = {"given_by_id": str(town.elder_id), "channel": "desk", "purpose": purpose.value}
        assert adviser.post(address, data=data).status_code == 201
        assert find(purpose)[-1][1]
        assert f'value="{purpose.value}"' not in adviser.get(f"/desk/people/{town.elder_id}").text


def test_people_of_another_area_are_not_there(service: Service, town: Town) -> None:
    stranger = sign_in(service, "gao", town.elsewhere)
    assert "找到" not in stranger.post("/desk/search", data={"text": "wgy"}).text.replace("没有找到", "")
    for address in (
        f"/desk/people/{town.elder_id}",
        f"/desk/people/{town.elder_id}/live",
        f"/desk/people/{town.elder_id}/week",
        f"/desk/people/{town.elder_id}/plan.pdf",
        f"/desk/people/{town.elder_id}/calendar.ics",
        f"/desk/people/{town.elder_id}/needs/new",
        f"/desk/people/{town.elder_id}/map",
        f"/desk/people/{town.elder_id}/map.json",
        f"/desk/needs/{town.dated_id}",
        f"/desk/needs/{town.dated_id}/live",
        f"/desk/needs/{town.dated_id}/notice.pdf",
    ):
        assert stranger.get(address).status_code == 404, address
    for address, data in (
        (f"/desk/needs/{town.dated_id}/hold", {"key": "1.0.lunch.2026-12-01"}),
        (f"/desk/needs/{town.dated_id}/confirm", {}),
        (f"/desk/needs/{town.weekly_id}/wait", {"service_id": str(town.day_service_id)}),
        (f"/desk/people/{town.elder_id}/consultations", {"asked": "x"}),
        (f"/desk/people/{town.elder_id}/consents", {"given_by_id": "1", "channel": "desk"}),
        (f"/desk/people/{town.elder_id}/consents/1/withdraw", {}),
        (f"/desk/people/{town.elder_id}/unmask", {"field": "phone", "reason": "xx"}),
    ):
        assert stranger.post(address, data=data).status_code == 404, address


def test_only_the_desk_comes_to_the_desk(service: Service, town: Town) -> None:
    clerk = sign_in(service, "zhou", town.committee, StaffRole.auditor)
    assert clerk.get("/desk").status_code == 403
    assert clerk.get(f"/desk/needs/{town.dated_id}").status_code == 403
