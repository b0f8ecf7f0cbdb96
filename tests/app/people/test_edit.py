"""Registering and editing people and households: scope, versions, ID numbers, consents, the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.audit.queries import verify_chain
from app.models import AuditRow, Person
from app.models.enums import StaffRole
from app.people.identity import find_check_character
from tests.factories.towns import Half, make_half

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service


@pytest.fixture
def halves(service: Service) -> tuple[Half, Half]:
    return service.database.write(lambda session: (make_half(session), make_half(session)))


@pytest.fixture
def desk(service: Service, halves: tuple[Half, Half]) -> TestClient:
    return service.as_program(StaffRole.adviser, [halves[0].committee])


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def number(born: str, sequence: str = "002") -> str:
    first = f"990101{born.replace('-', '')}{sequence}"
    return first + find_check_character(first)


def test_person_is_registered_found_and_in_the_chain(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    body = {
        "household_id": halves[0].household_id,
        "name": "李秀兰",
        "sex": "female",
        "born_on": "1948-02-03",
        "id_number": number("1948-02-03"),
        "phone": "138 0000-1111",
        "roles": ["elder"],
    }
    answer = desk.post("/api/people", json=body)
    assert answer.status_code == 201, answer.text
    found = desk.post("/api/people/search", json={"text": "lxl 1111"}).json()
    assert [row["id"] for row in found] == [answer.json()["id"]]
    with service.database.reading() as session:
        row = session.scalars(select(AuditRow)).one()
        assert (row.act, row.subject) == ("person.register", f"person:{answer.json()['code']}")
        assert "李秀兰" not in str(row.data)
        assert verify_chain(session, None).breaks == []


def test_same_id_number_is_not_registered_twice(desk: TestClient, halves: tuple[Half, Half]) -> None:
    body = {
        "household_id": halves[0].household_id,
        "name": "李秀兰",
        "sex": "female",
        "born_on": "1948-02-03",
        "id_number": number("1948-02-03"),
    }
    assert desk.post("/api/people", json=body).status_code == 201
    assert code(desk.post("/api/people", json=body)) == (409, "already_registered")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"born_on": "1948-02-04"}, (422, "id_number_differs")),
        ({"sex": "male"}, (422, "id_number_differs")),
        ({"id_number": "990101194802030020"}, (422, "malformed")),
        ({"unknown": 1}, (422, "malformed")),
        ({"born_on": 5}, (422, "malformed")),
        ({"name": " "}, (422, "malformed")),
        ({"name": "李\u202e兰秀"}, (422, "malformed")),
        ({"name": "李\x07秀兰"}, (422, "malformed")),
        ({"name": "李\n秀兰"}, (422, "malformed")),
        ({"household_id": True}, (422, "malformed")),
        ({"household_id": 999999}, (404, "not_found")),
    ],
)
def test_bad_registration_is_refused(
    desk: TestClient, halves: tuple[Half, Half], changes: dict[str, object], expected: tuple[int, str]
) -> None:
    body: dict[str, object] = {
        "household_id": halves[0].household_id,
        "name": "李秀兰",
        "sex": "female",
        "born_on": "1948-02-03",
        "id_number": number("1948-02-03"),
    }
    answer = desk.post("/api/people", json=body | changes)
    assert code(answer) == expected
    assert "990101194802030020" not in answer.text


def test_nobody_is_registered_in_a_foreign_household(desk: TestClient, halves: tuple[Half, Half]) -> None:
    body = {
        "household_id": halves[1].household_id,
        "name": "李秀兰",
        "sex": "female",
        "born_on": "1948-02-03",
    }
    assert desk.post("/api/people", json=body).status_code == 404


def test_edit_needs_the_version_that_was_read(desk: TestClient, halves: tuple[Half, Half]) -> None:
    path = f"/api/people/{halves[0].elder_id}"
    change = {"stairs": "stick", "phone": "13900002222"}
    assert code(desk.patch(path, json=change)) == (428, "version_required")
    done = desk.patch(path, json=change, headers={"If-Match": '"1"'})
    assert done.status_code == 200
    assert (done.json()["stairs"], done.json()["phone"]) == ("stick", "*******2222")
    assert done.headers["ETag"] == '"2"'
    assert code(desk.patch(path, json=change, headers={"If-Match": '"1"'})) == (412, "stale_version")
    assert code(desk.patch(path, json=change, headers={"If-Match": "rubbish"})) == (412, "stale_version")


def test_what_is_not_named_stays_and_null_empties(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    path = f"/api/people/{halves[0].elder_id}"
    desk.patch(path, json={"health_note": "需留意血糖"}, headers={"If-Match": '"1"'})
    kept = desk.patch(path, json={"mobility": "wheelchair"}, headers={"If-Match": '"2"'}).json()
    assert (kept["health_note"], kept["name"]) == ("***", "王桂英")
    assert (
        desk.patch(path, json={"health_note": None}, headers={"If-Match": '"3"'}).json()["health_note"]
        is None
    )
    assert code(desk.patch(path, json={"name": None}, headers={"If-Match": '"4"'})) == (422, "malformed")
    assert code(desk.patch(path, json={}, headers={"If-Match": '"4"'})) == (422, "malformed")
    with service.database.reading() as session:
        assert session.get_one(Person, halves[0].elder_id).version == 4


def test_new_name_gets_new_pinyin(desk: TestClient, halves: tuple[Half, Half]) -> None:
    desk.patch(f"/api/people/{halves[0].elder_id}", json={"name": "赵淑珍"}, headers={"If-Match": '"1"'})
    found = desk.post("/api/people/search", json={"text": "zsz"}).json()
    assert [row["name"] for row in found] == ["赵淑珍"]


def test_household_moves_within_ones_areas_only(desk: TestClient, halves: tuple[Half, Half]) -> None:
    here, there = halves
    path, header = f"/api/households/{here.household_id}", {"If-Match": '"1"'}
    assert code(desk.patch(path, json={"compound_id": there.compound_id}, headers=header)) == (
        422,
        "unknown_compound",
    )
    assert code(desk.patch(path, json={"compound_id": 999999}, headers=header)) == (422, "unknown_compound")
    assert code(desk.patch(path, json={"floor": 60}, headers=header)) == (422, "building_elsewhere")
    assert code(desk.patch(path, json={"building_id": there.building_id}, headers=header)) == (
        422,
        "building_elsewhere",
    )
    assert desk.patch(path, json={"floor": 3, "address": "测试路 1 号"}, headers=header).json()["floor"] == 3


def test_person_moves_to_a_new_household(desk: TestClient, halves: tuple[Half, Half]) -> None:
    here, there = halves
    made = desk.post("/api/households", json={"compound_id": here.compound_id})
    assert made.status_code == 201
    path, header = f"/api/people/{here.elder_id}/move", {"If-Match": '"1"'}
    moved = desk.post(path, json={"household_id": made.json()["id"]}, headers=header)
    assert moved.json()["household"]["id"] == made.json()["id"]
    assert desk.post(path, json={"household_id": there.household_id}, headers=header).status_code == 404


def test_evidence_is_added_and_ended_never_deleted(desk: TestClient, halves: tuple[Half, Half]) -> None:
    path = f"/api/people/{halves[0].elder_id}/evidence"
    body = {"kind": "care_grade", "value": "5", "valid_from": "2026-06-01", "valid_to": "2028-05-31"}
    made = desk.post(path, json=body)
    assert made.status_code == 201
    ended = desk.post(f"{path}/{made.json()['id']}/end", json={"last_on": "2026-06-30"})
    assert ended.status_code == 200
    rows = desk.get(f"/api/people/{halves[0].elder_id}").json()["evidence"]
    assert next(r for r in rows if r["id"] == made.json()["id"])["in_force"] is False
    assert code(desk.post(f"{path}/{made.json()['id']}/end", json={"last_on": "2026-01-01"})) == (
        422,
        "ends_before_start",
    )
    assert code(desk.post(path, json=body | {"value": "7"})) == (422, "malformed")


def test_evidence_of_another_person_is_not_there(desk: TestClient, halves: tuple[Half, Half]) -> None:
    body = {"kind": "low_income", "valid_from": "2026-06-01"}
    made = desk.post(f"/api/people/{halves[0].elder_id}/evidence", json=body).json()["id"]
    path = f"/api/people/{halves[0].child_id}/evidence/{made}/end"
    assert desk.post(path, json={"last_on": "2026-06-30"}).status_code == 404


def test_nobody_but_the_person_or_a_guardian_consents_for_an_adult(
    desk: TestClient, halves: tuple[Half, Half]
) -> None:
    here, _ = halves
    path = f"/api/people/{here.elder_id}"
    relative = desk.get(f"/api/people/{here.child_id}").json()["guardians"][0]["person_id"]
    body = {"purpose": "photos", "given_on": "2026-06-01"}
    assert code(desk.post(f"{path}/consents", json=body | {"given_by_id": relative})) == (
        409,
        "consent_not_theirs",
    )
    assert desk.post(f"{path}/consents", json=body | {"given_by_id": here.elder_id}).status_code == 201
    guardian = {"guardian_id": relative, "relation": "女儿", "valid_from": "2026-06-02"}
    assert desk.post(f"{path}/guardians", json=guardian).status_code == 201
    early, later = body | {"given_by_id": relative}, {"given_by_id": relative, "given_on": "2026-06-02"}
    assert code(desk.post(f"{path}/consents", json=early)) == (409, "consent_not_theirs")
    assert desk.post(f"{path}/consents", json=body | later).status_code == 201
    page = desk.post(
        f"/desk/people/{here.elder_id}/consents", data={"given_by_id": here.child_id, "channel": "desk"}
    )
    assert page.status_code == 409


def test_only_a_guardian_consents_for_a_child(desk: TestClient, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    path = f"/api/people/{here.child_id}/consents"
    body = {"purpose": "photos", "given_by_id": here.elder_id, "given_on": "2026-11-01"}
    assert code(desk.post(path, json=body)) == (409, "not_a_guardian")
    made = desk.post(path, json=body | {"given_by_id": here.guardian_id})
    assert made.status_code == 201
    assert desk.post(f"{path}/{made.json()['id']}/withdraw").status_code == 200
    rows = desk.get(f"/api/people/{here.child_id}").json()["consents"]
    assert [row["in_force"] for row in rows if row["purpose"] == "photos"] == [False]


def test_guardians_and_pickups_are_named_and_ended(desk: TestClient, halves: tuple[Half, Half]) -> None:
    here, there = halves
    path = f"/api/people/{here.child_id}"
    body = {"guardian_id": here.elder_id, "relation": "祖母", "valid_from": "2026-01-01"}
    made = desk.post(f"{path}/guardians", json=body)
    assert made.status_code == 201
    assert code(desk.post(f"{path}/guardians", json=body)) == (409, "already_guardian")
    foreign = desk.post(f"{path}/guardians", json=body | {"guardian_id": there.elder_id})
    assert foreign.status_code == 404
    assert code(desk.post(f"{path}/guardians", json=body | {"guardian_id": here.child_id})) == (
        422,
        "own_guardian",
    )
    end = {"last_on": "2026-12-31"}
    assert desk.post(f"{path}/guardians/{made.json()['id']}/end", json=end).status_code == 200
    pickup = {"adult_name": "王桂英", "relation": "祖母", "phone": "13811112222", "valid_from": "2026-01-01"}
    made = desk.post(f"{path}/pickups", json=pickup)
    assert made.status_code == 201
    assert desk.post(f"{path}/pickups/{made.json()['id']}/end", json=end).status_code == 200
    assert "*******2222" in [row["phone"] for row in desk.get(path).json()["pickups"]]


@pytest.mark.parametrize("role", [StaffRole.manager, StaffRole.auditor, StaffRole.site, StaffRole.admin])
def test_only_the_desk_edits(service: Service, halves: tuple[Half, Half], role: StaffRole) -> None:
    client = service.as_program(role, [halves[0].committee], [halves[0].site])
    path = f"/api/people/{halves[0].elder_id}"
    assert code(client.patch(path, json={"name": "某"}, headers={"If-Match": '"1"'})) == (403, "not_allowed")
