"""What somebody has begun to fill in survives every look of a page at the server, and looking keeps no login awake."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from app.auth import IDLE
from app.clock import now, today
from app.db import Database
from app.language.catalogue import say
from app.models import Login
from tests.browser.scenes import open_fullest_roll
from tests.browser.test_adviser_day import ask_for_lunch, find_lunch_day, open_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Response

    from tests.browser.conftest import Desk, Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER = "form[hx-post$='/place']"


def is_news(reply: Response) -> bool:
    """Return whether a page that looked by itself was told of a change."""
    return "/live?" in reply.url and reply.status == 200


def choose_weekly_lunch(page: Page) -> None:
    """Ask for a lunch every week for the person on the screen, and open the panel that asks who says yes."""
    page.goto(page.url + "/needs/new")
    page.select_option("#kind", "canteen")
    page.check(f"input[name=weekdays][value='{find_lunch_day().weekday()}']")
    page.fill("input[name=starts_on]", (today() + timedelta(days=1)).isoformat())
    page.select_option("select[name=part]", "lunch")
    page.click("#need-form button")
    page.wait_for_url("**/desk/needs/*")
    page.locator("button[id^=take-]").first.click()
    expect(page.locator(ANSWER)).to_be_visible()


def test_who_said_yes_stays_chosen_while_a_colleague_takes_a_place(
    sit_down: Callable[[str | None, str], Desk],
) -> None:
    page = open_person(sit_down("adviser", "zh"), "吴")
    choose_weekly_lunch(page)
    beside = open_person(sit_down("adviser", "en"), "孙")
    ask_for_lunch(beside, find_lunch_day())
    page.select_option(f"{ANSWER} [name=by]", "guardian")
    page.select_option(f"{ANSWER} [name=channel]", "phone")
    page.locator("h1").click()  # nothing has the focus: the choices alone are what was begun
    with page.expect_response(is_news):
        beside.locator("button[id^=take-]").first.click()
    expect(page.locator("#news")).to_be_visible()
    expect(page.locator(f"{ANSWER} [name=by]")).to_have_value("guardian")
    expect(page.locator(f"{ANSWER} [name=channel]")).to_have_value("phone")
    page.fill(f"{ANSWER} [name=reason]", "出院，家里没有人")
    with page.expect_response(is_news):
        beside.click("#release")
    page.wait_for_timeout(500)
    expect(page.locator(f"{ANSWER} [name=reason]")).to_have_value("出院，家里没有人")
    expect(page.locator(f"{ANSWER} [name=by]")).to_have_value("guardian")
    # Whoever would rather see the news than go on is shown it.
    page.locator("#news button").click()
    expect(page.locator("#news")).to_be_hidden()
    expect(page.locator(f"{ANSWER} [name=by]")).to_have_value("self")
    # What is put back as it was lets the page catch up by itself.
    page.select_option(f"{ANSWER} [name=by]", "family")
    page.locator("h1").click()
    with page.expect_response(is_news):
        beside.locator("button[id^=take-]").first.click()
    expect(page.locator("#news")).to_be_visible()
    page.select_option(f"{ANSWER} [name=by]", "self")
    page.locator("h1").click()
    expect(page.locator("#news")).to_be_hidden(timeout=8000)
    beside.click("#release")


def test_an_act_beside_it_puts_back_what_another_form_began(
    sit_down: Callable[[str | None, str], Desk],
) -> None:
    desk = sit_down("coordinator", "zh")
    if not open_fullest_roll(desk.page, desk.address):
        pytest.skip("the sample's last school day lies too far back")
    page = desk.page
    rows = page.locator(".child:has(form.away)")
    first, second = (f"#{rows.nth(number).get_attribute('id')}" for number in (0, 1))
    page.locator(f"{first} summary").click()
    page.select_option(f"{first} [name=kind]", "hospital")
    page.locator(f"{second} summary").click()
    page.fill(f"{second} [name=first]", "2026-03-01")  # a Sunday: nothing to note, but the roll is shown anew
    page.fill(f"{second} [name=last]", "2026-03-01")
    page.locator(f"{second} form.away button").click()
    expect(page.locator("#roll [role=status]").first).to_be_visible()
    expect(page.locator(f"{first} [name=kind]")).to_have_value("hospital")
    expect(page.locator(f"{first} [name=kind]")).to_be_visible()
    expect(page.locator(f"{second} [name=first]")).not_to_have_value("2026-03-01")


def test_a_desk_left_open_is_signed_out_and_what_was_opened_is_gone(
    sit_down: Callable[[str | None, str], Desk], town: Town
) -> None:
    desk = sit_down("adviser", "zh")
    page = open_person(desk, "陈")
    page.locator("summary", has_text=say("Show a hidden field", "zh")).click()
    page.select_option("select[name=field]", "phone")
    page.fill("input[name=reason]", "电话通知家属")
    page.get_by_role("button", name=say("Show", "zh"), exact=True).click()
    expect(page.locator("#value-phone")).not_to_contain_text("*")
    number = page.locator("#value-phone").inner_text()
    with page.expect_request(lambda one: "/live?" in one.url) as looked:
        pass
    assert looked.value.headers["x-look"] == "1"
    database = Database.at(f"sqlite:///{town.data / 'carematch.sqlite3'}")
    with database.writing() as session:
        mine = select(func.max(Login.id)).scalar_subquery()
        long_ago = now() - IDLE - timedelta(minutes=1)
        session.execute(update(Login).where(Login.id == mine).values(last_seen_at=long_ago))
    database.dispose()
    page.wait_for_url(re.compile(r"/login\?next=%2Fdesk%2Fpeople%2F\d+$"), timeout=8000)
    assert number not in page.content()
    desk.faults.clear()  # htmx logs the refusal that this test is about
