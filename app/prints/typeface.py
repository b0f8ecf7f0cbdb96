"""The papers' typeface: its file is read once per process, and each paper gets a copy of its own to cut letters from."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont
from pylopdf_fonts_zh_cn import sans_path

FAMILY: Final = "NotoSansSC"
_KEY: Final = FAMILY.lower()
_reading = Lock()


def lend_typeface(paper: FPDF) -> None:
    """Let a paper write in the typeface, as its `add_font` would after half a second of reading 30,000 glyphs."""
    with _reading:
        whole = _read()
    own = copy(whole)
    # What a paper changes: which letters it uses, and the file, from which all others are cut out at the end.
    own.missing_glyphs = []
    own.subset = _Letters(own)
    paper.fonts[_KEY] = own


@cache
def _read() -> TTFFont:
    """Return the typeface with its widths and glyphs; nobody may write with it."""
    whole = TTFFont(FPDF(), Path(sans_path()), _KEY, "")
    whole.ttfont.close()
    return whole


class _Letters(SubsetMap):
    """The letters of one paper. When it is done it asks for all of them and cuts them out of its file: out of a small one."""

    def get_all_glyph_names(self) -> Sequence[str]:
        names = super().get_all_glyph_names()
        self.font.ttfont = _cutting.find_file(names)
        return names


@dataclass(frozen=True)
class _Cut:
    """A file with the letters that papers of this process needed so far."""

    names: frozenset[str] = frozenset()
    content: bytes = b""


class _Cutting:
    """Papers need the same few hundred letters. Out of 30,000, cutting takes a quarter of a second; out of these, a tenth of it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cut = _Cut()

    def find_file(self, names: Sequence[str]) -> TTFont:
        """Return a file with these letters, and others; whoever asks may change it."""
        with self._lock:
            if not self._cut.names.issuperset(names):
                self._cut = _cut(self._cut.names.union(names))
            content = self._cut.content
        return TTFont(BytesIO(content), recalcTimestamp=False, lazy=True)


_cutting = _Cutting()


def _cut(names: frozenset[str]) -> _Cut:
    """Cut letters out of the whole typeface."""
    cutting = Subsetter(Options(notdef_outline=True, recommended_glyphs=True))
    cutting.populate(glyphs=names)
    content = BytesIO()
    with TTFont(sans_path(), recalcTimestamp=False, lazy=True) as file:
        cutting.subset(file)
        file.save(content)
    return _Cut(names, content.getvalue())
