"""`carematch verify LIST` at the terminal: reads two files, opens no database, says each thing that does not agree."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.rounds.document import parse
from app.rounds.verifying import verify

SOUND, FOUND, UNREADABLE = 0, 1, 2
MOST_BYTES = 64 * 2**20


def run(list_file: Path, commitment: Path | None, *, as_json: bool) -> int:
    """Check a list and return the exit code: 0 it agrees, 1 it does not, 2 a file cannot be read."""
    try:
        document = _read(list_file)
        announced = None if commitment is None else _read(commitment)
    except (OSError, ValueError, RecursionError) as fault:
        name = list_file if commitment is None else f"{list_file} / {commitment}"
        print(f"读不出文件 {name}：不是有效的 JSON。Cannot read it: {type(fault).__name__}.", file=sys.stderr)
        return UNREADABLE
    verdict = verify(document, announced)
    if as_json:
        told = {"is_sound": verdict.is_sound, "rows": verdict.rows, "fingerprint": verdict.fingerprint}
        print(
            json.dumps(told | {"findings": [asdict(each) for each in verdict.findings]}, ensure_ascii=False)
        )
        return SOUND if verdict.is_sound else FOUND
    for each in verdict.findings:
        print(f"✗ {each.zh}\n  {each.en}")
    if verdict.is_sound:
        print(
            f"✓ 名单核验无误：{verdict.rows} 人，承诺、抽签号、顺序、录取线与签名均相符。\n"
            f"  The list agrees: {verdict.rows} people; commitment, draw, order, cutoffs and signature."
        )
    if verdict.fingerprint and announced is None:
        print(
            f"  承诺指纹 Fingerprint of the commitment: {verdict.fingerprint}\n"
            "  请与报名前公布的对照，或用 --commitment 给出当时的文件。"
            "Compare it with what was announced, or name that file with --commitment."
        )
    return SOUND if verdict.is_sound else FOUND


def _read(path: Path) -> Any:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("too large")
    return parse(path.read_text(encoding="utf-8"))
