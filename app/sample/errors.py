"""Errors of the sample that a person can mend."""

from __future__ import annotations

from typing import ClassVar

from app.errors import DomainError


class RecordNotEmpty(DomainError):
    """The sample goes into an empty record only; it is never mixed with anybody's data."""

    status: ClassVar[int] = 409
    code = "record_not_empty"
    zh = "库中已有登记数据，样例只能装入空库；请用 DATA= 或 DATABASE_URL= 另指一个空库。"
    en = "The record is not empty and the sample is never mixed in; name an empty one with DATA= or DATABASE_URL=."


class NoRaceDay(DomainError):
    """A race takes place tomorrow, and tomorrow's year is not published."""

    status: ClassVar[int] = 409
    code = "calendar_not_published"
    zh = "{on} 所在年份的放假安排尚未公布，无法生成压力测试数据。"
    en = "The calendar of {on}'s year is not published, so no slots can be made for a race."
