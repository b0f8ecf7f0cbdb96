"""`python3 dev.py shots [--data FOLDER]`: pictures of the screens into docs/screens/, in both languages.

Without `--data` a small synthetic town is made, matched and photographed; with it, that demo folder as it is.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.browser.scenes import SCENES
from tests.support.browser import ARGUMENTS, bring_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
PAGES = (
    ("sign-in", None, "/login"),
    ("tonight", "manager", "/"),
    ("map", "manager", "/map"),
    ("proposals", "manager", "/plan/proposals"),
    ("coverage", "manager", "/coverage"),
    ("unmet", "manager", "/unmet"),
    ("notices", "manager", "/notices"),
    ("shopping", "manager", "/shopping"),
    ("rounds", "manager", "/rounds"),
    ("desk", "adviser", "/desk"),
    ("board", "coordinator", "/coordinator"),
    ("closures", "coordinator", "/closures"),
    ("roll", "coordinator", "/coordinator/sites/35"),
    ("staff", "coordinator", "/coordinator/sites/35/staff"),
    ("kitchen", "coordinator", "/kitchen"),
    ("visits", "coordinator", "/visits"),
    ("escorts", "coordinator", "/escorts"),
)
"""Name of the picture, who is signed in, address; tests/browser/scenes.py has the screens that take a few steps."""
PATIENCE = 90_000
"""Milliseconds for a page of a whole subdistrict on a busy machine."""


def run_command(data: Path, *words: str) -> None:
    """Run one `carematch` command on a data folder; raises where it fails."""
    subprocess.run([sys.executable, "-m", "app", *words], cwd=ROOT, env=_environment(data), check=True)


def _environment(data: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"DATA": str(data)}


def make_town(data: Path) -> None:
    """Make a small town with tonight's plan and the demo's users."""
    run_command(data, "sample", "--size", "small")
    run_command(data, "nightly", "--once")
    run_command(data, "demo", "--no-serve")


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Give the address of `carematch serve` on a data folder; stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        cwd=ROOT,
        env=_environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split("CareMatch:")[-1].strip()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urlopen(f"{address}/api/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def sign_in(page: Page, address: str, user: str, password: str) -> None:
    """Sign in as one of the demo's users."""
    page.goto(f"{address}/login")
    page.fill("#name", user)
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url(lambda url: "/login" not in url)


def _sit_down(browser: Browser, locale: str, address: str, user: str | None, password: str) -> BrowserContext:
    """Return a browser of somebody's, signed in once for all pictures."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
    if user is not None:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        sign_in(page, address, user, password)
        page.close()
    return context


def main(arguments: Sequence[str]) -> int:
    """Take every picture and say where it lies."""
    parser = argparse.ArgumentParser(prog="python3 dev.py shots", description=__doc__)
    parser.add_argument("--data", type=Path, help="a demo's data folder, with a plan")
    parser.add_argument("--only", nargs="*", help="names of pictures; default: all")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="carematch-shots-") as folder:
        data = given.data or Path(folder) / secrets.token_hex(4)
        if given.data is None:
            make_town(data)
        password = (data / "demo-password.txt").read_text(encoding="utf-8").strip()
        SCREENS.mkdir(parents=True, exist_ok=True)
        with serving(data) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(bring_chromium()), args=list(ARGUMENTS))
            for language, locale in LOCALES.items():
                signed_in: dict[str | None, BrowserContext] = {}
                for name, user, what in (*PAGES, *SCENES):
                    if given.only and name not in given.only:
                        continue
                    if user not in signed_in:
                        signed_in[user] = _sit_down(browser, locale, address, user, password)
                    page = signed_in[user].new_page()
                    page.set_default_timeout(PATIENCE)
                    if callable(what):
                        what(page, address)
                    else:
                        page.goto(address + what, wait_until="networkidle")
                    to = SCREENS / f"{name}-{language}.png"
                    page.screenshot(path=str(to))
                    print(to.relative_to(ROOT), flush=True)
                    page.close()
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
