"""Errors that a person can act on, and the one shape (RFC 9457) in which they leave the program."""

from __future__ import annotations

from typing import Any, ClassVar


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
        """Return the error's one sentence in `zh` or `en`, with its data filled in."""
        return (self.zh if language == "zh" else self.en).format_map(_Known(self.data))

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
    zh = "修改时必须带上版本号（If-Match）。"
    en = "An edit needs the version it was made from (If-Match)."


class Busy(DomainError):
    """The database was locked for longer than a request may wait."""

    status = 503
    code = "busy"
    zh = "系统正忙，请几秒后重试。"
    en = "The system is busy; try again in a few seconds."
