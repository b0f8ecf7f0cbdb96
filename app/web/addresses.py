"""Which addresses lead back into the program: whoever signs in or changes the language comes back to where they were."""

from __future__ import annotations

from fastapi import Request

from app.auth import SAFE_METHODS


def is_own_path(path: str) -> bool:
    """Return whether a path leads to a page of ours; two slashes, either way, would leave it."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def own_address(request: Request) -> str:
    """Return the path and query to come back to; the first page where the request was no look at a page."""
    if request.method not in SAFE_METHODS:
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
