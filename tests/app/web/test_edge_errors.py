"""What goes wrong before any route is asked, or in none, is a page for whom asks for one, and a problem for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.middleware import BODY_LIMIT
from app.models.enums import StaffRole

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service

HTML = {"accept": "text/html,application/xhtml+xml", "accept-language": "zh-CN,zh;q=0.9"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
BROKEN = {"content-type": "multipart/form-data"}
CASES = {
    "a body that says it is too large": ("POST", FORM, b"x" * (BODY_LIMIT + 1), 413),
    "a body whose length is no number": ("POST", FORM | {"content-length": "many"}, b"x", 413),
    "a body that is too large and does not say so": ("POST", FORM, 2, 413),
    "a form that cannot be read": ("POST", BROKEN, b"x", 422),
    "a form with other fields": ("POST", FORM, b"nothing=1", 422),
    "a method that the address does not take": ("PUT", {}, b"", 405),
}


@pytest.fixture
def browser(service: Service) -> TestClient:
    service.add_user(StaffRole.manager, name="boss")
    return service.sign_in("boss")


def ask(browser: TestClient, path: str, case: str, **headers: str):
    method, more, body, _ = CASES[case]
    content = iter([b"x" * 700_000] * body) if isinstance(body, int) else body
    return browser.request(method, path, content=content, headers=HTML | more | headers)


@pytest.mark.parametrize("case", CASES)
def test_page_is_answered_with_a_page_in_the_readers_language(browser: TestClient, case: str) -> None:
    expected = 404 if CASES[case][3] == 405 else CASES[case][3]  # nobody types a method
    told = ask(browser, "/closures", case)
    assert (told.status_code, told.headers["content-type"]) == (expected, "text/html; charset=utf-8")
    assert "没有成功" in told.text
    assert "X-Request-Mark" in told.headers
    assert "This did not work" in ask(browser, "/closures", case, **{"accept-language": "en"}).text


@pytest.mark.parametrize("case", CASES)
def test_programs_and_parts_of_pages_are_answered_with_a_problem(browser: TestClient, case: str) -> None:
    expected = CASES[case][3]
    for told in (
        ask(browser, "/api/closures", case),
        ask(browser, "/closures", case, **{"hx-request": "true"}),
    ):
        assert told.headers["content-type"] == "application/problem+json"
        assert (told.status_code, told.json()["status"]) == (expected, expected)


def test_language_of_the_switch_is_the_language_of_the_page(browser: TestClient) -> None:
    browser.post("/language/en", data={"back": "/closures"})
    assert "at most 1 MB" in ask(browser, "/closures", "a body that says it is too large").text


def test_address_that_leads_nowhere_is_a_page(browser: TestClient) -> None:
    told = browser.get("/nowhere", headers=HTML)
    assert (told.status_code, "没有成功" in told.text) == (404, True)
