"""What can be amiss with a shopping list."""

from __future__ import annotations

from app.errors import DomainError


class NothingUnmet(DomainError):
    """No unmet need has an option that more room would open."""

    status = 409
    code = "nothing_unmet"
    zh = "目前没有因名额不足而未安排的需求，不需要增加名额。"
    en = "No need is unplaced for want of room today, so nothing has to be added."


class NothingOffered(DomainError):
    """The offer names no weekday, or neither room nor volunteers."""

    status = 422
    code = "nothing_offered"
    zh = "请至少选一个星期几，并填写增加的名额或志愿者人数。"
    en = "Choose at least one weekday, and say for how many more there is room or how many volunteers come."


class NotThere(DomainError):
    """The class does not run on any of the weekdays offered."""

    status = 409
    code = "not_there"
    zh = "该班在所选的日子不开班，名额加不进去；请选它开班的日子，或换一个班。"
    en = "The class does not run on these days, so nothing can be added to it. Choose its days, or another class."


class NothingCounts(DomainError):
    """What is offered is nothing that the class runs out of."""

    status = 409
    code = "nothing_counts"
    zh = "该班的名额不取决于所提供的资源：志愿者不能代替托育老师和护理员。请填写增加的名额。"
    en = "What is offered is not what this class runs out of: volunteers do not stand in for nursery carers. Say how much more room there is."
