"""Finds Chromium for the browser tests, or installs Debian's; `python -m tests.support.browser` prints its path.

Playwright's own download is not used: it reaches for an address outside the package registries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
ARGUMENTS = [
    "--no-sandbox",  # root in a container has no user namespace to hide in
    "--disable-gpu",
    "--disable-gpu-rasterization",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromiumError(RuntimeError):
    """No Chromium could be brought; the message is one line that says what to do."""


def find_chromium() -> Path | None:
    """Return an installed Chromium: `CHROMIUM` of the environment, else one on the path."""
    given = os.environ.get("CHROMIUM")
    if given:
        return Path(given) if os.access(given, os.X_OK) else None
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def bring_chromium() -> Path:
    """Return an installed Chromium; install it with Chinese fonts where the user is root on Debian.

    Raises `NoChromiumError` with one line where that cannot be done.
    """
    found = find_chromium()
    if found and (has_chinese_font() or not _may_install()):
        return found
    if os.environ.get("CHROMIUM"):
        raise NoChromiumError("CHROMIUM names no program that can be run")
    if not _may_install():
        raise NoChromiumError(
            "Chromium could not be brought: install it with Chinese fonts "
            f"(apt-get install {' '.join(PACKAGES)}), or give CHROMIUM=/path/to/chromium"
        )
    print("Installing Chromium and Chinese fonts (about a minute) ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise NoChromiumError(f"Chromium could not be brought: apt-get {command[0]} failed: {said}")
    found = find_chromium()
    if not found:
        raise NoChromiumError(
            "Chromium could not be brought: apt-get installed it, but it is not on the path"
        )
    return found


def has_chinese_font() -> bool:
    """Return whether Chinese text would be drawn with glyphs and not with boxes."""
    if CHINESE_FONT.exists():
        return True
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


if __name__ == "__main__":
    try:
        print(bring_chromium())
    except NoChromiumError as fault:
        sys.exit(str(fault))
