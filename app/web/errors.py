"""What goes wrong on a page is a page: a sentence for people, or the way to sign in. The API keeps problem+json."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from app import problems
from app.errors import MethodNotAllowed, NotFound, NotSignedIn
from app.web.addresses import own_address
from app.web.templating import get_language, render


def is_page(request: Request) -> bool:
    """Return whether a browser asks for a whole page: not the API, not a part fetched from within a page."""
    wants_html = "text/html" in request.headers.get("accept", "")
    return wants_html and not request.url.path.startswith("/api/") and "hx-request" not in request.headers


def answer(request: Request, error: Exception) -> Response:
    """Return a page to whom asks for one, the way to sign in where that is what is missing, else problem+json."""
    if request.url.path.startswith("/api/"):
        return problems.answer(request, error)
    language = get_language(request)
    known = problems.to_domain(request, error, language)
    if not is_page(request):
        return problems.reply(known, language)
    if isinstance(known, NotSignedIn):
        return RedirectResponse(f"/login?next={quote(own_address(request), safe='/')}", status_code=303)
    if isinstance(known, MethodNotAllowed):  # nobody types a method: the address leads nowhere
        known = NotFound()
    return render(
        request,
        "error.html",
        status=known.status,
        sentence=known.sentence(language),
        code=known.code,
        mark=problems.find_mark(request.scope),
    )


def install(app: FastAPI) -> None:
    """Answer errors of page requests with pages; everything else as problems.install has it."""
    problems.install(app, answer)
