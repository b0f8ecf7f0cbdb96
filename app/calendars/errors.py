"""What can be wrong with a date."""

from __future__ import annotations

from app.errors import DomainError


class CalendarNotPublished(DomainError):
    """The date lies in a year whose days off are not known yet; data: `on`."""

    code = "calendar_not_published"
    zh = "{on} 所在年份的放假安排尚未公布，暂不能预约；公布后即可办理。"
    en = "The calendar of the year of {on} has not been published; nothing can be booked there yet."
