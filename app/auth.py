"""Who is asking: logins, roles, CSRF, and the Annotated aliases that routes take. No feature is imported here.

A browser carries the cookie and, on unsafe methods, `X-CSRF-Token`; a program carries `Authorization: Bearer`.
`Reading` and `Writing` need an actor first, so a route that touches the record cannot forget to ask for one;
the write session is committed before the reply is sent (`scope="function"`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from sqlalchemy import BindParameter, CompoundSelect, bindparam, literal, select, update

from app.actor import AREA_READERS, DESK, PEOPLE_READERS, Actor, system_actor
from app.auth_tokens import csrf_of, hash_token
from app.clock import now
from app.context import Context
from app.db import Database, ReadSession, WriteSession
from app.errors import CsrfRefused, NotAllowed, NotSignedIn
from app.models import Area, Login, StaffArea, StaffSite, StaffUser
from app.models.enums import LoginKind, StaffRole

__all__ = [
    "AREA_READERS",
    "DESK",
    "PEOPLE_READERS",
    "Actor",
    "CurrentActor",
    "CurrentContext",
    "CurrentDatabase",
    "Reading",
    "Writing",
    "csrf_token",
    "require",
    "system_actor",
]

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_SEEN_EVERY: Final = timedelta(minutes=1)
"""A login's last use is written at most this often: a page of ten requests costs one write."""
LOOK_HEADER: Final = "x-look"
"""What a page's own script (live.js) sends with each look by itself: nobody need sit there, so it is no use of a login."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(context: Context) -> str:
    """Return the login cookie's name; `__Host-` needs HTTPS, which plain loopback has not."""
    return "__Host-carematch" if context.settings.secure_cookies else "carematch"


def csrf_token(request: Request) -> str:
    """Return the CSRF token for pages of the request's browser login; empty without one."""
    token = request.cookies.get(cookie_name(request.app.state.context), "")
    return csrf_of(token) if token else ""


async def get_context(request: Request) -> Context:
    """Return what this process works with; async, as it waits for nothing and needs no thread."""
    context: Context = request.app.state.context
    return context


CurrentContext = Annotated[Context, Depends(get_context)]


async def get_database(context: CurrentContext) -> Database:
    """Return the database of this process."""
    return context.database


CurrentDatabase = Annotated[Database, Depends(get_database)]


def check_origin(request: Request) -> None:
    """Refuse an unsafe request that another site's page sends with this site's cookies."""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") == "cross-site" or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    ):
        raise CsrfRefused


def get_actor(request: Request, database: CurrentDatabase) -> Actor:
    """Return who asks. Raises `NotSignedIn`, or `CsrfRefused` where a browser's unsafe request lacks its token."""
    token, kind = _find_token(request)
    if token is None:
        raise NotSignedIn
    if kind is LoginKind.browser and request.method not in SAFE_METHODS:
        check_origin(request)
        sent = request.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), csrf_of(token).encode()):
            raise CsrfRefused
    at = now()
    with database.reading() as session:
        found = find_login(session, token, kind, at)
        if found is None:
            raise NotSignedIn
        login, user = found
        area_ids, site_ids = _list_places(session, user.id)
        actor = Actor(
            user_id=user.id,
            name=user.name,
            role=user.role,
            area_ids=area_ids,
            site_ids=site_ids,
            language=user.language,
            display_name=user.display_name,
            login_id=login.id,
        )
    is_use = LOOK_HEADER not in request.headers
    if is_use and at - login.last_seen_at > _SEEN_EVERY:
        seen = update(Login).where(Login.id == login.id).values(last_seen_at=at)
        database.write(lambda writing: writing.execute(seen))
    return actor


def _find_token(request: Request) -> tuple[str | None, LoginKind]:
    header = request.headers.get("authorization")
    if header is not None:  # said explicitly: a cookie beside it does not count
        scheme, _, token = header.partition(" ")
        return (token.strip() or None) if scheme.lower() == "bearer" else None, LoginKind.token
    return request.cookies.get(cookie_name(request.app.state.context)) or None, LoginKind.browser


_LOGIN: Final = (
    select(Login, StaffUser)
    .join(StaffUser, StaffUser.id == Login.user_id)
    .where(
        Login.token_hash == bindparam("token_hash"),
        Login.kind == bindparam("kind"),
        Login.ended_at.is_(None),
        Login.expires_at > bindparam("at"),
        StaffUser.disabled_at.is_(None),
    )
)
"""Built once, as every request asks it."""


def find_login(
    session: ReadSession, token: str, kind: LoginKind, at: datetime
) -> tuple[Login, StaffUser] | None:
    """Return the live login of a token with its user; None where it is unknown, ended, idle or disabled."""
    row = session.execute(_LOGIN, {"token_hash": hash_token(token), "kind": kind, "at": at}).first()
    if row is None:
        return None
    login, user = row
    if kind is LoginKind.browser and at - login.last_seen_at > IDLE:
        return None
    return login, user


def _make_places() -> CompoundSelect[bool, int]:
    user_id: BindParameter[int] = bindparam("user_id")
    own = select(StaffArea.area_id.label("id")).where(StaffArea.user_id == user_id).cte(recursive=True)
    below = own.union(select(Area.id).join(own, Area.parent_id == own.c.id))
    sites = select(literal(value=True), StaffSite.site_id).where(StaffSite.user_id == user_id)
    return select(literal(value=False), below.c.id).union_all(sites)


_PLACES: Final = _make_places()
"""Whether it is a site, and the id: a user's areas with all below them, and the user's sites."""


def _list_places(session: ReadSession, user_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the ids of a user's areas and of the user's sites."""
    rows = session.execute(_PLACES, {"user_id": user_id}).all()
    return frozenset(id_ for is_site, id_ in rows if not is_site), frozenset(
        id_ for is_site, id_ in rows if is_site
    )


CurrentActor = Annotated[Actor, Depends(get_actor)]


def _reading(database: CurrentDatabase, _actor: CurrentActor) -> Iterator[ReadSession]:
    with database.reading() as session:
        yield session


def _writing(database: CurrentDatabase, _actor: CurrentActor) -> Iterator[WriteSession]:
    with database.writing() as session:
        yield session


Reading = Annotated[ReadSession, Depends(_reading, scope="function")]
"""A read session of one moment, for a signed-in actor."""
Writing = Annotated[WriteSession, Depends(_writing, scope="function")]
"""A write session for a signed-in actor; committed before the reply is sent, rolled back on any error."""


class RoleGate:
    """Lets the named roles pass; a house test reads `roles` off every route."""

    def __init__(self, roles: frozenset[StaffRole]) -> None:
        self.roles = roles

    async def __call__(self, actor: CurrentActor) -> Actor:
        """Return the actor, or raise `NotAllowed`."""
        if actor.role not in self.roles:
            raise NotAllowed(role=actor.role.value)
        return actor


def require(*roles: StaffRole) -> Any:
    """Return the dependency of a route for these roles: `dependencies=[require(*DESK)]`. None named: nobody passes."""
    return Depends(RoleGate(frozenset(roles)))
