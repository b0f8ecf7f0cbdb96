"""What wraps every request, as plain ASGI: headers, the last catch, the log line, the gate, the size limit."""

from __future__ import annotations

import secrets
import time
from asyncio import Semaphore
from collections.abc import Callable
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import OwnFault, TooLarge
from app.problems import MARK, Answer, answer, log_fault

_log = structlog.get_logger("carematch.http")

BODY_LIMIT: Final = 1 << 20
UPLOAD_LIMIT: Final = 32 << 20
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_UNGATED: Final = frozenset({"/api/health", "/metrics"})


def make_headers(*, is_https: bool, tile_origin: str | None) -> dict[str, str]:
    """Return the headers of every reply: own scripts and styles only, no frames, nothing leaks to other sites."""
    images = "img-src 'self' data:" + (f" {tile_origin}" if tile_origin else "")
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        f"{images}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class Outermost:
    """Adds the security headers, logs one line per request, and answers an unforeseen fault with a page or problem+json.

    The line names the route's template, never the address sent: an id or a name in it would be personal data.
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: dict[str, str],
        count: Callable[[str, str, int, float], None],
        answer: Answer = answer,
    ) -> None:
        self._app = app
        self._answer = answer
        self._headers = headers
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        mark = secrets.token_hex(4)
        scope.setdefault("state", {})[MARK] = mark

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # Whatever a route says about caching stands; by default nothing of a person stays in a cache.
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-Mark"] = mark
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as fault:  # noqa: BLE001 - the last catch: nothing of it may reach the reply
            log_fault(fault, path=_template(scope), request=mark)
            if status:
                raise OwnFault from None  # the reply had begun; the connection has to break
            try:
                told = self._answer(Request(scope), OwnFault())
            except Exception:  # noqa: BLE001 - a page may need the very thing that broke
                told = answer(Request(scope), OwnFault())
            await told(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - began
            route = _template(scope)
            self._count(_method(scope), route, status, seconds)
            _log.info(
                "request",
                method=_method(scope),
                path=route,
                status=status,
                ms=round(seconds * 1000, 1),
                request=mark,
            )


def _method(scope: Scope) -> str:
    # A method may be any word that a client sends; it must not become a label without end.
    return scope["method"] if scope["method"] in _METHODS else "other"


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "") or "(no route)"


class InFlight:
    """Lets as many requests in as there are threads.

    A request holds its connection between its dependencies and its route without holding a thread; more
    requests than threads would take every connection and then wait for a thread forever.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._semaphore = Semaphore(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when its turn comes, in order of arrival."""
        if scope["type"] != "http" or scope["path"] in _UNGATED:
            await self._app(scope, receive, send)
            return
        async with self._semaphore:
            await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies that are too large, by the length they claim and by the length they have: with a page, or problem+json."""

    def __init__(self, app: ASGIApp, answer: Answer = answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; answer 413 before reading a body that says it is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").startswith("multipart/form-data")
        limit = UPLOAD_LIMIT if is_upload else BODY_LIMIT
        claimed = headers.get("content-length", "0")
        refused = TooLarge(limit_bytes=limit, limit_mib=limit >> 20)
        if not claimed.isdigit() or int(claimed) > limit:
            await self._answer(Request(scope), refused)(scope, receive, send)
            return
        received, is_answered = 0, False

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise refused
            return message

        async def send_unless_too_large(message: Message) -> None:
            # Whoever reads the body may take the refusal for a malformed body: the length decides.
            nonlocal is_answered
            if received <= limit:
                await send(message)
            elif not is_answered:
                is_answered = True
                await self._answer(Request(scope), refused)(scope, receive, send)

        await self._app(scope, receive_counted, send_unless_too_large)
