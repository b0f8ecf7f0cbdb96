"""A small town with tonight's plan behind a running service, and people who sit in front of it with a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.shots import LOCALES, make_town, serving, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, StorageState


@dataclass(frozen=True)
class Town:
    """Where the service answers, and the password of its synthetic staff."""

    address: str
    password: str
    data: Path


@dataclass
class Desk:
    """One person's signed-in browser, and what went wrong in it without anybody seeing."""

    page: Page
    language: str
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the service and wait until its parts are there."""
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def note_request(self, request: Request) -> None:
        """Keep every request to another host: there must be none."""
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The small sample with a published plan, served on a free port."""
    data = tmp_path_factory.mktemp("browser") / "data"
    make_town(data)
    with serving(data) as address:
        yield Town(address, (data / "demo-password.txt").read_text(encoding="utf-8").strip(), data)


@pytest.fixture(scope="session")
def logins() -> dict[tuple[str, str], StorageState]:
    """What a browser keeps of a login, by role and language, for those who only look at pages."""
    return {}


@pytest.fixture
def sit_down(
    browser: Browser, town: Town, logins: dict[tuple[str, str], StorageState]
) -> Iterator[Callable[..., Desk]]:
    """Let somebody of a role (none: not signed in) sit down in a language; whatever the page said amiss fails the test.

    ``is_back``: they signed in for an earlier test and do not again.
    """
    opened: list[BrowserContext] = []
    desks: list[Desk] = []

    def make(role: str | None, language: str, *, is_back: bool = False) -> Desk:
        kept = logins.get((role or "", language)) if is_back else None
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale=LOCALES[language], storage_state=kept
        )
        opened.append(context)
        page = context.new_page()
        desk = Desk(page, language, town.address)
        desks.append(desk)
        page.on("request", desk.note_request)
        page.on("pageerror", lambda error: desk.faults.append(f"script: {error}"))
        # Chromium logs each refused reply as an error of its own; those are answers, and the tests read them.
        page.on(
            "console",
            lambda said: (
                desk.faults.append(f"console: {said.text}")
                if said.type == "error" and "status of 4" not in said.text
                else None
            ),
        )
        if role is not None and kept is None:
            sign_in(page, town.address, role, town.password)
            if is_back:
                logins[role, language] = context.storage_state()
        return desk

    yield make
    for context in opened:
        context.close()
    assert [fault for desk in desks for fault in desk.faults] == []
