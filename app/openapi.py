"""The description of the API: every operation names its problem replies and how to sign in."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.problems import MEDIA_TYPE

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem: `code` is stable, `detail` is one sentence in the language asked for.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "detail"],
                "properties": {
                    "path": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "example": {
        "type": "urn:carematch:problem:not_found",
        "title": "NotFound",
        "status": 404,
        "code": "not_found",
        "detail": "没有找到这条记录，或者您无权查看。",
    },
}

_WHEN: Final[dict[str, str]] = {
    "401": "Not signed in, or the login has ended",
    "403": "The role does not include this, or the CSRF token is missing",
    "404": "Not there, or not yours",
    "409": "Conflict with the present state; `code` says which",
    "410": "The offer or hold has expired",
    "412": "Stale `If-Match`",
    "413": "The body is too large",
    "415": "The body is in another format",
    "422": "Malformed payload (`faults` says where), a NUL in a text, or a date beyond what is known",
    "428": "`If-Match` is missing",
    "429": "Too many attempts; see `Retry-After`",
    "503": "Busy; see `Retry-After`",
}
_READING: Final = ("401", "403", "404", "409", "422", "503")


def install(app: FastAPI) -> None:
    """Let the app describe itself with the shared problem replies."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            app.openapi_schema = _complete(schema)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "From `carematch token NAME`."},
        "login": {
            "type": "apiKey",
            "in": "cookie",
            "name": "carematch",
            "description": "From POST /api/login.",
        },
    }
    schema["security"] = [{"bearer": []}, {"login": []}]
    for path in schema["paths"].values():
        for method, operation in path.items():
            statuses = _READING if method == "get" else tuple(_WHEN)
            replies = operation["responses"]
            for status in statuses:
                replies[status] = {
                    "description": _WHEN[status],
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
    return schema
