"""Turns away a file that is no workbook before anything heavy is loaded; what passes is looked at again, deeply."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.errors import DomainError
from app.workbook.container import check_container


def refuse(file: Path, *, as_json: bool) -> bool:
    """Return whether the file was turned away, with its sentence printed."""
    try:
        check_container(file, deeply=False)
    except DomainError as error:
        print_refusal(error, as_json=as_json)
        return True
    return False


def print_refusal(error: DomainError, *, as_json: bool) -> None:
    """Print one situation: as JSON to stdout, else its two sentences to stderr."""
    said = {"code": error.code, "zh": error.sentence("zh"), "en": error.sentence("en")}
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(f"{said['zh']}\n{said['en']}", file=sys.stderr)
