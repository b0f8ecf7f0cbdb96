"""What can be amiss with a shopping list."""

from __future__ import annotations

from app.errors import DomainError


class NothingUnmet(DomainError):
    """No unmet need has an option that more room would open."""

    status = 409
    code = "nothing_unmet"
    zh = "目前没有因名额不足而未安排的需求，不需要增加名额。"
    en = "No need is unplaced for want of room today, so nothing has to be added."
