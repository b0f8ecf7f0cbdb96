"""What every screen must keep: WCAG 2.2 A and AA by axe-core, no sideways scrolling, no text left in the other language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

from app.language.catalogue import load_translations

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 375, "height": 812}
ZOOMED = {"width": 640, "height": 450}
"""1280 x 900 at 200 %."""

_axe = Axe()


def list_violations(page: Page) -> list[str]:
    """Return what axe-core finds, a line each with the first element concerned."""
    found = _axe.run(
        page, options={"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": LEVELS}}
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
    ]


def list_overflows(page: Page) -> list[str]:
    """Return the widths at which the page itself (not a table inside it) must be pushed sideways."""
    before = page.viewport_size
    wide = []
    for size in (TABLET, ZOOMED, PHONE):
        page.set_viewport_size(size)
        pixels = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if pixels > 1:
            wide.append(f"{pixels} px too wide at {size['width']} px")
    if before is not None:
        page.set_viewport_size(before)
    return wide


def list_untranslated(page: Page) -> list[str]:
    """Return English sentences of the catalogue on a Chinese page, or Chinese ones on an English page."""
    is_chinese = (page.get_attribute("html", "lang") or "").startswith("zh")
    lines = {line.strip() for line in page.inner_text("body").splitlines() if line.strip()}
    catalogue = load_translations("zh")
    pairs = {
        (english, catalogue.gettext(english))
        for english in _list_english()
        if not re.search(r"[{<]", english)
    }
    wrong = {english if is_chinese else chinese for english, chinese in pairs if english != chinese}
    return sorted(lines & wrong)


def _list_english() -> list[str]:
    known = getattr(load_translations("zh"), "_catalog", {})
    return [key for key in known if isinstance(key, str) and key]
