"""Optimistic edits over HTTP: the version a client read comes back in `If-Match`, the new one goes out as `ETag`."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Depends, Header, Response

from app.errors import StaleVersion, VersionRequired


def read_if_match(
    if_match: Annotated[
        str | None,
        Header(description='The `ETag` of the record that is edited, as `"3"`.', examples=['"3"']),
    ] = None,
) -> int:
    """Return the version the edit was made from. Raises `VersionRequired`; any other text is stale."""
    if if_match is None:
        raise VersionRequired
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit():
        raise StaleVersion
    return int(text)


IfMatch = Annotated[int, Depends(read_if_match)]
"""The version in `If-Match`; commands compare it with the row's and raise `StaleVersion`."""


def set_etag(response: Response, version: int) -> None:
    """Send a record's version along as its `ETag`."""
    response.headers["ETag"] = f'"{version}"'


def with_etag(reply: Response) -> Response:
    """Return a reply made by `Once` with the version in its body as `ETag`; a refusal stays as it is."""
    if reply.status_code < 300:
        set_etag(reply, json.loads(bytes(reply.body))["version"])
    return reply
