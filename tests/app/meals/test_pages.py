"""The kitchen over HTTP: its own sites only, counted, ticked, printed; a look at the names is noted."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.clock import today
from app.models import Person, ReadLogRow, Site, Slot
from app.models.enums import StaffRole
from tests.app.meals import conftest
from tests.app.planning.town import publish_years
from tests.factories.providers import make_site

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service

HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


@pytest.fixture
def made(service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A canteen that cooks today, with one delivery for somebody whose name looks like a formula."""
    monkeypatch.setattr(conftest, "TODAY", today())

    def work(session: WriteSession) -> dict[str, object]:
        publish_years(session)
        canteen = conftest.make_canteen(session)
        row = canteen.order(brought=True, diet="糖尿病餐")
        person = session.get_one(Person, row.person_id)
        person.name = "=1+2王五"
        site = session.get_one(Site, canteen.service.site_id)
        return {
            "site": site.code,
            "elsewhere": make_site(session).code,
            "service": canteen.service.id,
            "slot": canteen.slot(today()).id,
            "person": row.person_id,
        }

    return service.database.write(work)


def at_site(service: Service, code: object) -> TestClient:
    return service.as_program(StaffRole.site, sites=[str(code)])


def test_kitchen_is_counted_for_its_own_site_only(service: Service, made: dict[str, object]) -> None:
    (sitting,) = at_site(service, made["site"]).get("/api/kitchen").json()
    assert (sitting["slot_id"], sitting["to_cook"], sitting["delivery"]) == (made["slot"], 1, 1)
    assert sitting["diets"] == [["糖尿病餐", 1]]
    other = at_site(service, made["elsewhere"])
    assert other.get("/api/kitchen").json() == []
    assert other.get(f"/api/services/{made['service']}/meals").status_code == 404
    (meal,) = at_site(service, made["site"]).get(f"/api/services/{made['service']}/meals").json()
    assert (meal["person_id"], meal["way"], meal["state"]) == (made["person"], "delivery", "ordered")


def test_guest_is_ticked_once_per_key_and_taken_back(service: Service, made: dict[str, object]) -> None:
    door = at_site(service, made["site"])
    key = {"Idempotency-Key": "tap-1"}
    first, again = (door.post(f"/api/slots/{made['slot']}/walk-ins", headers=key) for _ in range(2))
    assert first.status_code == 201
    assert first.json() == again.json()
    assert door.get("/api/kitchen").json()[0]["guests"] == 1
    assert (
        at_site(service, made["elsewhere"]).delete(f"/api/walk-ins/{first.json()['id']}").status_code == 403
    )
    assert door.delete(f"/api/walk-ins/{first.json()['id']}").status_code == 204
    assert door.get("/api/kitchen").json()[0]["guests"] == 0


def test_page_counts_ticks_and_says_when_no_seat_is_left(service: Service, made: dict[str, object]) -> None:
    page = service.sign_in(service.add_user(StaffRole.site, sites=[str(made["site"])]).name)
    page.headers.update(HTML)
    text = page.get("/kitchen").text
    assert "糖尿病餐" in text
    assert "=1+2王五" not in text  # names are on paper only
    for guests in (1, 2, 3):
        assert f"{guests} / 3" in page.post(f"/kitchen/slots/{made['slot']}/tick").text
    full = page.post(f"/kitchen/slots/{made['slot']}/tick")
    assert full.status_code == 200
    assert 'role="alert"' in full.text
    assert "2 / 3" in page.post(f"/kitchen/slots/{made['slot']}/untick").text
    assert "这一天您的食堂不开餐" in page.get("/kitchen?on=2020-01-01").text


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_tick_for_another_days_sitting_says_what_happened(
    service: Service, made: dict[str, object], *, is_shown: bool
) -> None:
    def find_other(session: WriteSession) -> int:
        slot = session.get_one(Slot, made["slot"])
        if is_shown:
            other = select(Slot.id).where(Slot.template_id == slot.template_id, Slot.id != slot.id)
            return session.scalars(other).all()[-1]
        slot.occurs_on = today() - timedelta(
            days=1
        )  # a Sunday: no kitchen cooks, so there is no card to answer with
        return slot.id

    slot_id = service.database.write(find_other)
    page = service.sign_in(service.add_user(StaffRole.site, sites=[str(made["site"])]).name)
    page.headers.update(HTML)
    answer = page.post(f"/kitchen/slots/{slot_id}/tick")
    assert answer.status_code == (200 if is_shown else 409)
    assert "堂食只能在当天登记" in answer.text
    assert ("<article" in answer.text) == is_shown


def test_paper_and_excel_name_who_gets_what_and_the_look_is_noted(
    service: Service, made: dict[str, object]
) -> None:
    user = service.add_user(StaffRole.site, sites=[str(made["site"])])
    page = service.sign_in(user.name)
    page.headers.update(HTML)
    printed = page.get("/kitchen/kitchen.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(printed.content)).pages)
    text = text.replace("\0", "")
    assert "王五" in text
    assert "糖尿病餐" in text
    book = openpyxl.load_workbook(BytesIO(page.get("/kitchen/kitchen.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "=1+2王五" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)
    with service.database.reading() as session:
        noted = session.scalars(select(ReadLogRow.fields).where(ReadLogRow.user_id == user.id)).all()
    assert noted == ["kitchen.pdf", "kitchen.xlsx"]
