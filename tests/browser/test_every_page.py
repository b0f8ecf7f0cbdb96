"""Every page in both languages: accessible, whole at tablet width and at 200 %, in one language, from one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.accessible import PHONE, list_overflows, list_untranslated, list_violations
from tests.browser.scenes import open_fullest_roll
from tests.browser.shots import LOCALES, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("name", "role", "path"), PAGES, ids=[name for name, _, _ in PAGES])
def test_page_is_for_everybody(
    sit_down: Callable[..., Desk], language: str, name: str, role: str | None, path: str
) -> None:
    page = sit_down(role, language, is_back=True).go(path)
    assert ("/login" in page.url) == (path == "/login"), "whoever is back is still signed in"
    assert page.locator("h1").count() >= 1, f"{name} has no heading"
    assert list_violations(page) == []
    assert list_overflows(page) == []
    assert list_untranslated(page) == []


@pytest.mark.parametrize("language", LOCALES)
def test_the_board_fits_a_phone(sit_down: Callable[..., Desk], language: str) -> None:
    """A site is read at a glance: no name a character a line, its roll one tap away and in sight."""
    desk = sit_down("coordinator", language, is_back=True)
    page = desk.page
    page.set_viewport_size(PHONE)
    if not open_fullest_roll(page, desk.address):
        pytest.skip("the sample's last school day lies too far back")
    page.go_back()
    page.locator("table.board").wait_for()
    heights = page.evaluate("[...document.querySelectorAll('main tbody tr')].map((row) => row.offsetHeight)")
    assert max(heights) < PHONE["height"], heights
    narrow = page.evaluate(
        """[...document.querySelectorAll('main tbody th, main tbody td a')].filter((one) =>
           one.textContent.trim().length > 3 && one.getBoundingClientRect().width < 48).length"""
    )
    assert narrow == 0
    rights = page.evaluate(
        "[...document.querySelectorAll('table.board a.button')].map((one) => one.getBoundingClientRect().right)"
    )
    assert rights
    assert max(rights) <= PHONE["width"]
    assert list_violations(page) == []


def test_a_page_with_faults_is_found(sit_down: Callable[..., Desk]) -> None:
    page = sit_down(None, "zh").go("/login")
    page.evaluate(
        """() => {
        const main = document.querySelector("main");
        main.insertAdjacentHTML("beforeend", "<input><p>Sign in</p><div id='wide'>x</div>");
        document.getElementById("wide").style.width = "2000px";
        }"""
    )
    assert any("label" in each for each in list_violations(page))
    assert len(list_overflows(page)) == 3
    assert "Sign in" in list_untranslated(page)
