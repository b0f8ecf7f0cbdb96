"""A manager's morning: what the night did, person by person, and a decision that takes nothing away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.language.catalogue import say
from tests.browser.accessible import list_violations
from tests.browser.shots import LOCALES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", LOCALES)
def test_the_night_is_read_down_to_one_persons_reasons(
    sit_down: Callable[[str | None, str], Desk], language: str
) -> None:
    page = sit_down("manager", language).go("/")
    gates = page.locator("#morning li.tile:has(.mark)")
    assert gates.count() == 5
    for text in gates.all_inner_texts():
        assert text.strip().startswith("0"), text
        assert text.strip().endswith("✓"), text
    page.locator("#roll-back button").click()
    expect(page.locator("#confirm-roll-back")).to_be_visible()  # what it would do, before anything is done
    assert list_violations(page) == []
    page.get_by_role("link", name=say("Unplaced and moved, person by person", language)).first.click()
    page.wait_for_url("**/plan/proposals*")
    row = page.locator("tbody tr").first
    assert len(row.locator("td.why").inner_text()) > 10
    row.locator("details summary").click()
    expect(row.locator("details li").first).to_be_visible()
    assert list_violations(page) == []


def test_an_adviser_is_told_what_they_may_not_open(sit_down: Callable[[str | None, str], Desk]) -> None:
    desk = sit_down("adviser", "zh")
    page = desk.page
    reply = page.goto(desk.address + "/plan/proposals")
    assert reply is not None
    assert reply.status in {200, 403, 404}
    expect(page.locator("h1")).to_be_visible()
    assert list_violations(page) == []


def test_the_language_is_switched_in_place_and_kept(sit_down: Callable[[str | None, str], Desk]) -> None:
    page = sit_down("manager", "zh").go("/coverage")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(page.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
