"""What can stand in the way of a notice."""

from __future__ import annotations

from app.errors import DomainError


class NoticeNotFailed(DomainError):
    """Only what was given up can be tried again by hand."""

    code = "notice_not_failed"
    zh = "该通知目前状态为“{state}”，只有发送失败的通知可以重发。"
    en = "This notice is “{state}”; only one that was given up can be tried again."


class ChannelDown(DomainError):
    """The channel did not take a notice; it stays in the outbox."""

    status = 503
    code = "channel_down"
    zh = "通知渠道 {channel} 暂时无法使用（{why}）；通知留在发件箱，稍后自动重试。"
    en = "The channel {channel} does not answer ({why}); the notice stays in the outbox and is tried again."
