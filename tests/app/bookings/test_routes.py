"""Bookings, holds, slots, placements and waitlists over HTTP: scope, roles, codes, keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.clock import today
from app.models import Area, Household, Need, Person
from app.models.enums import StaffRole
from tests.concurrency.town import Race, make_race

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


@dataclass
class Desk:
    """A service with two classes of one place each, and a coordinator of the area."""

    service: Service
    race: Race
    client: TestClient

    @property
    def need_ids(self) -> list[int]:
        return next(iter(self.race.needs.values()))

    @property
    def slot_ids(self) -> list[int]:
        return next(iter(self.race.slots.values()))

    def book(self, need_id: int, slot_id: int, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(
            "/api/bookings", json={"need_id": need_id, "slot_id": slot_id} | body, headers=headers
        )

    def area_code(self) -> str:
        with self.service.database.reading() as session:
            return session.scalars(
                select(Area.code)
                .join(Household, Household.compound_id == Area.id)
                .join(Person, Person.household_id == Household.id)
                .limit(1)
            ).one()


@pytest.fixture
def desk(service: Service) -> Desk:
    race = make_race(service.database, dates=1, classes=2, places=1, needs=4)
    return Desk(service, race, service.client({"Authorization": f"Bearer {race.token}"}))


def test_booking_answers_201_and_a_full_slot_409_with_its_code(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0])
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "booked"
    full = desk.book(desk.need_ids[1], desk.slot_ids[0])
    assert (full.status_code, full.json()["code"]) == (409, "full")
    assert full.headers["content-type"] == "application/problem+json"
    again = desk.client.get(f"/api/bookings/{made.json()['id']}")
    assert again.json() == made.json()


def test_slot_tells_its_places(desk: Desk) -> None:
    desk.book(desk.need_ids[0], desk.slot_ids[0])
    told = desk.client.get(f"/api/slots/{desk.slot_ids[0]}").json()
    assert (told["capacity"], told["taken"], told["available"]) == (1, 1, 0)
    assert told["capacities"] == [
        {"kind": "places", "capacity": 1, "taken": 1, "available": 0, "overfull": 0}
    ]


def test_slots_are_listed_by_filters(desk: Desk) -> None:
    on = next(iter(desk.race.slots)).isoformat()
    found = desk.client.get("/api/slots", params={"from": on, "to": on, "service_id": desk.race.service_id})
    assert [each["id"] for each in found.json()] == desk.slot_ids
    one = desk.client.get("/api/slots", params={"from": on, "to": on, "class_id": desk.race.class_ids[1]})
    assert len(one.json()) == 1
    assert desk.client.get("/api/slots", params={"from": on, "to": on, "kind": "nursery"}).json() == []
    beyond = (today() + timedelta(days=56)).isoformat()
    refused = desk.client.get("/api/slots", params={"from": beyond})
    assert (refused.status_code, refused.json()["code"]) == (422, "beyond_horizon")
    assert desk.client.get("/api/slots", params={"colour": "red"}).status_code == 422


def test_same_key_gets_the_same_reply_and_another_body_is_refused(desk: Desk) -> None:
    first = desk.book(desk.need_ids[0], desk.slot_ids[0], key="k1")
    again = desk.book(desk.need_ids[0], desk.slot_ids[0], key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    other = desk.book(desk.need_ids[1], desk.slot_ids[1], key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    bad = desk.book(desk.need_ids[1], desk.slot_ids[1], key="two words")
    assert (bad.status_code, bad.json()["code"]) == (422, "idempotency_key_malformed")


def test_refusal_is_repeated_even_when_a_place_came_free(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0])
    refused = desk.book(desk.need_ids[1], desk.slot_ids[0], key="k2")
    desk.client.delete(f"/api/bookings/{made.json()['id']}")
    again = desk.book(desk.need_ids[1], desk.slot_ids[0], key="k2")
    assert (refused.status_code, again.content) == (409, refused.content)
    assert desk.book(desk.need_ids[1], desk.slot_ids[0], key="k3").status_code == 201


def test_cancelling_frees_the_place(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0]).json()
    assert desk.client.delete(f"/api/bookings/{made['id']}").status_code == 204
    again = desk.client.delete(f"/api/bookings/{made['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "not_possible_in_state")
    assert desk.book(desk.need_ids[1], desk.slot_ids[0]).status_code == 201


def test_booking_moves_to_the_other_class(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0]).json()
    moved = desk.client.post(f"/api/bookings/{made['id']}/move", json={"slot_id": desk.slot_ids[1]})
    assert (moved.status_code, moved.json()["slot_id"]) == (200, desk.slot_ids[1])
    assert desk.client.get(f"/api/slots/{desk.slot_ids[0]}").json()["taken"] == 0


def test_hold_is_given_confirmed_and_released(desk: Desk) -> None:
    slot_id = desk.slot_ids[0]
    held = desk.client.post(f"/api/slots/{slot_id}/holds", json={"need_id": desk.need_ids[0]})
    assert held.status_code == 201, held.text
    assert {"id", "expires_at"} <= held.json().keys()
    other = desk.client.post(f"/api/slots/{slot_id}/holds", json={"need_id": desk.need_ids[1]})
    assert (other.status_code, other.json()["code"]) == (409, "full")
    booked = desk.client.post(f"/api/holds/{held.json()['id']}/confirm")
    assert (booked.status_code, booked.json()["slot_id"]) == (201, slot_id)
    used = desk.client.delete(f"/api/holds/{held.json()['id']}")
    assert (used.status_code, used.json()["code"]) == (409, "not_possible_in_state")
    second = desk.client.post(f"/api/slots/{desk.slot_ids[1]}/holds", json={"need_id": desk.need_ids[1]})
    assert desk.client.delete(f"/api/holds/{second.json()['id']}").status_code == 204


def test_urgent_booking_says_why(desk: Desk) -> None:
    refused = desk.book(desk.need_ids[0], desk.slot_ids[0], urgent=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "reason_required")
    made = desk.book(desk.need_ids[0], desk.slot_ids[0], urgent=True, reason="出院")
    assert (made.status_code, made.json()["origin"]) == (201, "urgent")


@pytest.mark.parametrize(
    "body", [{}, {"need_id": 1}, {"need_id": "1", "slot_id": 1}, {"need_id": 0, "slot_id": 1}]
)
def test_malformed_booking_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    refused = desk.client.post("/api/bookings", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")


def test_need_of_another_area_is_as_unknown_as_one_that_is_not_there(desk: Desk) -> None:
    elsewhere = make_race(desk.service.database, dates=1, classes=1, places=1, needs=1)
    foreign = next(iter(elsewhere.needs.values()))[0]
    made = desk.service.client({"Authorization": f"Bearer {elsewhere.token}"}).post(
        "/api/bookings", json={"need_id": foreign, "slot_id": elsewhere.all_slots[0]}
    )
    assert made.status_code == 201, made.text
    replies = [
        desk.book(foreign, desk.slot_ids[0]),
        desk.book(10**12, desk.slot_ids[0]),
        desk.client.delete(f"/api/bookings/{made.json()['id']}"),
        desk.client.get(f"/api/bookings/{made.json()['id']}"),
        desk.client.get("/api/bookings/999999"),
        desk.client.post("/api/waitlist", json={"need_id": foreign, "service_id": desk.race.service_id}),
    ]
    assert {(each.status_code, each.json()["code"]) for each in replies} == {(404, "not_found")}
    assert desk.client.get("/api/bookings", params={"need_id": foreign}).json() == []


@pytest.mark.parametrize("role", [StaffRole.auditor, StaffRole.admin, StaffRole.site])
def test_roles_that_do_not_book_are_refused(desk: Desk, role: StaffRole) -> None:
    areas = [] if role in {StaffRole.admin, StaffRole.site} else [desk.area_code()]
    client = desk.service.as_program(role, areas)
    for reply in (
        client.post("/api/bookings", json={"need_id": desk.need_ids[0], "slot_id": desk.slot_ids[0]}),
        client.post(f"/api/slots/{desk.slot_ids[0]}/holds", json={"need_id": desk.need_ids[0]}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")


def test_nobody_books_without_signing_in(desk: Desk) -> None:
    reply = desk.service.anonymous.post("/api/bookings", json={"need_id": 1, "slot_id": 1})
    assert reply.status_code == 401


def test_capacity_below_what_is_taken_names_who_is_in_the_way(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0]).json()
    slot = f"/api/slots/{desk.slot_ids[0]}"
    path, seen = f"{slot}/capacity", {"If-Match": desk.client.get(slot).headers["ETag"]}
    refused = desk.client.put(path, json={"kind": "places", "capacity": 0, "reason": "test"}, headers=seen)
    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_below_taken")
    assert refused.json()["bookings"] == [made["code"]]
    raised = desk.client.put(path, json={"kind": "places", "capacity": 3, "reason": "test"}, headers=seen)
    assert (raised.status_code, raised.json()["available"]) == (200, 2)
    late = desk.client.put(path, json={"kind": "places", "capacity": 4, "reason": "test"}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    new = {"If-Match": raised.headers["ETag"]}
    desk.book(desk.need_ids[1], desk.slot_ids[0])
    assert desk.client.get(slot).headers["ETag"] == new["If-Match"], "a booking is no edit of what is offered"
    missing = desk.client.put(path, json={"kind": "meals", "capacity": 3, "reason": "test"}, headers=new)
    assert missing.status_code == 404


def test_closure_ends_what_cannot_be_moved(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0]).json()
    slot = desk.client.get(f"/api/slots/{desk.slot_ids[0]}").json()
    body = {
        "site_id": slot["site_id"],
        "starts_on": slot["occurs_on"],
        "ends_on": slot["occurs_on"],
        "reason": "检修",
    }
    done = desk.client.post("/api/closures", json=body)
    assert (done.status_code, done.json()["ended"]) == (201, [made["code"]]), done.text
    closed = desk.book(desk.need_ids[0], desk.slot_ids[0])
    assert (closed.status_code, closed.json()["code"]) == (409, "closed")
    backwards = body | {"ends_on": "2026-01-01"}
    assert desk.client.post("/api/closures", json=backwards).status_code == 422


def test_closure_until_nobody_knows_when_is_for_two_years_at_most(desk: Desk) -> None:
    slot = desk.client.get(f"/api/slots/{desk.slot_ids[0]}").json()
    body = {"site_id": slot["site_id"], "starts_on": slot["occurs_on"], "reason": "装修，何时重开另行通知"}
    for last_on, sentence in (("9999-12-31", "2100"), ("2099-12-31", "最长两年")):
        refused = desk.client.post("/api/closures", json=body | {"ends_on": last_on})
        assert refused.status_code == 422
        assert sentence in refused.json()["faults"][0]["detail"]
    first = date.fromisoformat(slot["occurs_on"])
    body["ends_on"] = (first + timedelta(days=730)).isoformat()
    assert desk.client.post("/api/closures", json=body).status_code == 201


def test_closure_opens_again_and_names_what_stays_cancelled(desk: Desk) -> None:
    made = desk.book(desk.need_ids[0], desk.slot_ids[0]).json()
    slot = desk.client.get(f"/api/slots/{desk.slot_ids[0]}").json()
    on = slot["occurs_on"]
    body = {"site_id": slot["site_id"], "starts_on": on, "ends_on": on, "reason": "检修"}
    closure = desk.client.post("/api/closures", json=body).json()
    listed = desk.client.get("/api/closures", params={"site_id": slot["site_id"]}).json()
    assert [(row["id"], row["ends_on"]) for row in listed] == [(closure["id"], on)]
    path = f"/api/closures/{closure['id']}/open-again"
    opened = desk.client.post(path, json={"from_on": on})
    assert opened.status_code == 200, opened.text
    assert (opened.json()["taken_back"], opened.json()["cancelled"]) == (True, [made["code"]])
    again = desk.client.post(path, json={"from_on": on})
    assert (again.status_code, again.json()["code"]) == (409, "closure_over")
    past = desk.client.post(path, json={"from_on": "2020-01-01"})
    assert (past.status_code, past.json()["code"]) == (409, "opens_in_the_past")
    assert desk.client.get("/api/closures").json() == []
    assert desk.book(desk.need_ids[0], desk.slot_ids[0]).status_code == 201


def test_waitlist_is_told_in_the_published_order(desk: Desk) -> None:
    def draw(session: WriteSession) -> None:
        for number, need_id in enumerate(desk.need_ids):
            session.get_one(Need, need_id).draw_number = 100 - number

    desk.service.database.write(draw)
    path = f"/api/services/{desk.race.service_id}/waitlist"
    for need_id in desk.need_ids:
        body = {"need_id": need_id, "service_id": desk.race.service_id}
        assert desk.client.post("/api/waitlist", json=body).status_code == 201
    twice = desk.client.post(
        "/api/waitlist", json={"need_id": desk.need_ids[0], "service_id": desk.race.service_id}
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "already_waiting")
    told = desk.client.get(path).json()
    assert [row["need_id"] for row in told] == desk.need_ids[::-1]
    assert [row["position"] for row in told] == [1, 2, 3, 4]
    assert [row["decided_by"] for row in told] == ["first", "draw", "draw", "draw"]
    assert desk.client.delete(f"/api/waitlist/{told[0]['entry_id']}").status_code == 204
    assert len(desk.client.get(path).json()) == 3
    stranger = desk.service.as_program(StaffRole.adviser, [])
    assert {row["need_id"] for row in stranger.get(path).json()} == {None}
