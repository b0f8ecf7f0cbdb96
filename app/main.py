"""Puts the web service together: routers, error handler, middleware, lifespan. No logic."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware import Middleware

from app import openapi, problems
from app.config import get_settings
from app.context import Context, open_context
from app.middleware import BodyLimit, InFlight, Outermost, make_headers
from app.operations import logs, metrics
from app.operations.routes import root_router
from app.web.errors import answer

API: Final = (
    "accounts",
    "areas",
    "people",
    "consultations",
    "providers",
    "needs",
    "operations",
    "slots",
    "bookings",
    "placements",
    "attendance",
    "waitlist",
    "planning",
    "rounds",
    "desk",
    "notices",
    "escalations",
    "meals",
    "visits",
)
"""Features whose `routes.router` is served below /api; a test holds that none is left out."""
PAGES: Final = ("web",)
"""Features whose `routes.router` is served at the root."""


def create_app(context: Context | None = None) -> FastAPI:
    """Return the service of a context; without one, of the environment's settings (one worker of `serve`)."""
    is_worker = context is None
    if context is None:
        # Everything that is loaded now stays; looking for rubbish in it takes a sixth of the start.
        gc.disable()
        import_module("app.preload")  # a single worker was not forked from a process that has read it
        settings = get_settings()
        context = open_context(settings, pool_size=settings.threads + 5)
        logs.configure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened: Context = app.state.context
        current_default_thread_limiter().total_tokens = opened.settings.threads
        yield
        opened.database.dispose()

    tiles = urlsplit(context.settings.tile_url or "")
    headers = make_headers(
        is_https=context.settings.secure_cookies,
        tile_origin=f"{tiles.scheme}://{tiles.netloc}" if tiles.netloc else None,
    )
    app = FastAPI(
        title="CareMatch",
        version="0.1.0",
        description="社区养老与托育匹配。Matches the people of a neighbourhood with the care near them, and says why.",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # their scripts would come from the internet
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Outermost, headers=headers, count=metrics.count_request, answer=answer),
            Middleware(InFlight, limit=context.settings.threads),
            Middleware(BodyLimit, answer=answer),
        ],
    )
    app.state.context = context
    problems.install(app)
    for feature in API:
        app.include_router(import_module(f"app.{feature}.routes").router, prefix="/api")
    app.include_router(root_router)
    for feature in PAGES:
        app.include_router(import_module(f"app.{feature}.routes").router)
        import_module(f"app.{feature}.errors").install(app)
    openapi.install(app)
    if is_worker:
        gc.freeze()  # and no collection during a request walks through it again
        gc.enable()
    return app
