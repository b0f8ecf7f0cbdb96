"""An adviser's morning, from the search to the printed notice; by mouse, by keyboard alone, and beside a colleague."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.clock import today
from app.language.catalogue import say
from tests.browser.accessible import list_violations
from tests.browser.shots import LOCALES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def find_lunch_day() -> date:
    """Return a weekday a few days ahead: canteens cook from Monday to Friday."""
    on = today() + timedelta(days=1)
    while on.weekday() >= 5:
        on += timedelta(days=1)
    return on


def open_person(desk: Desk, text: str, number: int = 0) -> Page:
    """Search as somebody at the desk does, and open one of those found."""
    page = desk.go("/desk")
    page.fill("#text", text)
    page.locator("a.result").nth(number).click()
    expect(page.locator("#live")).to_be_visible()
    return page


def ask_for_lunch(page: Page, on: date) -> None:
    """Record that the person on the screen would like one lunch; the options follow."""
    page.goto(page.url + "/needs/new")
    page.select_option("#kind", "canteen")
    page.check("input[name=rhythm][value=dated]")
    page.fill("input[name=occurs_on]", on.isoformat())
    page.select_option("select[name=part]", "lunch")
    page.click("#need-form button")
    # Who asks for the same already is asked whether a second one is meant.
    another = page.locator("input[name=is_another]")
    expect(page.locator("#options").or_(another).first).to_be_visible()
    if another.count():
        another.check()
        page.click("#need-form button")
    page.wait_for_url("**/desk/needs/*")
    expect(page.locator("#options")).to_be_visible()


@pytest.mark.parametrize("language", LOCALES)
def test_find_hold_confirm_print_and_undo(sit_down: Callable[[str | None, str], Desk], language: str) -> None:
    desk = sit_down("adviser", language)
    page = open_person(desk, "王" if language == "zh" else "wang", 0 if language == "zh" else 1)
    person = page.url
    assert list_violations(page) == []
    ask_for_lunch(page, find_lunch_day())
    assert list_violations(page) == []
    left = int(page.locator(".option .figures dd b").nth(2).inner_text())
    page.locator("[id^=take-]").first.click()
    expect(page.locator("#held")).to_be_visible()
    assert list_violations(page) == []
    page.click("#confirm")
    printed = page.get_by_role("link", name=say("Print the notice", language))
    expect(printed).to_be_visible()
    notice = page.request.get(page.url + "/notice.pdf")
    assert notice.headers["content-type"] == "application/pdf"
    assert notice.body().startswith(b"%PDF")
    page.get_by_role("button", name=say("Undo this booking", language)).click()
    expect(page.locator("#options")).to_be_visible()
    assert int(page.locator(".option .figures dd b").nth(2).inner_text()) == left
    for name, kind in (("plan.pdf", "application/pdf"), ("calendar.ics", "text/calendar")):
        assert page.request.get(f"{person}/{name}").headers["content-type"].startswith(kind)


@pytest.mark.parametrize("language", LOCALES)
def test_what_is_near_and_the_rings(sit_down: Callable[[str | None, str], Desk], language: str) -> None:
    page = open_person(sit_down("adviser", language), "李")
    page.get_by_role("link", name=say("What is near", language)).click()
    expect(page.locator(".near-site").first).to_be_visible()
    for ring in (300, 500, 1000):
        expect(page.get_by_text(re.compile(rf"^{ring:,} ?m$|^{ring} ?m$"))).to_be_visible()
    assert list_violations(page) == []


@pytest.mark.parametrize("language", LOCALES)
def test_a_note_is_kept_and_leads_the_next_morning(
    sit_down: Callable[[str | None, str], Desk], language: str
) -> None:
    page = open_person(sit_down("adviser", language), "张" if language == "zh" else "zhao")
    name = (page.locator("h1").inner_text().split() or [""])[0]
    page.click("#consultation summary")
    page.fill("#asked", "想了解日托" if language == "zh" else "Asks about day care")
    page.fill("input[name=follow_up_on]", today().isoformat())
    page.get_by_role("button", name=say("Keep this note", language)).click()
    expect(page.locator("#consultation [role=status]")).to_be_visible()
    page.goto(page.url.split("/desk")[0] + "/desk")
    line = page.locator("section[aria-labelledby=due] li", has_text=name)
    expect(line).to_be_visible()
    line.get_by_role("button").click()
    expect(line).to_have_count(0)


def test_a_hidden_field_opens_only_with_a_reason(sit_down: Callable[[str | None, str], Desk]) -> None:
    page = open_person(sit_down("adviser", "zh"), "陈")
    masked = page.locator("#value-phone").inner_text()
    assert "*" in masked
    page.locator("summary", has_text=say("Show a hidden field", "zh")).click()
    page.select_option("select[name=field]", "phone")
    page.fill("input[name=reason]", "电话通知家属")
    page.get_by_role("button", name=say("Show", "zh"), exact=True).click()
    expect(page.locator("#value-phone")).not_to_contain_text("*")


def test_the_keyboard_alone_books(sit_down: Callable[[str | None, str], Desk]) -> None:
    page = sit_down("adviser", "zh").go("/desk")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text("刘")
    expect(page.locator("a.result").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.result").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/people/*")
    ask_for_lunch(page, find_lunch_day())
    _tab_to(page, "take-1")
    page.keyboard.press("Enter")
    expect(page.locator("#held")).to_be_visible()
    _tab_to(page, "confirm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=say("Print the notice", "zh"))).to_be_visible()


def _tab_to(page: Page, identity: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement && document.activeElement.id") == identity:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{identity} does not show that it has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {identity}")


def test_two_advisers_see_each_other_within_five_seconds(
    sit_down: Callable[[str | None, str], Desk],
) -> None:
    mine, other = sit_down("adviser", "zh"), sit_down("adviser", "en")
    page = open_person(mine, "周")
    ask_for_lunch(page, find_lunch_day())
    need = page.url.removeprefix(mine.address)
    beside = other.go(need)
    beside.locator("[id^=take-]").first.click()
    beside.click("#confirm")
    expect(page.get_by_role("link", name=say("Print the notice", "zh"))).to_be_visible(timeout=5000)


def test_nobody_fits_and_a_lost_server_are_said_in_words(sit_down: Callable[[str | None, str], Desk]) -> None:
    desk = sit_down("adviser", "zh")
    page = desk.go("/desk")
    page.fill("#text", "zzzz")
    expect(page.get_by_text("没有找到")).to_be_visible()
    page.context.set_offline(True)
    page.fill("#text", "王")
    expect(page.locator("#message")).to_contain_text("连不上服务器")
    page.context.set_offline(False)
    desk.faults.clear()  # Chromium logs the cut connection that this test made
