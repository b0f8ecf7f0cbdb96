"""The page of closures: who closes and opens, what a refusal says, who is named as cancelled."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import today
from app.models import Area, Closure, Service, Site
from app.models.enums import StaffRole
from tests.app.web.coordinator_town import make_town_of_today, sign_in

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service as Served

FIRST, LAST = today() + timedelta(days=1), today() + timedelta(days=10)


def sit_down(service: Served) -> tuple[TestClient, int, int]:
    """Return a coordinator with one site, the site and its service."""
    town = service.database.write(make_town_of_today)
    with service.database.reading() as session:
        site_id = session.get_one(Service, town.service_id).site_id
        code = session.scalars(select(Site.code).where(Site.id == site_id)).one()
    return sign_in(service, "coco", sites=[code]), site_id, town.service_id


def send(browser: TestClient, what: str, **changes: str):
    form = {"what": what, "starts_on": FIRST.isoformat(), "ends_on": LAST.isoformat(), "reason": "检修"}
    return browser.post("/closures", data=form | changes)


def test_coordinator_closes_days_and_opens_them_again(service: Served) -> None:
    browser, site_id, service_id = sit_down(service)
    assert "目前没有停办" in browser.get("/closures").text
    done = send(browser, f"{site_id}.{service_id}")
    assert done.status_code == 200
    assert "已停办" in done.text
    (closure_id,) = re.findall(r"/closures/(\d+)/open-again", done.text)
    from_on = (FIRST + timedelta(days=2)).isoformat()
    shorter = browser.post(f"/closures/{closure_id}/open-again", data={"from_on": from_on})
    assert "起恢复开放" in shorter.text
    late = browser.post(f"/closures/{closure_id}/open-again", data={"from_on": from_on})
    assert late.status_code == 409
    assert "本来就开放" in late.text
    gone = browser.post(f"/closures/{closure_id}/open-again", data={"from_on": FIRST.isoformat()})
    assert "目前没有停办" in gone.text
    with service.database.reading() as session:
        assert session.scalars(select(Closure)).one().taken_back_at is not None


def test_reversed_or_endless_closure_is_refused_with_a_sentence(service: Served) -> None:
    browser, site_id, _ = sit_down(service)
    before = (FIRST - timedelta(days=1)).isoformat()
    for last, sentence in (
        (before, "最后一天不能早于第一天"),
        ((FIRST + timedelta(days=800)).isoformat(), "最长两年"),
    ):
        refused = send(browser, str(site_id), ends_on=last)
        assert refused.status_code == 422
        assert sentence in refused.text


def test_site_of_somebody_else_is_neither_offered_nor_closed(service: Served) -> None:
    _, site_id, _ = sit_down(service)
    other = sign_in(service, "else")
    assert f'value="{site_id}"' not in other.get("/closures").text
    assert send(other, str(site_id)).status_code == 403


def test_adviser_sees_closures_and_closes_nothing(service: Served) -> None:
    browser, site_id, _ = sit_down(service)
    send(browser, str(site_id))
    with service.database.reading() as session:
        root = session.scalars(select(Area.code).where(Area.parent_id.is_(None))).first()
    adviser = sign_in(service, "ada", [root], role=StaffRole.adviser)
    page = adviser.get("/closures")
    assert "检修" in page.text
    assert "open-again" not in page.text
    assert send(adviser, str(site_id)).status_code == 403
