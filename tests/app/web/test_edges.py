"""Dates and ids at the edge: refused with a sentence beyond the bounds, and within them never a fault of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.bounds import FIRST_DAY, LAST_DAY
from app.clock import today
from app.models.enums import StaffRole
from tests.app.attendance.day_town import DayTown

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service

BEYOND = ("9999-12-31", "0001-01-01")
WITHIN = (FIRST_DAY.isoformat(), LAST_DAY.isoformat())
HUGE = str(10**30)


@pytest.fixture
def adviser(service: Service, town: DayTown) -> TestClient:
    service.add_user(StaffRole.adviser, [town.committee], name="chen")
    browser = service.sign_in("chen")
    browser.headers.update({"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"})
    return browser


def list_pages(town: DayTown) -> list[str]:
    site = f"/coordinator/sites/{town.site_id}"
    return [
        "/coordinator",
        "/coordinator/live",
        site,
        f"{site}/live",
        f"{site}/papers/roll.pdf",
        f"{site}/papers/sign-out.pdf",
        f"{site}/papers/letters.pdf",
        f"{site}/staff",
        f"{site}/waitlist",
        "/kitchen",
        "/kitchen/kitchen.pdf",
        "/kitchen/kitchen.xlsx",
        "/visits",
        "/visits/visits.pdf",
        "/escorts",
        "/escorts/escorts.pdf",
        f"/api/sites/{town.site_id}/roll",
        "/api/kitchen",
        "/api/escorts",
        "/api/run-sheets",
    ]


def test_days_of_other_ages_are_refused_and_those_at_the_edge_are_answered(
    coordinator: TestClient, town: DayTown
) -> None:
    told = {
        (page, on): coordinator.get(page, params={"on": on}) for page in list_pages(town) for on in BEYOND
    }
    assert {key: reply.status_code for key, reply in told.items() if reply.status_code != 422} == {}
    edge = {
        (page, on): coordinator.get(page, params={"on": on}) for page in list_pages(town) for on in WITHIN
    }
    assert {key: reply.status_code for key, reply in edge.items() if reply.status_code != 200} == {}
    page = told["/coordinator", "9999-12-31"]
    assert page.headers["content-type"].startswith("text/html")
    assert "日期应在 1900 年至 2100 年之间" in page.text


def test_weeks_of_other_ages_are_refused(adviser: TestClient, town: DayTown) -> None:
    week = f"/desk/people/{town.anna_id}/week"
    assert [adviser.get(week, params={"on": on}).status_code for on in BEYOND] == [422, 422]
    assert [adviser.get(week, params={"on": on}).status_code for on in WITHIN] == [200, 200]
    part = adviser.get(week, params={"on": BEYOND[0]}, headers={"hx-request": "true"}).json()
    assert "日期应在 1900 年至 2100 年之间" in part["detail"]


def test_absences_and_moves_beyond_the_bounds_are_refused(coordinator: TestClient, town: DayTown) -> None:
    place = f"/coordinator/placements/{town.placement_ids['安安']}"
    away = {"first": today().isoformat(), "last": "9999-12-31", "kind": "absent"}
    assert coordinator.post(f"{place}/away", data=away).status_code == 422
    assert coordinator.post(f"{place}/away", data=away | {"first": "9999-12-30"}).status_code == 422
    edge = away | {"first": LAST_DAY.isoformat(), "last": LAST_DAY.isoformat()}
    assert coordinator.post(f"{place}/away", data=edge).status_code == 200
    form = {"reason": "父母加班", "by": "guardian", "channel": "phone", "from": today().isoformat()}
    here = f"{town.other_class_id}.wave_1630"
    for beyond in ({"from": "9999-12-31"}, {"along": HUGE}):
        assert coordinator.get(f"{place}/move", params={"to": here} | beyond).status_code == 422
        assert coordinator.post(f"{place}/move", data=form | {"to": here} | beyond).status_code == 422
    assert coordinator.get(f"{place}/move", params={"to": f"{HUGE}.wave_1630"}).status_code == 200
    assert coordinator.post(f"{place}/move", data=form | {"to": f"{HUGE}.wave_1630"}).status_code == 404
    late = {"from": LAST_DAY.isoformat()}
    assert coordinator.get(f"{place}/move", params={"to": here} | late).status_code == 200
    assert 400 <= coordinator.post(f"{place}/move", data=form | {"to": here} | late).status_code < 500


def test_a_need_at_a_gate_that_no_database_holds_is_malformed(adviser: TestClient, town: DayTown) -> None:
    form = {"kind": "after_school", "rhythm": "weekly", "part": "wave_1700", "weekdays": ["0"]}
    path = f"/desk/people/{town.anna_id}/needs"
    assert adviser.post(path, data=form | {"gate_site_id": HUGE}).status_code == 422
    assert adviser.post(path, data=form | {"gate_site_id": ""}).status_code == 201


def test_a_place_ends_within_the_bounds(adviser: TestClient, town: DayTown) -> None:
    path = f"/api/placements/{town.placement_ids['安安']}/end"
    body = {"reason": "搬家", "last_on": "9999-12-31"}
    refused = adviser.post(path, json=body)
    assert refused.status_code == 422
    assert "1900" in refused.json()["faults"][0]["detail"]
    assert adviser.post(path, json=body | {"last_on": LAST_DAY.isoformat()}).status_code == 200


@pytest.mark.parametrize("marked_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday"])
def test_a_tick_that_cannot_be_read_is_refused_alone(
    coordinator: TestClient, town: DayTown, marked_at: str
) -> None:
    """Refused as a whole, a tablet would send the message again for ever, or lose the ticks beside it."""
    good = {
        "tick_id": "tick-edge-good",
        "slot_id": town.slot_id,
        "person_id": town.anna_id,
        "mark": "present",
        "marked_at": f"{today()}T09:00:00+08:00",
    }
    bad = good | {"tick_id": "tick-edge-bad", "marked_at": marked_at}
    reply = coordinator.post("/api/roll/ticks", json={"ticks": [bad, good]})
    assert reply.status_code == 200
    told = reply.json()["ticks"]
    assert [(one["tick_id"], one["mark"], one["code"]) for one in told] == [
        (bad["tick_id"], None, "tick_unreadable"),
        (good["tick_id"], "present", None),
    ]
    assert "平板的日期和时间" in told[0]["detail"]
    nameless = good | {"tick_id": "?", "marked_at": marked_at}
    assert coordinator.post("/api/roll/ticks", json={"ticks": [nameless]}).status_code == 422
