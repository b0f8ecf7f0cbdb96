"""What makes two requests the same: pure."""

from __future__ import annotations

import hashlib
import json

LONGEST_KEY = 120


def is_key(text: str) -> bool:
    """Return whether a header's text can be a key: 1 to 120 visible ASCII characters."""
    return 0 < len(text) <= LONGEST_KEY and all("!" <= letter <= "~" for letter in text)


def hash_request(method: str, path: str, query: str, body: bytes) -> str:
    """Return the SHA-256 of what a request asks for; JSON counts by its content, not by its blanks."""
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        canonical = body
    # A length before each part: no two different requests can run together to the same text.
    parts = [method.encode(), path.encode(), query.encode(), canonical]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()
