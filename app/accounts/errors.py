"""What can go wrong with accounts."""

from __future__ import annotations

from app.errors import DomainError


class WrongPassword(DomainError):
    """Name or password is wrong; which of the two is not told."""

    status = 401
    code = "wrong_password"
    zh = "用户名或密码不正确。"
    en = "The name or the password is wrong."


class TooManyAttempts(DomainError):
    """Too many failed sign-ins; the guess was not even looked at."""

    status = 429
    code = "too_many_attempts"
    zh = "登录失败次数过多，请在 {retry_after_seconds} 秒后再试。"
    en = "Too many failed sign-ins; try again in {retry_after_seconds} seconds."


class UnknownUser(DomainError):
    """The command line names a user that is not there."""

    status = 404
    code = "unknown_user"
    zh = "没有名为“{name}”的用户。"
    en = "There is no user named “{name}”."


class UserExists(DomainError):
    """The name is taken."""

    code = "user_exists"
    zh = "用户名“{name}”已被使用，请换一个。"
    en = "The name “{name}” is taken; choose another."


class UnknownCode(DomainError):
    """An area or a site that is not in the record."""

    status = 422
    code = "unknown_code"
    zh = "没有代码为“{unknown}”的区域或服务点。"
    en = "There is no area or site with the code “{unknown}”."


class WeakPassword(DomainError):
    """A password that is too short or too long."""

    status = 422
    code = "weak_password"
    zh = "密码至少 {least} 个字符、至多 {most} 个字符。"
    en = "A password has at least {least} and at most {most} characters."


class UserDisabled(DomainError):
    """A disabled user gets no token."""

    code = "user_disabled"
    zh = "用户“{name}”已停用。"
    en = "The user “{name}” is disabled."
