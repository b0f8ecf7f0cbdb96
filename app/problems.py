"""The one handler: every error leaves the program as RFC 9457 problem+json, in Chinese or English, without inputs."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.db import is_transient
from app.errors import (
    Busy,
    DomainError,
    Malformed,
    MethodNotAllowed,
    NotFound,
    OwnFault,
    TooLarge,
    UnsupportedMediaType,
)
from app.language import labels as _words  # noqa: F401 - sentences speak with them
from app.language.catalogue import choose_language
from app.schemas import NUL

MEDIA_TYPE: Final = "application/problem+json"
MARK: Final = "mark"
"""Where a request's state keeps its mark: it stands in the log, in a header, and on the page that tells of a fault."""
Answer = Callable[[Request, Exception], Response]
_log = structlog.get_logger("carematch.http")

_PLAIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
_BY_STATUS: Final[dict[int, type[DomainError]]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
}

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "missing": ("缺少此项。", "This is missing."),
    "extra_forbidden": ("没有这一项，请删去。", "There is no such field; leave it out."),
    "json_invalid": ("请求内容不是有效的 JSON。", "The body is not valid JSON."),
    "enum": ("不在允许的取值之内。", "This is not one of the allowed values."),
    "literal_error": ("不在允许的取值之内。", "This is not one of the allowed values."),
    NUL: ("文字中有空字符（NUL），请删去。", "There is a NUL character in the text; take it out."),
    "string_type": ("应为文字。", "This must be text."),
    "string_too_short": ("太短。", "This is too short."),
    "string_too_long": ("太长。", "This is too long."),
    "string_pattern_mismatch": ("格式不符。", "This does not have the right form."),
    "int_type": ("应为整数。", "This must be a whole number."),
    "int_parsing": ("应为整数。", "This must be a whole number."),
    "bool_type": ("应为 true 或 false。", "This must be true or false."),
    **dict.fromkeys(
        ("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        ("没有这个日期。", "There is no such date."),
    ),
    "greater_than_equal": ("太小。", "This is too small."),
    "greater_than": ("太小。", "This is too small."),
    "less_than_equal": ("太大。", "This is too large."),
    "less_than": ("太大。", "This is too large."),
}


def reply(error: DomainError, language: str) -> JSONResponse:
    """Return the problem+json reply of an error, with the headers its status calls for."""
    headers = {"Content-Language": language}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in {429, 503}:
        headers["Retry-After"] = str(error.data.get("retry_after_seconds", 2))
    if error.status == 405:
        headers["Allow"] = ", ".join(error.data.get("allowed", []))
    body = jsonable_encoder(error.problem(language))
    return JSONResponse(body, status_code=error.status, headers=headers, media_type=MEDIA_TYPE)


def find_language(request: Request) -> str:
    """Return the language to answer in: `?lang=`, else Accept-Language, else Chinese."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))


def malformed(faults: Sequence[Any], language: str) -> Malformed:
    """Return the error for pydantic's faults: where and what, never the value that was sent."""
    which = 0 if language == "zh" else 1
    return Malformed(
        faults=[
            {
                "path": [part if isinstance(part, int) else _name(part) for part in fault["loc"]],
                "code": fault["type"],
                "detail": _explain(fault)[which],
            }
            for fault in faults
        ]
    )


def _name(part: Any) -> str:
    # An unknown field is named by the sender, who may have put anything there.
    return part if isinstance(part, str) and _PLAIN_NAME.fullmatch(part) else "?"


def _explain(fault: dict[str, Any]) -> tuple[str, str]:
    known = _SENTENCES.get(fault["type"])
    if known:
        return known
    # A ValueError of ours says "zh | en"; pydantic's own messages may repeat the input, so they stay inside.
    if fault["type"] == "value_error" and " | " in str(fault.get("msg", "")):
        zh, _, en = fault["msg"].removeprefix("Value error, ").partition(" | ")
        return zh, en
    return "格式不正确。", "This does not have the right form."


def log_fault(fault: BaseException, **where: Any) -> None:
    """Log where a fault arose: its type and the frames, never its message, which may hold personal data."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(fault.__traceback__)[-8:]]
    _log.error("own_fault", fault=type(fault).__name__, frames=frames, **where)


def to_domain(request: Request, error: Exception, language: str) -> DomainError:
    """Return what an error that reached the edge means to who asked; a fault of the program is noted on the way."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, RequestValidationError):
        return malformed(error.errors(), language)
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(error.status_code, Malformed if error.status_code < 500 else OwnFault)
        allowed = (error.headers or {}).get("Allow", "")
        return kind(**{"allowed": [m.strip() for m in allowed.split(",")]} if allowed else {})
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and is_transient(error)):
        return Busy()
    log_fault(error, path=_template(request), request=find_mark(request.scope))
    # Two at once: the second meets the constraint, not our check.
    return DomainError() if isinstance(error, IntegrityError) else OwnFault()


def find_mark(scope: Scope) -> str:
    """Return the mark under which the log knows this request; empty outside one."""
    return str(scope.get("state", {}).get(MARK, ""))


def answer(request: Request, error: Exception) -> Response:
    """Return the problem+json reply of whatever went wrong."""
    language = find_language(request)
    return reply(to_domain(request, error, language), language)


def install(app: FastAPI, answer: Answer = answer) -> None:
    """Let one function answer every error that a route or the framework raises."""

    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, error)

    for kind in (DomainError, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, handle)


def _template(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "")
