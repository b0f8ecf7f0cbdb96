"""Screens that one reaches only by doing something: each opens itself on a page of somebody who is signed in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MOST_DAYS_BACK: Final = 7


def open_fullest_roll(page: Page, address: str) -> bool:
    """Open the roll with the most children of today, or of the last school day; return whether there is one."""
    page.goto(f"{address}/coordinator")
    for _ in range(MOST_DAYS_BACK):
        rows = page.locator("table.board tbody tr")
        if rows.count():
            counts = [int(row.locator("td.number").first.inner_text()) for row in rows.all()]
            rows.nth(counts.index(max(counts))).locator("a.button").click()
            page.locator("#roll").wait_for()
            return True
        page.locator(".day-switch a").first.click()
    return False


def _open_staff(page: Page, address: str) -> None:
    open_fullest_roll(page, address)
    page.locator("a[href*='/staff']").click()
    page.locator("#staff").wait_for()


def _open_drawer(page: Page, address: str) -> None:
    open_fullest_roll(page, address)
    page.click("#open-waitlist")
    page.locator("#waitlist-title").wait_for()


def _open_move(page: Page, address: str) -> None:
    open_fullest_roll(page, address)
    page.locator(".child:not(.is-away) button[id^=move-]").first.click()
    page.locator("#move-to").wait_for()
    # The first target that is possible, of those beyond the child's own site.
    targets = page.locator("#move-to option:not([disabled])").all()[1:]
    for value in [one.get_attribute("value") for one in targets[2:10] or targets]:
        page.locator("#move-to").select_option(value)
        page.locator("#panel h3").wait_for()
        page.wait_for_timeout(600)
        if page.locator("#move-commit:not([disabled])").count():
            return


def _list_found(page: Page, address: str, text: str) -> list[str]:
    page.goto(f"{address}/desk")
    page.fill("#text", text)
    page.locator("a.result").first.wait_for()
    return [row.get_attribute("href") or "" for row in page.locator("a.result").all()]


def _open_person(page: Page, address: str) -> None:
    """Open somebody who draws on care hours, else somebody who has anything: it shows more of the card."""
    found = _list_found(page, address, "王")
    for wanted in ("table.week td.number b", "a.stay"):
        for link in found:
            page.goto(address + link)
            if page.locator(wanted).count() and page.locator(".need-line").count():
                return


def _open_options(page: Page, address: str) -> None:
    """Open the options of a need that waits; nothing is recorded for it."""
    for link in _list_found(page, address, "李"):
        page.goto(address + link)
        waiting = page.locator(".need-line a.button:not(.second)")
        if waiting.count():
            waiting.first.click()
            page.locator("#live").wait_for()
            if page.locator(".option").count() > 1:
                return


def _open_nearby(page: Page, address: str) -> None:
    _open_person(page, address)
    page.goto(f"{page.url}/map")
    page.locator(".near-site").first.wait_for()


def _open_roll_back(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.locator("#roll-back button").click()
    page.locator("#confirm-roll-back").wait_for()


def _weigh_offer(page: Page, address: str) -> None:
    page.goto(f"{address}/shopping")
    # The day-care centre that most people wait for where the town is the sample, else any.
    wanted = page.locator("#class_code option", has_text=re.compile("瞿东日托|Qudong Day"))
    options = wanted if wanted.count() else page.locator("#class_code optgroup option")
    page.select_option("#class_code", options.first.get_attribute("value"))
    for day in range(5):
        page.check(f"input[name=weekdays][value='{day}']")
    page.fill("#room", "5")
    page.fill("#volunteers", "2")
    page.locator("#offer button").click()
    page.locator("#answer .card").wait_for(timeout=180_000)
    page.locator("#answer").scroll_into_view_if_needed()


def _open_round(page: Page, address: str) -> None:
    page.goto(f"{address}/rounds")
    page.locator("main a[href^='/rounds/']").first.click()
    page.locator("#round").wait_for()


SCENES: Final[tuple[tuple[str, str, Callable[[Page, str], object]], ...]] = (
    ("roll", "coordinator", open_fullest_roll),
    ("staff", "coordinator", _open_staff),
    ("drawer", "coordinator", _open_drawer),
    ("move", "coordinator", _open_move),
    ("person", "adviser", _open_person),
    ("options", "adviser", _open_options),
    ("nearby", "adviser", _open_nearby),
    ("roll-back", "manager", _open_roll_back),
    ("offer", "manager", _weigh_offer),
    ("round", "manager", _open_round),
)
"""Name of the picture, who is signed in, what opens it."""
