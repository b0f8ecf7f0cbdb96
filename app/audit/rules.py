"""How one audit row's keyed hash is made from the row and the hash before it. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


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
