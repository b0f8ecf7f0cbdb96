"""The papers' typeface: its file is read once per process, and each paper gets a copy of its own to cut letters from."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

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
    own.ttfont = type(whole.ttfont)(own.ttffile, recalcTimestamp=False, lazy=True)
    own.missing_glyphs = []
    own.subset = SubsetMap(own)
    paper.fonts[_KEY] = own


@cache
def _read() -> TTFFont:
    """Return the typeface with its widths and glyphs; nobody may write with it."""
    whole = TTFFont(FPDF(), Path(sans_path()), _KEY, "")
    whole.ttfont.close()
    return whole
