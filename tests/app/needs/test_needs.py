"""Needs over HTTP: recording with a draw number, patterns that fit the kind, versions, withdrawal, scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from app.clock import today
from app.models import Consent, Need, SlotTemplate
from app.models.care import Consultation
from app.models.enums import PlacementState, StaffRole
from app.models.providers import CareClass
from app.priority.rules import draw_number
from tests.factories.placements import make_placement
from tests.factories.towns import Half, make_half

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


TOMORROW = (today() + timedelta(days=1)).isoformat()
YESTERDAY = (today() - timedelta(days=1)).isoformat()


@pytest.fixture
def halves(service: Service) -> tuple[Half, Half]:
    return service.database.write(lambda session: (make_half(session), make_half(session)))


@pytest.fixture
def desk(service: Service, halves: tuple[Half, Half]) -> TestClient:
    return service.as_program(StaffRole.adviser, [halves[0].committee])


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def wish(half: Half, **changes: object) -> dict[str, object]:
    return {
        "person_id": half.elder_id,
        "kind": "day_care",
        "rhythm": "weekly",
        "starts_on": TOMORROW,
        "patterns": [{"weekdays": [0, 2, 4], "part": "full_day"}, {"weekdays": [1, 3], "part": "morning"}],
        "service_ids": [half.service_id],
        "note": "希望与邻居同日",
    } | changes


def place(service: Service, half: Half, state: PlacementState) -> None:
    def work(session: WriteSession) -> None:
        care_class = session.get_one(CareClass, half.class_id)
        template = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)).one()
        make_placement(session, session.get_one(Need, half.need_id), care_class, [template], state=state)

    service.database.write(work)


def test_need_is_recorded_with_patterns_wishes_and_its_draw_number(
    desk: TestClient, halves: tuple[Half, Half]
) -> None:
    answer = desk.post("/api/needs", json=wish(halves[0]))
    assert answer.status_code == 201, answer.text
    need = answer.json()
    assert need["draw_number"] == draw_number("wuliqiao-rolling-2026", need["code"])
    assert [(row["rank"], row["weekdays"]) for row in need["patterns"]] == [(1, [0, 2, 4]), (2, [1, 3])]
    assert (need["service_ids"], need["state"], need["note"]) == ([halves[0].service_id], "open", "***")
    assert desk.get(f"/api/needs/{need['id']}").json() == need


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"starts_on": (today() + timedelta(days=40)).isoformat()}, True),
        ({"limit_metres": 300, "note": "同样的需求"}, True),
        ({"patterns": [{"weekdays": [0, 2], "part": "full_day"}]}, False),
        ({"kind": "home_visit", "service_ids": []}, False),
        ({"starts_on": today().isoformat(), "ends_on": today().isoformat()}, False),
    ],
    ids=["from another day", "with other details", "other days", "another service", "over before it begins"],
)
def test_same_wish_a_second_time_is_recorded_only_where_it_is_asked_for(
    desk: TestClient, halves: tuple[Half, Half], changes: dict[str, object], is_same: bool
) -> None:
    first = desk.post("/api/needs", json=wish(halves[0])).json()
    again = desk.post("/api/needs", json=wish(halves[0], **changes))
    if not is_same:
        assert again.status_code == 201
        return
    assert code(again) == (409, "need_known")
    assert (again.json()["need"], again.json()["need_id"]) == (first["code"], first["id"])
    meant = desk.post("/api/needs", json=wish(halves[0], **changes, is_another=True))
    assert meant.status_code == 201
    for need in (first, meant.json()):  # what was withdrawn stands in nobody's way
        tag = {"If-Match": f'"{need["version"]}"'}
        assert desk.post(f"/api/needs/{need['id']}/withdraw", headers=tag).status_code == 200
    assert desk.post("/api/needs", json=wish(halves[0], **changes)).status_code == 201


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"patterns": [{"weekdays": [1], "part": "afternoon"}]}, True),
        ({"patterns": [{"weekdays": [2], "part": "afternoon"}]}, False),
        ({"starts_on": TOMORROW, "patterns": [{"weekdays": [1], "part": "afternoon"}]}, True),
        ({"limit_metres": 300}, False),
    ],
    ids=["the other's days", "other days", "the other's days from another day", "nothing of the days"],
)
def test_need_is_edited_into_another_one_only_where_it_is_asked_for(
    desk: TestClient, halves: tuple[Half, Half], change: dict[str, object], is_same: bool
) -> None:
    days = {"patterns": [{"weekdays": [1], "part": "afternoon"}]}
    first = desk.post("/api/needs", json=wish(halves[0], **days)).json()
    other = desk.post("/api/needs", json=wish(halves[0])).json()
    path, header = f"/api/needs/{other['id']}", {"If-Match": f'"{other["version"]}"'}
    done = desk.patch(path, json=change, headers=header)
    if not is_same:
        assert done.status_code == 200
        return
    assert code(done) == (409, "need_known")
    assert done.json()["need_id"] == first["id"]
    assert desk.get(path).json() == other, "what was refused has changed nothing"
    meant = desk.patch(path, json=change | {"is_another": True}, headers=header)
    assert meant.status_code == 200
    tag = {"If-Match": meant.headers["ETag"]}
    assert desk.patch(path, json={"limit_metres": 300}, headers=tag).status_code == 200, "asked once"


def test_dated_need_names_a_date(desk: TestClient, halves: tuple[Half, Half]) -> None:
    dated = {"rhythm": "dated", "patterns": [{"occurs_on": TOMORROW, "part": "morning"}]}
    assert desk.post("/api/needs", json=wish(halves[0], **dated)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"patterns": [{"occurs_on": TOMORROW, "part": "morning"}]}, (422, "rhythm_differs")),
        ({"patterns": [{"part": "morning"}]}, (422, "rhythm_differs")),
        ({"rhythm": "dated"}, (422, "rhythm_differs")),
        ({"patterns": [{"weekdays": [0], "part": "lunch"}]}, (422, "part_does_not_fit")),
        ({"patterns": []}, (422, "malformed")),
        ({"patterns": [{"weekdays": [7], "part": "morning"}]}, (422, "malformed")),
        ({"service_ids": [999999]}, (422, "unknown_service")),
        ({"kind": "nursery"}, (422, "unknown_service")),
        ({"ends_on": today().isoformat()}, (422, "ends_before_start")),
        ({"gate_site_id": 999999}, (422, "unknown_gate")),
        ({"starts_on": YESTERDAY}, (422, "wanted_in_the_past")),
        ({"starts_on": "0001-01-01"}, (422, "malformed")),
        (
            {"rhythm": "dated", "patterns": [{"occurs_on": "2020-01-01", "part": "morning"}]},
            (422, "wanted_in_the_past"),
        ),
        ({"needs_escort": "yes"}, (422, "malformed")),
    ],
)
def test_need_that_cannot_be_is_refused(
    desk: TestClient, halves: tuple[Half, Half], changes: dict[str, object], expected: tuple[int, str]
) -> None:
    assert code(desk.post("/api/needs", json=wish(halves[0], **changes))) == expected


def test_child_without_guardians_consent_gets_no_need(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    body = wish(
        halves[0],
        person_id=halves[0].child_id,
        kind="after_school",
        patterns=[{"weekdays": [0], "part": "wave_1700"}],
        service_ids=[],
    )
    assert desk.post("/api/needs", json=body).status_code == 201
    gone = delete(Consent).where(Consent.person_id == halves[0].child_id)
    service.database.write(lambda session: session.execute(gone))
    assert code(desk.post("/api/needs", json=body)) == (409, "guardian_consent_missing")


def test_edit_needs_the_version_and_changes_what_is_named(
    desk: TestClient, halves: tuple[Half, Half]
) -> None:
    path = f"/api/needs/{halves[0].need_id}"
    change = {"limit_metres": 300, "patterns": [{"weekdays": [1], "part": "afternoon"}]}
    assert code(desk.patch(path, json=change)) == (428, "version_required")
    done = desk.patch(path, json=change, headers={"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    assert [row["weekdays"] for row in done.json()["patterns"]] == [[1]]
    assert (done.json()["limit_metres"], done.headers["ETag"]) == (300, '"2"')
    assert code(desk.patch(path, json=change, headers={"If-Match": '"1"'})) == (412, "stale_version")


def test_edit_asks_for_no_date_that_has_passed_and_keeps_the_old_one(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    def start_long_ago(session: WriteSession) -> None:
        session.get_one(Need, halves[0].need_id).starts_on = date(2025, 9, 1)

    service.database.write(start_long_ago)
    path = f"/api/needs/{halves[0].need_id}"
    same = {"starts_on": "2025-09-01", "limit_metres": 300}
    assert desk.patch(path, json=same, headers={"If-Match": '"1"'}).status_code == 200
    other = {"starts_on": YESTERDAY}
    assert code(desk.patch(path, json=other, headers={"If-Match": '"2"'})) == (422, "wanted_in_the_past")


def test_need_with_a_place_keeps_its_patterns_and_is_not_withdrawn(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    place(service, halves[0], PlacementState.confirmed)
    path, header = f"/api/needs/{halves[0].need_id}", {"If-Match": '"1"'}
    change = {"patterns": [{"weekdays": [1], "part": "afternoon"}]}
    assert code(desk.patch(path, json=change, headers=header)) == (409, "need_in_use")
    assert code(desk.post(f"{path}/withdraw", headers=header)) == (409, "need_in_use")
    assert desk.patch(path, json={"wants_transfer": True}, headers=header).status_code == 200


def test_withdrawn_need_stays_withdrawn(desk: TestClient, halves: tuple[Half, Half]) -> None:
    path = f"/api/needs/{halves[0].need_id}"
    assert desk.post(f"{path}/withdraw", headers={"If-Match": '"1"'}).json()["state"] == "withdrawn"
    again = desk.post(f"{path}/withdraw", headers={"If-Match": '"2"'})
    assert code(again) == (409, "need_closed")
    assert code(desk.patch(path, json={"limit_metres": 1}, headers={"If-Match": '"2"'})) == (
        409,
        "need_closed",
    )


def test_list_is_scoped_and_paged(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    one = service.as_program(StaffRole.manager, [here.committee])
    both = service.as_program(StaffRole.auditor, [here.committee, there.committee])
    assert [n["id"] for n in one.get("/api/needs").json()["needs"]] == [here.need_id]
    first = both.get("/api/needs?limit=1").json()
    second = both.get(f"/api/needs?limit=1&after={first['next_after']}").json()
    ids = [first["needs"][0]["id"], second["needs"][0]["id"]]
    assert ids == sorted([here.need_id, there.need_id])
    assert both.get(f"/api/needs?compound_id={there.compound_id}").json()["needs"][0]["id"] == there.need_id
    assert both.get("/api/needs?kind=canteen").json()["needs"] == []
    assert one.get(f"/api/needs/{there.need_id}").status_code == 404


def test_site_sees_the_need_it_expects_somebody_for_and_changes_nothing(
    service: Service, halves: tuple[Half, Half]
) -> None:
    here, _ = halves
    site = service.as_program(StaffRole.site, sites=[here.site])
    assert site.get("/api/needs").json()["needs"] == []
    place(service, here, PlacementState.active)
    assert [n["id"] for n in site.get("/api/needs").json()["needs"]] == [here.need_id]
    answer = site.patch(f"/api/needs/{here.need_id}", json={"limit_metres": 5}, headers={"If-Match": '"1"'})
    assert code(answer) == (403, "not_allowed")
    adviser = service.as_program(StaffRole.adviser, sites=[here.site])
    answer = adviser.patch(
        f"/api/needs/{here.need_id}", json={"limit_metres": 5}, headers={"If-Match": '"1"'}
    )
    assert code(answer) == (404, "not_found")


def test_consultation_is_sealed_listed_and_followed_up(
    service: Service, desk: TestClient, halves: tuple[Half, Half]
) -> None:
    path = f"/api/people/{halves[0].elder_id}/consultations"
    made = desk.post(path, json={"asked": "膝盖不好，想了解日托", "follow_up_on": "2026-11-20"})
    assert made.status_code == 201
    assert desk.get(path).json()[0]["asked"] == "膝盖不好，想了解日托"
    listed = desk.get("/api/follow-ups?until=2026-11-20").json()
    assert [row["consultation_id"] for row in listed] == [made.json()["id"]]
    assert "膝盖" not in str(listed)
    with service.database.reading() as session:
        assert "膝盖".encode() not in session.scalars(select(Consultation.asked_box)).one()
    foreign = service.as_program(StaffRole.adviser, [halves[1].committee])
    assert foreign.get("/api/follow-ups?until=2026-11-20").json() == []
    tick = f"/api/consultations/{made.json()['id']}/followed-up"
    assert foreign.post(tick).status_code == 404
    assert desk.post(tick).status_code == 200
    assert desk.get("/api/follow-ups?until=2026-11-20").json() == []


def test_sites_services_and_areas_are_visible_to_all(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    client = service.as_program(StaffRole.site, sites=[here.site])
    assert {row["id"] for row in client.get("/api/sites").json()} == {here.site_id, there.site_id}
    near = client.get(f"/api/sites?area_id={there.committee_id}&kind=day_care").json()
    assert [row["id"] for row in near] == [there.site_id]
    assert client.get("/api/sites?kind=canteen").json() == []
    card = client.get(f"/api/sites/{there.site_id}").json()
    assert [row["id"] for row in card["services"]] == [there.service_id]
    service_card = client.get(f"/api/services/{there.service_id}").json()
    assert [row["id"] for row in service_card["classes"]] == [there.class_id]
    tree = client.get("/api/areas").json()
    assert tree[0]["kind"] == "subdistrict"
    assert {row["id"] for row in tree if row["compound"]} >= {here.compound_id, there.compound_id}
    buildings = client.get(f"/api/areas/{here.compound_id}/buildings").json()
    assert [row["id"] for row in buildings] == [here.building_id]
    assert code(client.get(f"/api/areas/{here.committee_id}/buildings")) == (404, "not_found")
    assert code(client.get("/api/sites/999999")) == code(client.get("/api/services/999999"))
