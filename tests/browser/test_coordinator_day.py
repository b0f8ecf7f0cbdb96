"""A coordinator's afternoon: ticks, siblings, a tablet that loses the network, a move by drag and by keyboard, papers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import list_overflows, list_untranslated, list_violations
from tests.browser.scenes import open_fullest_roll
from tests.browser.shots import LOCALES, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Desk, Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIND_KEPT = """async () => {
  const roll = document.getElementById("roll");
  const kept = await (await caches.open("carematch-roll")).match(location.pathname);
  if (!kept || roll.querySelector(".waiting")) return null;
  const hours = (Number(kept.headers.get("X-Keep-Until")) - Date.now()) / 3600000;
  return { hours, policy: kept.headers.get("Content-Security-Policy"), text: await kept.text() };
}"""

NOTHING_WAITS = (
    """() => localStorage.getItem("carematch-roll") === "[]" && !document.querySelector(".child.waiting")"""
)


def wait_for(page: Page, script: str) -> Any:
    """Return what an asynchronous script answers as soon as that is something."""
    for _ in range(100):
        found = page.evaluate(script)
        if found:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"the page never answered: {script}")


def open_roll(desk: Desk) -> Page:
    """Open the fullest roll of today, or of the last school day: the sample keeps both."""
    if not open_fullest_roll(desk.page, desk.address):
        pytest.skip("the sample's last school day lies too far back to be ticked")
    return desk.page


def clear(page: Page, row: Locator) -> None:
    """Take back what was ticked, until the child is expected again."""
    for _ in range(3):
        if "is-cleared" in (row.get_attribute("class") or ""):
            return
        before = row.get_attribute("class")
        row.locator("[data-mark=cleared], [data-mark=present]").last.click()
        expect(row).not_to_have_class(before or "")
        expect(row).not_to_have_class(re.compile("waiting"))
    expect(row).to_have_class(re.compile("is-cleared"))


def pick(page: Page, number: int = 0) -> Locator:
    """Return a child's row by its own id: rows are replaced when anything changes."""
    return page.locator(f"#{page.locator('.child').nth(number).get_attribute('id')}")


@pytest.mark.parametrize("language", LOCALES)
def test_one_tap_is_seen_on_another_page_within_five_seconds(
    sit_down: Callable[[str | None, str], Desk], language: str
) -> None:
    desk = sit_down("coordinator", language)
    page = open_roll(desk)
    row = pick(page)
    clear(page, row)
    other = sit_down("site", language).go(page.url.removeprefix(desk.address))
    there = other.locator(f"#{row.get_attribute('id')}")
    expect(there).to_have_class(re.compile("is-cleared"), timeout=6000)
    row.locator("[data-mark=present]").first.click()
    expect(row).to_have_class(re.compile("is-present"))
    expect(there).to_have_class(re.compile("is-present"), timeout=5000)
    assert list_violations(page) == []
    assert list_untranslated(page) == []


def test_ticks_wait_on_the_tablet_while_it_is_offline(sit_down: Callable[[str | None, str], Desk]) -> None:
    desk = sit_down("coordinator", "zh")
    page = open_roll(desk)
    row = pick(page, 1)
    clear(page, row)
    kept_page = wait_for(page, FIND_KEPT)
    assert 0 < kept_page["hours"] <= 4
    assert "default-src 'none'" in kept_page["policy"]
    assert "tel:" not in kept_page["text"]
    page.context.set_offline(True)
    row.locator("[data-mark=present]").first.click()
    expect(row).to_have_class(re.compile("is-present waiting|waiting is-present"))
    expect(page.locator("#queue")).to_contain_text("待上传")
    kept = json.loads(page.evaluate("localStorage.getItem('carematch-roll')"))
    assert len(kept) == 1
    assert set(kept[0]) == {"tick_id", "slot_id", "person_id", "mark", "marked_at", "by"}
    assert list_violations(page) == []
    page.reload()  # the tablet's browser was closed, or somebody pressed the wrong key
    expect(page.locator("#kept")).to_be_visible()
    expect(row).to_have_class(re.compile("is-present waiting|waiting is-present"))
    expect(page.locator("#queue")).to_contain_text("待上传")
    assert list_violations(page) == []
    page.goto(desk.address + "/coordinator")
    expect(page.locator("h1")).to_have_text("连不上服务器")
    page.locator("a.button").first.click()
    expect(row).to_have_class(re.compile("waiting"))
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_be_hidden(timeout=10_000)
    expect(page.locator("#queue")).to_be_hidden(timeout=10_000)
    wait_for(page, NOTHING_WAITS)
    page.reload()
    expect(row).to_have_class(re.compile("is-present"))
    page.locator("button[hx-post='/logout']").click()
    page.wait_for_url("**/login")
    assert wait_for(page, "async () => (await caches.keys()).length === 0")
    cut = re.compile(
        "ERR_INTERNET_DISCONNECTED|status of 503"
    )  # what Chromium logs of the cut that this test made
    desk.faults[:] = [fault for fault in desk.faults if not cut.search(fault)]


def test_on_a_shared_tablet_nobody_sends_what_another_tapped(
    sit_down: Callable[[str | None, str], Desk], town: Town
) -> None:
    desk = sit_down("coordinator", "zh")
    page = open_roll(desk)
    path = page.url
    row = pick(page, 1)
    clear(page, row)
    wait_for(
        page, FIND_KEPT
    )  # the page's helper is installed: cut before that, the browser complains of its script
    page.context.set_offline(True)
    row.locator("[data-mark=absent]").first.click()
    expect(page.locator("#queue")).to_contain_text("待上传")
    page.context.clear_cookies()  # the first one's login has ended; the tablet goes on to a colleague
    page.context.set_offline(False)
    expect(page.locator("#queue")).to_contain_text("登录", timeout=10_000)
    sign_in(page, desk.address, "site", town.password)
    page.goto(path)
    expect(page.locator("#queue")).to_contain_text("另一位工作人员", timeout=10_000)
    assert len(json.loads(page.evaluate("localStorage.getItem('carematch-roll')"))) == 1
    assert list_violations(page) == []
    page.context.clear_cookies()
    sign_in(page, desk.address, "coordinator", town.password)
    page.goto(path)
    wait_for(
        page, NOTHING_WAITS
    )  # the note is hidden before the first look, so it cannot tell that all was sent
    expect(row).to_have_class(re.compile("is-away"), timeout=10_000)
    expect(page.locator("#queue")).to_be_hidden(timeout=10_000)
    cut = re.compile("ERR_INTERNET_DISCONNECTED|status of 503")
    desk.faults[:] = [fault for fault in desk.faults if not cut.search(fault)]


def test_siblings_come_with_one_tap(sit_down: Callable[[str | None, str], Desk]) -> None:
    page = open_roll(sit_down("coordinator", "zh"))
    families = page.locator(".child", has_text="同来：")
    if families.count() < 2:
        pytest.skip("the fullest roll of this town has no siblings on this day")
    ids = [each.get_attribute("id") for each in families.all()]
    for each in ids:
        clear(page, page.locator(f"#{each}"))
    first = page.locator(f"#{ids[0]}")
    first.locator("[id$=-family]").click()
    expect(first).to_have_class(re.compile("is-present"))
    assert page.locator(".child.is-present", has_text="同来：").count() >= 2


@pytest.mark.parametrize("language", LOCALES)
def test_a_drag_and_a_button_show_the_same_preview_and_nothing_is_done(
    sit_down: Callable[[str | None, str], Desk], language: str
) -> None:
    page = open_roll(sit_down("coordinator", language))
    row = pick(page, page.locator(".child").count() - 1)  # beside the list of sites: a drag does not scroll
    row.drag_to(page.locator(".drops li").first, source_position={"x": 40, "y": 20})
    expect(page.locator("#move-title")).to_be_focused()
    dropped = page.locator("#panel h3").inner_text()
    assert list_violations(page) == []
    assert list_overflows(page) == []
    page.locator("#panel [data-close]").click()
    row.locator("button[id^=move-]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#move-title")).to_be_focused()  # comes last: the panel listens now
    target = page.locator(f"#move-to option:has-text('{dropped.split('：')[-1].split(': ')[-1][:6]}')").first
    page.locator("#move-to").select_option(target.get_attribute("value"))
    expect(page.locator("#panel h3")).to_be_visible()
    expect(page.locator("#panel table").last).to_be_visible()
    assert list_untranslated(page) == []


def test_drawer_staff_alarm_and_papers_are_for_everybody(sit_down: Callable[[str | None, str], Desk]) -> None:
    desk = sit_down("coordinator", "zh")
    page = open_roll(desk)
    roll = page.url
    page.click("#open-waitlist")
    expect(page.locator("#waitlist-title")).to_be_focused()
    assert list_violations(page) == []
    papers = page.locator(".papers a")
    assert papers.count() == 7
    for each in papers.all():
        answer = page.request.get(desk.address + (each.get_attribute("href") or ""))
        assert answer.ok
    page.goto(roll.partition("?")[0] + "/staff" + (f"?{roll.partition('?')[2]}" if "?" in roll else ""))
    assert list_violations(page) == []
    assert list_overflows(page) == []
    page.goto(desk.address + "/coordinator")
    page.locator("button[id^=phones-]").first.click()
    expect(page.locator(".contacts")).to_be_visible()
    assert list_violations(page) == []
