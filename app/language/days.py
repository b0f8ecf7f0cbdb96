"""Weekdays, dates and patterns as people say them, in Chinese and English; prices as people read them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date, get_day_names

from app.clock import today
from app.language.catalogue import LOCALES
from app.language.labels import label
from app.models.enums import WishPart

_ZH = "一二三四五六日"


def is_near(on: date) -> bool:
    """Return whether a date is understood without its year: of this year or the next one."""
    return on.year - today().year in {0, 1}


def say_date(on: date, language: str, *, with_weekday: bool = True) -> str:
    """Return a date: 12月1日 周二; Tue 1 Dec. Of a year that is neither this nor the next one, with the year."""
    if language == "zh":
        pattern = ("" if is_near(on) else "y年") + "M月d日" + (" EEE" if with_weekday else "")
    else:
        pattern = ("EEE " if with_weekday else "") + "d MMM" + ("" if is_near(on) else " y")
    return format_date(on, pattern, locale=LOCALES[language])


def say_on_page(on: date, pattern: str = "long", *, language: str) -> str:
    """Return a date as pages head their tables with it: 12月1日 星期二; 1 Dec 2026. `medium` is shorter."""
    if (pattern, language) != ("long", "zh"):
        return format_date(on, "medium", locale=LOCALES[language])
    return format_date(on, ("" if is_near(on) else "y年") + "M月d日 EEEE", locale=LOCALES["zh"])


def say_weekdays(bits: int, language: str) -> str:
    """Return seven bits (bit 0 = Monday) as 周一、三、五 or Mon, Wed, Fri; three and more in a row as 周一至周五."""
    days = [day for day in range(7) if bits >> day & 1]
    is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    if language == "zh":
        if len(days) == 7:
            return "每天"
        if is_run:
            return f"周{_ZH[days[0]]}至周{_ZH[days[-1]]}"
        return "周" + "、".join(_ZH[day] for day in days)
    names = get_day_names("abbreviated", locale=LOCALES["en"])
    if len(days) == 7:
        return "every day"
    return f"{names[days[0]]} to {names[days[-1]]}" if is_run else ", ".join(names[day] for day in days)


def say_pattern(bits: int, part: WishPart, occurs_on: date | None, language: str) -> str:
    """Return a weekly or dated pattern with its part of the day."""
    when = say_weekdays(bits, language) if occurs_on is None else say_date(occurs_on, language)
    return f"{when} {label(part, language)}"


def say_price(fen: int, language: str) -> str:
    """Return whole fen as yuan."""
    return f"{fen / 100:.2f} 元" if language == "zh" else f"¥{fen / 100:.2f}"
