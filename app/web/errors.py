"""What goes wrong on a page is a page: a sentence for people, or the way to sign in. The API keeps problem+json."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app import problems
from app.errors import DomainError, FormMalformed, NotFound, NotSignedIn, OwnFault
from app.web.templating import get_language, render


def is_page(request: Request) -> bool:
    """Return whether a browser asks for a whole page: not the API, not a part fetched from within a page."""
    wants_html = "text/html" in request.headers.get("accept", "")
    return wants_html and not request.url.path.startswith("/api/") and "hx-request" not in request.headers


def install(app: FastAPI) -> None:
    """Answer errors of page requests with pages; everything else as problems.install has it."""

    async def domain(request: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)
        if request.url.path.startswith("/api/"):
            return problems.reply(error, problems.find_language(request))
        if not is_page(request):
            return problems.reply(error, get_language(request))
        if isinstance(error, NotSignedIn):
            return RedirectResponse(f"/login?next={quote(request.url.path)}", status_code=303)
        return _show(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if request.url.path.startswith("/api/"):
            answered: Response = await malformed(request, error)  # type: ignore[misc]
            return answered
        language = get_language(request)
        fault = problems.malformed(error.errors(), language)
        told = problems.say_own(error.errors(), language)
        if told:  # a page shows one sentence and no list of faults: where one says it all, it is that one
            fault = FormMalformed(told=told, **fault.data)
        return _show(request, fault) if is_page(request) else problems.reply(fault, language)

    plain = app.exception_handlers[HTTPException]
    malformed = app.exception_handlers[RequestValidationError]

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not is_page(request):
            reply: Response = await plain(request, error)  # type: ignore[misc]
            return reply
        return _show(request, NotFound() if error.status_code < 500 else OwnFault())

    app.add_exception_handler(DomainError, domain)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)


def _show(request: Request, error: DomainError) -> Response:
    return render(
        request,
        "error.html",
        status=error.status,
        sentence=error.sentence(get_language(request)),
        code=error.code,
    )
