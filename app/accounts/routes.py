"""Sign in, sign out, who am I."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from app.accounts import signin
from app.accounts.cookies import drop_login, keep_login, read_browser
from app.accounts.schemas import AreaRef, LoginIn, LoginOut, Me, SiteRef
from app.auth import (
    CurrentActor,
    CurrentContext,
    CurrentDatabase,
    Reading,
    Writing,
    check_origin,
)
from app.auth_tokens import csrf_of
from app.models import Area, Site, StaffArea

router = APIRouter(tags=["accounts"])


@router.post("/login")
def login(
    body: LoginIn, request: Request, response: Response, context: CurrentContext, database: CurrentDatabase
) -> LoginOut:
    """Sign in a browser: sets the login cookie, returns the CSRF token."""
    check_origin(request)
    made = signin.sign_in(database, body.name, body.password, read_browser(request, context))
    keep_login(response, context, made)
    return LoginOut(
        csrf_token=csrf_of(made.token), expires_at=made.expires_at, name=made.user.name, role=made.user.role
    )


@router.post("/logout", status_code=204)
def logout(actor: CurrentActor, session: Writing, response: Response, context: CurrentContext) -> None:
    """End this login; its cookie or token is dead from now on."""
    assert actor.login_id is not None
    signin.sign_out(session, actor.login_id)
    drop_login(response, context)


@router.get("/me")
def me(actor: CurrentActor, session: Reading) -> Me:
    """Tell who is signed in, with role, areas and sites."""
    areas = session.scalars(
        select(Area)
        .join(StaffArea, StaffArea.area_id == Area.id)
        .where(StaffArea.user_id == actor.user_id)
        .order_by(Area.code)
    )
    sites = session.scalars(select(Site).where(Site.id.in_(actor.site_ids)).order_by(Site.code))
    assert actor.user_id is not None
    return Me(
        user_id=actor.user_id,
        name=actor.name,
        display_name=actor.display_name,
        role=actor.role,
        language=actor.language,
        areas=[AreaRef.model_validate(area) for area in areas],
        sites=[SiteRef.model_validate(site) for site in sites],
    )
