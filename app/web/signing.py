"""The page on which one signs in, signing out, and the language switch."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts import signin
from app.accounts.cookies import drop_login, keep_login, read_browser
from app.auth import CurrentActor, CurrentContext, CurrentDatabase, Writing, check_origin
from app.errors import DomainError, NotFound
from app.language.catalogue import LANGUAGES
from app.web.addresses import is_own_path
from app.web.templating import LANGUAGE_COOKIE, get_language, render

router = APIRouter(include_in_schema=False)


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:  # noqa: A002 - the address bar's word
    """Show the sign-in form."""
    return render(request, "login.html", name="", error="", next=next if is_own_path(next) else "/")


@router.post("/login")
def sign_in(
    request: Request,
    context: CurrentContext,
    database: CurrentDatabase,
    name: Annotated[str, Form(max_length=60)],
    password: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Sign in and go to the page that was asked for; a wrong password says so on the form."""
    check_origin(request)
    back = next if is_own_path(next) else "/"
    try:
        made = signin.sign_in(database, name, password, read_browser(request, context))
    except DomainError as error:
        sentence = error.sentence(get_language(request))
        again = f"/login?next={quote(back, safe='/')}"
        return render(
            request, "login.html", status=error.status, name=name, error=sentence, next=back, back=again
        )
    reply = RedirectResponse(back, status_code=303)
    keep_login(reply, context, made)
    return reply


@router.post("/logout")
def sign_out(actor: CurrentActor, session: Writing, context: CurrentContext) -> Response:
    """End this login; the page then goes to the sign-in form."""
    assert actor.login_id is not None
    signin.sign_out(session, actor.login_id)
    reply = Response(status_code=204, headers={"HX-Redirect": "/login"})
    drop_login(reply, context)
    return reply


@router.post("/language/{language}")
def switch_language(language: str, request: Request, back: Annotated[str, Form()] = "/") -> Response:
    """Remember the reader's language and go back to the page."""
    check_origin(request)
    if language not in LANGUAGES:
        raise NotFound
    reply = RedirectResponse(back if is_own_path(back) else "/", status_code=303)
    reply.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="lax", httponly=True)
    return reply
