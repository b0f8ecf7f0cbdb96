"""The card: who sees it, what of it is masked, what a reason opens, and that every look is noted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import today
from app.models import CareClass, Consent, Need, ReadLogRow, SlotTemplate
from app.models.enums import ConsentPurpose, PlacementState, StaffRole
from tests.app.web.coordinator_town import sign_in
from tests.factories.placements import make_placement
from tests.factories.towns import SECRETS, Half, make_half

if TYPE_CHECKING:
    from app.db import WriteSession
    from tests.support.service import Service

READERS = (StaffRole.adviser, StaffRole.coordinator, StaffRole.manager, StaffRole.auditor)


@pytest.fixture
def halves(service: Service) -> tuple[Half, Half]:
    return service.database.write(lambda session: (make_half(session, with_secrets=True), make_half(session)))


def place(service: Service, half: Half, state: PlacementState) -> None:
    def work(session: WriteSession) -> None:
        need, care_class = session.get_one(Need, half.need_id), session.get_one(CareClass, half.class_id)
        template = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)).one()
        make_placement(session, need, care_class, [template], state=state)

    service.database.write(work)


@pytest.mark.parametrize("role", READERS)
def test_card_of_ones_area_is_whole_and_masked(
    service: Service, halves: tuple[Half, Half], role: StaffRole
) -> None:
    here, _ = halves
    client = service.as_program(role, [here.committee])
    answer = client.get(f"/api/people/{here.elder_id}")
    assert answer.status_code == 200
    card = answer.json()
    assert (card["id_number"], card["phone"]) == ("**************0029", "*******6543")
    assert card["health_note"] == card["household"]["address"] == "***"
    assert {row["value"] for row in card["evidence"]} == {"***"}
    for name, secret in SECRETS.items():
        if name != "evidence":
            assert secret not in answer.text
    assert answer.headers["ETag"] == '"1"'


@pytest.mark.parametrize("role", [*READERS, StaffRole.site])
def test_foreign_and_unknown_people_answer_the_same(
    service: Service, halves: tuple[Half, Half], role: StaffRole
) -> None:
    here, there = halves
    client = service.as_program(role, [here.committee], [here.site])
    foreign = client.get(f"/api/people/{there.elder_id}")
    unknown = client.get("/api/people/999999")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


def test_administrator_sees_no_people(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.admin, [here.committee], [here.site])
    assert client.get(f"/api/people/{here.elder_id}").status_code == 403
    assert client.post("/api/people/search", json={"text": "王"}).status_code == 403


def test_site_sees_whom_it_expects_and_only_what_it_needs(
    service: Service, halves: tuple[Half, Half]
) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.site, sites=[here.site])
    assert client.get(f"/api/people/{here.elder_id}").status_code == 404
    place(service, here, PlacementState.offered)
    card = client.get(f"/api/people/{here.elder_id}").json()
    assert card["view"] == "site"
    assert [row["kind"] for row in card["evidence"]] == ["allergy"]
    hidden = ("id_number", "born_on", "health_note", "household")
    assert [card[name] for name in hidden] == [None] * 4
    assert card["consents"] == []


def test_site_does_not_see_whom_nobody_has_told_yet(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    place(service, here, PlacementState.proposed)
    client = service.as_program(StaffRole.site, sites=[here.site])
    assert client.get(f"/api/people/{here.elder_id}").status_code == 404


def test_a_site_in_the_area_of_an_ended_placement_sees_nobody(
    service: Service, halves: tuple[Half, Half]
) -> None:
    here, _ = halves
    place(service, here, PlacementState.ended)
    client = service.as_program(StaffRole.site, [here.committee], [here.site])
    assert client.get(f"/api/people/{here.elder_id}").status_code == 404


def test_reason_opens_the_fields_and_both_are_noted(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    user = service.add_user(StaffRole.adviser, [here.committee])
    client = service.with_token(user.name)
    body = {"fields": ["phone", "id_number", "address", "health_note"], "reason": "电话通知"}
    answer = client.post(f"/api/people/{here.elder_id}/unmask", json=body)
    assert answer.json()["values"] == {name: SECRETS[name] for name in body["fields"]}
    with service.database.reading() as session:
        row = session.scalars(select(ReadLogRow)).one()
    assert (row.user_id, row.person_id, row.reason) == (user.id, here.elder_id, "电话通知")
    assert row.fields == "address,health_note,id_number,phone"


def test_looking_at_a_card_is_noted(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    client = service.as_program(StaffRole.auditor, [here.committee])
    client.get(f"/api/people/{here.child_id}")
    client.get(f"/api/people/{there.child_id}")
    with service.database.reading() as session:
        assert [row.person_id for row in session.scalars(select(ReadLogRow))] == [here.child_id]


@pytest.mark.parametrize("body", [{"fields": ["phone"]}, {"fields": ["phone"], "reason": " "}])
def test_unmasking_needs_a_reason(
    service: Service, halves: tuple[Half, Half], body: dict[str, object]
) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    answer = client.post(f"/api/people/{here.elder_id}/unmask", json=body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["path"] == ["body", "reason"]


def test_site_may_unmask_what_keeps_people_safe_and_nothing_else(
    service: Service, halves: tuple[Half, Half]
) -> None:
    here, _ = halves
    place(service, here, PlacementState.confirmed)
    client = service.as_program(StaffRole.site, sites=[here.site])
    path = f"/api/people/{here.elder_id}/unmask"
    shown = client.post(path, json={"fields": ["phone", "evidence"], "reason": "今日入托"})
    assert shown.json()["values"]["phone"] == SECRETS["phone"]
    assert [row["value"] for row in shown.json()["values"]["evidence"]] == ["花生"]
    for field in ("id_number", "address", "health_note"):
        assert client.post(path, json={"fields": [field], "reason": "好奇"}).status_code == 403


def test_auditor_unmasks_nothing(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.auditor, [here.committee])
    answer = client.post(f"/api/people/{here.elder_id}/unmask", json={"fields": ["phone"], "reason": "核查"})
    assert answer.status_code == 403


def test_household_shows_its_members_to_its_area_only(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    answer = client.get(f"/api/households/{here.household_id}")
    assert {m["id"] for m in answer.json()["members"]} == {here.elder_id, here.child_id, here.guardian_id}
    assert SECRETS["address"] not in json.dumps(answer.json(), ensure_ascii=False)
    assert client.get(f"/api/households/{there.household_id}").status_code == 404


def test_a_health_note_is_shown_while_somebody_consents(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    path, body = f"/api/people/{here.elder_id}/unmask", {"fields": ["health_note"], "reason": "电话通知"}
    assert client.post(path, json=body).status_code == 200

    def withdraw(session: WriteSession) -> None:
        rows = select(Consent).where(
            Consent.person_id == here.elder_id, Consent.purpose == ConsentPurpose.health_data
        )
        session.scalars(rows).one().withdrawn_on = today()

    service.database.write(withdraw)
    refused = client.post(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "health_consent_missing")
    assert SECRETS["health_note"] not in refused.text
    edit = client.patch(
        f"/api/people/{here.elder_id}", json={"health_note": "需留意血糖"}, headers={"If-Match": '"1"'}
    )
    assert (edit.status_code, edit.json()["code"]) == (409, "health_consent_missing")


def test_a_new_person_has_consented_to_nothing(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    person = {"household_id": here.household_id, "name": "李梅", "sex": "female", "born_on": "1950-01-01"}
    refused = client.post("/api/people", json=person | {"health_note": "需留意血糖"})
    assert (refused.status_code, refused.json()["code"]) == (409, "health_consent_missing")
    assert client.post("/api/people", json=person).status_code == 201


@pytest.mark.parametrize("purpose", [ConsentPurpose.sharing_with_site, ConsentPurpose.health_data])
def test_site_is_told_that_something_is_noted_and_not_what_where_a_consent_is_withdrawn(
    service: Service, halves: tuple[Half, Half], purpose: ConsentPurpose
) -> None:
    here, _ = halves
    place(service, here, PlacementState.confirmed)
    site = service.as_program(StaffRole.site, sites=[here.site])
    desk = service.as_program(StaffRole.adviser, [here.committee])
    path = f"/api/people/{here.elder_id}"
    assert (site.get(path).json()["is_withheld"], desk.get(path).json()["is_withheld"]) == (False, False)
    for row in desk.get(path).json()["consents"]:
        if row["purpose"] == purpose:
            assert desk.post(f"{path}/consents/{row['id']}/withdraw").status_code == 200
    card = site.get(path).json()
    assert (card["evidence"], card["is_withheld"]) == ([], True)
    asked = {"fields": ["evidence"], "reason": "今日入托"}
    answer = site.post(f"{path}/unmask", json=asked)
    assert "花生" not in answer.text
    if purpose is ConsentPurpose.sharing_with_site:
        for field in ("phone", "evidence", "pickups"):
            answer = site.post(f"{path}/unmask", json={"fields": [field], "reason": "今日入托"})
            assert (answer.status_code, answer.json()["code"]) == (409, "sharing_consent_missing")
    # The desk works on with what it recorded, and sees what sites are not told.
    assert "花生" in desk.post(f"{path}/unmask", json=asked).text
    assert desk.get(path).json()["is_withheld"]
    page = sign_in(service, "cards", [here.committee], role=StaffRole.adviser).get(
        f"/desk/people/{here.elder_id}"
    )
    assert "未告知服务点" in page.text
