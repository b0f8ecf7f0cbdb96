"""What can stand in the way of a meal."""

from __future__ import annotations

from app.errors import DomainError


class NotASitting(DomainError):
    """The slot is not a canteen's, or has no seats."""

    code = "not_a_sitting"
    zh = "该时段不是食堂堂食餐次，不能登记堂食。"
    en = "This slot is not a canteen's sitting with seats."


class NotToday(DomainError):
    """Guests are ticked on the day itself."""

    code = "not_today"
    zh = "堂食只能在当天登记（该餐次为 {on}）。"
    en = "Guests are ticked on the day itself; this sitting is on {on}."


class NoMealLeft(DomainError):
    """Every meal is ordered and none is spare."""

    code = "no_meal_left"
    zh = "这一餐已无余量：共 {capacity} 份，已订 {taken} 份，没有多出的餐。"
    en = "No meal is left: {taken} of {capacity} are ordered, and none is spare."
