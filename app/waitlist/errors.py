"""What stands in the way of waiting."""

from __future__ import annotations

from app.errors import DomainError


class AlreadyWaiting(DomainError):
    """The need waits for the service already; data: `need`, `service`."""

    code = "already_waiting"
    zh = "该需求已在此服务的等候名单中。"
    en = "This need is on the waitlist of this service already."


class NotForThisService(DomainError):
    """A need of one kind cannot wait for a service of another; data: `need`, `service`."""

    code = "other_kind"
    zh = "该需求与此服务的类型不同，不能加入等候名单。"
    en = "The need is for another kind of service; it cannot wait for this one."


class NeedNotWaiting(DomainError):
    """The need is not open, or the entry has been served or left; data: `state`."""

    code = "not_waiting"
    zh = "该需求或等候记录现在是“{state}”，不在等候中。"
    en = "This need or entry is now “{state}”; it does not wait."
