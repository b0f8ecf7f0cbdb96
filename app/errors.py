"""Errors that a person can act on, and the one shape (RFC 9457) in which they leave the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, Final

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?")
"""A moment as data hold it, on Shanghai's clock."""


class DomainError(Exception):
    """A situation that the caller can do something about.

    A subclass names the situation, its HTTP status and its code; `data` carries the figures that the
    sentence needs. `zh` and `en` are one sentence each: what, where, what to do.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    zh: ClassVar[str] = "操作与当前状态冲突，请刷新后重试。"
    en: ClassVar[str] = "This conflicts with the present state; reload and try again."

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(f"{self.code}: {self.sentence('en')}")

    def sentence(self, language: str) -> str:
        """Return the error's one sentence in `zh` or `en`, with its data filled in as people say it."""
        said = {name: _say(value, language) for name, value in self.data.items()}
        return (self.zh if language == "zh" else self.en).format_map(_Known(said))

    def problem(self, language: str = "zh") -> dict[str, Any]:
        """Return the RFC 9457 body: title, status, code, detail and the data."""
        return {
            "type": f"urn:carematch:problem:{self.code}",
            "title": type(self).__name__,
            "status": self.status,
            "code": self.code,
            "detail": self.sentence(language),
            **self.data,
        }


Speak = Callable[[StrEnum, str], str]
_speak: Speak = lambda member, _language: member.value  # noqa: E731 - until app/language/labels.py brings the words


def speak_with(speak: Speak) -> None:
    """Let sentences call a member of an enum what the screens call it. The words need the tables, those need errors."""
    global _speak  # noqa: PLW0603
    _speak = speak


def _say(value: Any, language: str) -> Any:
    """Return what stands in a sentence: the word for a member of an enum, a moment to the minute."""
    if isinstance(value, StrEnum):
        return _speak(value, language)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return value[:16].replace("T", " ")
    return value


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class NotFound(DomainError):
    """Not there, or not yours: the two answer the same, so that nobody learns which ids exist."""

    status = 404
    code = "not_found"
    zh = "没有找到这条记录，或者您无权查看。"
    en = "There is no such record, or it is not yours to see."


class NotAllowed(DomainError):
    """The actor's role does not include this act."""

    status = 403
    code = "not_allowed"
    zh = "您的角色不能进行此操作；请联系管理员。"
    en = "Your role does not include this; ask the administrator."


class StaleVersion(DomainError):
    """Somebody else changed the record since it was read (`If-Match`)."""

    status = 412
    code = "stale_version"
    zh = "其他人刚刚修改了这条记录，请刷新后重做。"
    en = "Somebody changed this record a moment ago; reload and do it again."


class VersionRequired(DomainError):
    """An edit without `If-Match`."""

    status = 428
    code = "version_required"
    zh = "修改前须先读取最新内容，请刷新后重做。"
    en = "An edit needs the version it was made from; reload and do it again."


class Busy(DomainError):
    """The database was locked for longer than a request may wait."""

    status = 503
    code = "busy"
    zh = "系统正忙，请几秒后重试。"
    en = "The system is busy; try again in a few seconds."


class NotSignedIn(DomainError):
    """No login, or one that has ended: logged out, idle, over, or its user disabled."""

    status = 401
    code = "not_signed_in"
    zh = "请先登录；登录可能已过期。"
    en = "Sign in first; your login may have ended."


class CsrfRefused(DomainError):
    """An unsafe browser request without the login's own token, or sent by another site's page."""

    status = 403
    code = "csrf_refused"
    zh = "这个页面已经失效（可能换了登录，或不是从本系统的页面发出）；请刷新页面后重做。"
    en = "This page is out of date (another sign-in, or sent from outside the program); reload it and do it again."


class MethodNotAllowed(DomainError):
    """The address exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    zh = "此地址不支持这种请求方法。"
    en = "This address does not take that method."


class TooLarge(DomainError):
    """A body larger than this address takes; data: `limit_bytes`, `limit_mib`."""

    status = 413
    code = "too_large"
    zh = "发送的内容过大（最多 {limit_mib} 兆），没有保存；请删减后重新提交。"
    en = "What was sent is too large (at most {limit_mib} MB) and was not kept; shorten it and send it again."


class UnsupportedMediaType(DomainError):
    """A body in another format than this address takes."""

    status = 415
    code = "unsupported_media_type"
    zh = "不支持这种内容格式；请发送 application/json。"
    en = "This format is not taken here; send application/json."


class Malformed(DomainError):
    """A payload that does not have the documented form; `faults` says where and what, without the values."""

    status = 422
    code = "malformed"
    zh = "填写的内容有不符合要求的地方：{said}请更正后重新提交。"
    en = "Something filled in does not have the right form: {said} Mend it and send it again."
    of_address: ClassVar[tuple[str, str]] = (
        "网址中有不符合要求的内容：{said}请检查网址，或从首页重新打开。",
        "Something in the address does not have the right form: {said} Check it, or start from the first page.",
    )
    unreadable: ClassVar[tuple[str, str]] = (
        "发送的内容读不出来；请刷新页面，重新填写后提交。",
        "What was sent cannot be read; reload the page, fill it in anew and send it again.",
    )

    def sentence(self, language: str) -> str:
        """Return what is wrong, named one by one: nobody is sent to a list that the page does not show."""
        faults = self.data.get("faults") or []
        which = 0 if language == "zh" else 1
        if not faults:
            return self.unreadable[which]
        is_address = all(fault["path"][:1] in (["path"], ["query"]) for fault in faults)
        text = self.of_address[which] if is_address else (self.zh, self.en)[which]
        told = dict.fromkeys(str(fault["detail"]) for fault in faults)
        return text.format(said="".join(told) if language == "zh" else " ".join(told))


class NulInText(DomainError):
    """A text with a NUL character: PostgreSQL holds none, so neither database is given one."""

    status = 422
    code = "nul_in_text"
    zh = "提交的文字中有空字符（NUL），请删去后重新提交。"
    en = "There is a NUL character in a text that was sent; take it out and send it again."


class OwnFault(DomainError):
    """A fault of the program; the log says where."""

    status = 500
    code = "own_fault"
    zh = "系统内部出错，已记录；请稍后重试或联系管理员。"
    en = "The program failed here and has noted where; try again later or tell the administrator."


class FieldKeyUnreadable(DomainError):
    """The key of the sealed fields is damaged; nothing is opened or sealed without it."""

    status = 500
    code = "field_key_unreadable"
    zh = "{place} 中的字段密钥读不出（{why}）；请放回另存的密钥，不要新建，否则敏感字段再也打不开。"
    en = "The field key in {place} cannot be read ({why}). Put back the copy kept apart; with a fresh one sealed fields never open again."
