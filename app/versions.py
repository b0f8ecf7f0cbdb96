"""The version of what carries none of its own: a number drawn from the content that an edit replaces. Pure.

Equal content has equal versions, so going there and back is no conflict: whoever edits sees what stands.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def version_of(content: Any) -> int:
    """Return a number from 0 to 2^53 - 1, which a browser's script holds exactly, of JSON-like content."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 11
