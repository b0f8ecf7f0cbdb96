"""Every page in both languages: accessible, whole at tablet width and at 200 %, in one language, from one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.accessible import list_overflows, list_untranslated, list_violations
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
    assert len(list_overflows(page)) == 2
    assert "Sign in" in list_untranslated(page)
