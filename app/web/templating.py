"""Templates: escaping on, the reader's language, and the few words every page may use."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.auth import csrf_token
from app.clock import SHANGHAI, to_local
from app.language.catalogue import DEFAULT, LOCALES, choose_language, load_translations, other_language
from app.language.days import say_on_page
from app.language.labels import label
from app.web.addresses import own_address
from app.web.assets import asset_url
from app.web.navigation import list_entries

LANGUAGE_COOKIE = "carematch-language"


@cache
def get_environment(language: str) -> Environment:
    """Return the templates' environment for one language."""
    locale = LOCALES[language]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(load_translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        asset=asset_url,
        language=language,
        other_language=other_language(language),
        list_entries=list_entries,
    )

    def say_label(member: StrEnum) -> str:
        return label(member, language)

    def say_instant(value: datetime) -> str:
        return format_datetime(value, "short", tzinfo=SHANGHAI, locale=locale)

    def say_number(value: float) -> str:
        return format_decimal(value, locale=locale)

    def say_share(value: float, digits: int = 0) -> str:
        return format_percent(
            value, format="#,##0." + "0" * digits + "%" if digits else "#,##0%", locale=locale
        )

    environment.filters.update(
        label=say_label,
        date=partial(say_on_page, language=language),
        instant=say_instant,
        number=say_number,
        share=say_share,
        time=lambda value: f"{to_local(value):%H:%M}",
    )
    return environment


def get_language(request: Request) -> str:
    """Return the language of a request: the switch's cookie, else the browser's wish, else Chinese."""
    return (
        choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
        or DEFAULT
    )


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page in the reader's language; the CSRF token comes from the login where there is one."""
    environment = get_environment(get_language(request))
    page = environment.get_template(template).render(
        path=request.url.path,
        back=values.pop("back", None) or own_address(request),
        actor=values.pop("actor", None),
        csrf=csrf_token(request),
        **values,
    )
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})
