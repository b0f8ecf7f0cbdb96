"""What is derived from a login's token: the stored hash and the CSRF token. The token itself is stored nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac


def hash_token(token: str) -> str:
    """Return what is stored of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Return the CSRF token of a login: derived from its secret, so a page can be given it at any time."""
    digest = hmac.digest(token.encode(), b"csrf", "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
