"""English names for the sample: what a place is in words, what it is called in pinyin. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

WHAT: Final = {
    # sites
    "记忆家园日托所": "Memory Home Day Care",
    "日托所": "Day Care",
    "长者照护之家": "Elder Care Home",
    "长者食堂": "Elders' Canteen",
    "助餐点": "Meal Point",
    "护理站": "Care Station",
    "托育园": "Nursery",
    "小学": "Primary School",
    "爱心晚托班": "After-School Class",
    "儿童服务中心": "Children's Centre",
    "儿童服务站": "Children's Station",
    "家中心": "Family Centre",
    # areas
    "居委会": "Committee",
    "新村": "New Village",
    "老街坊": "Old Neighbourhood",
    "工房": "Workers' Housing",
    "里弄": "Lane Houses",
    "公寓": "Apartments",
    "花园": "Garden",
    "雅苑": "Court",
    "嘉园": "Residence",
}
"""The end of a name says what it is; the longest that fits is taken."""

OFFERED: Final = {
    "日间照护": "day care",
    "认知障碍日间照护": "dementia day care",
    "长者助餐": "meals for elders",
    "居家上门照护": "home visits",
    "社区托育": "nursery care",
    "晚托班": "after-school class",
    "寒暑托班": "holiday class",
    "儿童活动": "children's activities",
    "家庭活动": "family activities",
    "日托": "Day care",
    "认知障碍日托": "Dementia day care",
    "堂食与配送": "Dine-in and delivery",
    "照护员": "Carer",
    "照护员（含周六）": "Carer (also Saturday)",
    "男照护员（含周六）": "Male carer (also Saturday)",
    "乳儿班": "Infants",
    "托小班": "Toddlers",
    "托小二班": "Toddlers II",
    "托大班": "Older toddlers",
    "托大二班": "Older toddlers II",
    "混合班": "Mixed ages",
    "混合二班": "Mixed ages II",
    "假期班": "Holiday class",
    "开放活动": "Open activity",
    "亲子时光": "Parents and children",
}
"""Services and classes; a number at the end of a class is kept."""

_PLACES: Final = {"对岸": "Across the River"}


@cache
def name_place(name: str) -> str:
    """Return the English name of a site, committee or compound (without the sample's mark): Qudong Day Care."""
    plain, phase = re.fullmatch(r"(.+?)(二期)?", name).groups()  # type: ignore[union-attr]
    end = max((each for each in WHAT if plain.endswith(each)), key=len)
    where = plain.removesuffix(end)
    return f"{_PLACES.get(where) or _spell(where)} {WHAT[end]}" + (" II" if phase else "")


def name_offered(name: str) -> str:
    """Return the English name of a service's or a class's own name: Carer 03."""
    plain, number = re.fullmatch(r"(.+?)(\d*)", name).groups()  # type: ignore[union-attr]
    return f"{OFFERED[plain]} {number}".rstrip()


def _spell(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - loads a dictionary

    first, *rest = lazy_pinyin(name)
    # An apostrophe where a syllable begins with a vowel: Qiao'er, not Qiaoer.
    return (first + "".join(f"'{each}" if each[0] in "aeo" else each for each in rest)).capitalize()
