"""Finds every message of templates and code; `python -m tests.support.messages` adds missing ones to the catalogue."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "app" / "language" / "locale" / "zh_CN.po"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
# newstyle and trimmed as in app/web/templating.py, so that {% trans %} blocks have the same keys here and there
OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "true", "trimmed": "false", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": (1,)}


def extract() -> dict[str, list[str]]:
    """Return every message with the files it stands in."""
    found: dict[str, list[str]] = {}
    for file, line, message, _comments, _context in extract_from_dir(
        ROOT / "app", METHODS, OPTIONS, keywords=KEYWORDS
    ):
        for text in message if isinstance(message, tuple) else (message,):
            if text:
                found.setdefault(text, []).append(f"{file}:{line}")
    return found


def read_catalogue() -> Catalog:
    """Return the Chinese catalogue; an empty one where there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(locale="zh_CN", project="CareMatch", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def update() -> tuple[int, int]:
    """Add what is missing, drop what is no longer said; return both counts."""
    found, catalogue = extract(), read_catalogue()
    missing = [text for text in found if catalogue.get(text) is None]
    gone = [entry.id for entry in catalogue if entry.id and entry.id not in found]
    for text in missing:
        catalogue.add(text)
    for entry_id in gone:
        catalogue.delete(entry_id)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, sort_output=True, no_location=True, omit_header=True, width=0)
    return len(missing), len(gone)


if __name__ == "__main__":
    added, dropped = update()
    empty = [entry.id for entry in read_catalogue() if entry.id and not entry.string]
    print(f"{added} added, {dropped} dropped, {len(empty)} without a translation")
    for text in empty:
        print("  ", text)
