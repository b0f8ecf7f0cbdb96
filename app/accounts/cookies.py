"""The two cookies of a browser: its login, and the proof that it is a known device. Pages and the API share them."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from app.accounts.signin import Browser, SignedIn
from app.auth import cookie_name
from app.context import Context

_DEVICE_DAYS: Final = 180


def read_browser(request: Request, context: Context) -> Browser:
    """Return what a browser brings along as somebody signs in in it."""
    return Browser(
        address=request.client.host if request.client else "",
        device_proof=request.cookies.get(_device_cookie_name(context), ""),
        token=request.cookies.get(cookie_name(context), ""),
    )


def _device_cookie_name(context: Context) -> str:
    """Return the name of the cookie by which a browser proves that a user has signed in in it before."""
    return f"{cookie_name(context)}-device"


def keep_login(response: Response, context: Context, made: SignedIn) -> None:
    """Give a browser its login and the proof that it is known."""
    is_secure = context.settings.secure_cookies
    response.set_cookie(
        cookie_name(context), made.token, httponly=True, secure=is_secure, samesite="lax", path="/"
    )
    response.set_cookie(
        _device_cookie_name(context),
        made.device_proof,
        max_age=_DEVICE_DAYS * 86400,
        httponly=True,
        secure=is_secure,
        samesite="strict",
        path="/",
    )


def drop_login(response: Response, context: Context) -> None:
    """Take a browser's login away; the device stays known."""
    response.delete_cookie(
        cookie_name(context), path="/", secure=context.settings.secure_cookies, httponly=True
    )
