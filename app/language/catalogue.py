"""Loads the catalogue and picks a language; messages are looked up by their English text.

The `.po` file is read as it is (no compile step to forget); `tests/house` holds that nothing is untranslated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("zh", "en")
LOCALES: Final = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en")}
"""Given to babel as they are: of a name it looks for the file each time, half of what a page takes to be written."""
DEFAULT = "zh"
_FOLDER = Path(__file__).parent / "locale"


@cache
def load_translations(language: str) -> NullTranslations:
    """Return the translations of `zh` or `en`; English needs none, its texts are the keys."""
    if language == "en":
        return NullTranslations()
    with (_FOLDER / "zh_CN.po").open("rb") as file:
        catalogue = read_po(file, locale=LOCALES[language])
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def say(message: str, language: str, data: Mapping[str, object] | None = None) -> str:
    """Return a message in a language, with its `{named}` figures filled in."""
    text = load_translations(language).gettext(message) if message else ""
    return text.format_map(_Known(data)) if data is not None else text


class _Known(dict[str, object]):
    def __init__(self, data: Mapping[str, object]) -> None:
        super().__init__(data)

    def __missing__(self, key: str) -> str:
        return "?"


def choose_language(asked: str | None, accepted: str | None) -> str:
    """Return the language to speak: the one asked for, else the browser's, else Chinese."""
    if asked in LANGUAGES:
        return asked
    for part in (accepted or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return DEFAULT


def other_language(language: str) -> str:
    """Return the language that the switch leads to."""
    return next(other for other in LANGUAGES if other != language)
