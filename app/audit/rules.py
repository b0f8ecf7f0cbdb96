"""How one audit row's keyed hash is made from the row and the hash before it. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

KEY_CHANGED: Final = "key.change"
"""The act of the last row under one key; the rows after it are hashed under the key that its data name."""


@dataclass(frozen=True)
class Entry:
    """What one row of the chain says."""

    sequence: int
    at: datetime
    actor: str
    act: str
    subject: str
    data: Mapping[str, Any]


def chain(key: bytes, before: str, entry: Entry) -> str:
    """Return the row's hash: HMAC-SHA-256 over the row in canonical JSON and the hash of the row before."""
    told = [
        before,
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.act,
        entry.subject,
        entry.data,
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex()


def digest_reason(key: bytes, row_key: str, words: str) -> str:
    """Return what the chain keeps of a reason: without the row's own key nobody can try words against it."""
    digest = hmac.digest(key, f"{row_key}\0{words}".encode(), "sha256")
    return f"hmac:{digest.hex()[:32]}"
