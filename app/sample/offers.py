"""What each kind of service of the sample looks like: calendar, limits, rules with sources, classes, week. Data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from app.models.enums import CalendarClass, CapacityKind, EndRule, Mode, Part, RuleKind, ServiceKind

K = CapacityKind

MON_FRI: Final = tuple(range(5))
EVERY_DAY: Final = tuple(range(7))

HOURS: Final = {
    Part.morning: (time(8, 30), time(12)),
    Part.afternoon: (time(12), time(17)),
    Part.lunch: (time(10, 45), time(13)),
    Part.dinner: (time(16, 30), time(18, 30)),
    Part.wave_1630: (time(15, 30), time(16, 30)),
    Part.wave_1700: (time(16, 30), time(17)),
    Part.wave_1800: (time(17), time(18)),
    Part.sitting: (time(9, 30), time(11)),
}


@dataclass(frozen=True)
class RuleOf:
    """An eligibility rule with its source (domain-rules.md: V read, S secondary, K default)."""

    kind: RuleKind
    value: int
    source: str


@dataclass(frozen=True)
class ClassOf:
    """A class: its week's cells and how much of each kind a cell offers at scale 1."""

    name_zh: str
    cells: dict[Part, dict[CapacityKind, int]]
    weekdays: tuple[int, ...] = MON_FRI
    ages: tuple[int | None, int | None] = (None, None)
    unit_use: int = 0
    skills: tuple[str, ...] = ()
    copies: int = 1
    """At scale 1; classes whose size the law limits grow in number, not in size."""
    grows: bool = True
    """Whether the cells grow with the scale (else the number of copies does)."""


@dataclass(frozen=True)
class OfferOf:
    """A service as the sample makes it."""

    kind: ServiceKind
    letter: str
    name_zh: str
    calendar: CalendarClass
    limit_metres: int | None
    classes: Sequence[ClassOf]
    rules: Sequence[RuleOf] = ()
    mode: Mode = Mode.welfare
    end_rule: EndRule = EndRule.none
    site_confirms: bool = False
    cut_off: str = "-1 15:00"
    held_back: int = 1
    """Places of each class kept for urgent bookings."""


_FROM_60: Final = RuleOf(RuleKind.min_age_years, 60, "老年照护统一需求评估：60岁起（K）")

_DAY_CARE: Final = OfferOf(
    kind=ServiceKind.day_care,
    letter="D",
    name_zh="日间照护",
    calendar=CalendarClass.workdays,
    limit_metres=1_000,
    classes=[
        ClassOf(
            "日托",
            {
                part: {K.places: 54, K.carer_minutes: 1_900, K.escorts: 10}
                for part in (Part.morning, Part.afternoon)
            },
        )
    ],
    rules=[_FROM_60, RuleOf(RuleKind.max_care_grade, 5, "机构入托标准（K）")],
)
_GRADED: Final = replace(
    _DAY_CARE,
    rules=[_FROM_60, RuleOf(RuleKind.min_care_grade, 2, "机构入托标准：评估2级及以上（K）")],
)
_DEMENTIA: Final = replace(
    _DAY_CARE,
    name_zh="认知障碍日间照护",
    limit_metres=1_500,
    site_confirms=True,
    classes=[
        ClassOf(
            "认知障碍日托",
            {
                part: {K.places: 30, K.carer_minutes: 1_800, K.escorts: 10}
                for part in (Part.morning, Part.afternoon)
            },
        )
    ],
    rules=[_FROM_60, RuleOf(RuleKind.needs_cognition, 0, "认知障碍专门机构须有认知障碍评估（V）")],
)

_LUNCH: Final = {K.meals: 260, K.seats: 150, K.drops: 90}
_DINNER: Final = {K.meals: 85, K.seats: 40, K.drops: 30}
_CANTEEN: Final = OfferOf(
    kind=ServiceKind.canteen,
    letter="E",
    name_zh="长者助餐",
    calendar=CalendarClass.every_day,
    limit_metres=1_000,
    classes=[ClassOf("堂食与配送", {Part.lunch: _LUNCH, Part.dinner: _DINNER}, EVERY_DAY)],
    rules=[_FROM_60],
)
_CANTEEN_WEEKDAYS: Final = replace(
    _CANTEEN,
    calendar=CalendarClass.workdays,
    classes=[ClassOf("堂食与配送", {Part.lunch: {K.meals: 140, K.seats: 90, K.drops: 45}})],
)

# Three visits a half-day whatever the minutes (K): four never fit, and a count says so more plainly than a sum.
_HALF_DAY: Final = {K.visit_minutes: 240, K.places: 3}
_CARER_CELLS: Final = {Part.morning: _HALF_DAY, Part.afternoon: _HALF_DAY}
_HOME_VISIT: Final = OfferOf(
    kind=ServiceKind.home_visit,
    letter="V",
    name_zh="居家上门照护",
    held_back=0,
    calendar=CalendarClass.every_day,
    limit_metres=None,
    classes=[
        ClassOf("照护员", _CARER_CELLS, skills=("female",), copies=11, grows=False),
        ClassOf("照护员（含周六）", _CARER_CELLS, tuple(range(6)), skills=("female",), copies=6, grows=False),
        ClassOf("男照护员（含周六）", _CARER_CELLS, tuple(range(6)), skills=("male",), copies=4, grows=False),
    ],
    rules=[
        _FROM_60,
        RuleOf(RuleKind.weekly_hours_quota, 0, "长护险：2-3级每周3小时，4级5小时，5-6级7小时（V）"),
    ],
)


def _nursery_class(name: str, places: int, carers: int, unit: int, ages: tuple[int, int | None]) -> ClassOf:
    cell = {K.places: places, K.carer_units: carers * 105}
    return ClassOf(
        name, {Part.morning: cell, Part.afternoon: cell}, ages=ages, unit_use=unit, copies=1, grows=False
    )


_INFANTS: Final = _nursery_class("乳儿班", 10, 3, 35, (6, 12))
_TODDLERS: Final = _nursery_class("托小班", 15, 3, 21, (12, 24))
_OLDER: Final = _nursery_class("托大班", 20, 3, 15, (24, None))
_MIXED: Final = _nursery_class("混合班", 18, 4, 21, (18, None))
_NURSERY: Final = OfferOf(
    kind=ServiceKind.nursery,
    letter="N",
    name_zh="社区托育",
    calendar=CalendarClass.workdays,
    limit_metres=1_000,
    classes=[
        _INFANTS,
        _TODDLERS,
        replace(_TODDLERS, name_zh="托小二班"),
        _OLDER,
        replace(_OLDER, name_zh="托大二班"),
    ],
    rules=[RuleOf(RuleKind.min_age_months, 6, "国卫人口发〔2019〕58号（V）")],
    mode=Mode.stable,
    end_rule=EndRule.end_of_nursery_year,
    site_confirms=True,
)

_AFTER_SCHOOL: Final = OfferOf(
    kind=ServiceKind.after_school,
    letter="A",
    name_zh="晚托班",
    calendar=CalendarClass.school_days,
    limit_metres=1_500,
    classes=[
        ClassOf(
            "晚托班",
            {
                # Adults 1:15 and at least two (K): three stay until 16:30, then two, one pair until 18:00.
                Part.wave_1630: {K.places: 40, K.escorts: 30},
                Part.wave_1700: {K.places: 30},
                Part.wave_1800: {K.places: 16},
            },
            copies=4,
            grows=False,
        )
    ],
    rules=[
        RuleOf(RuleKind.min_age_years, 6, "小学在读（K）"),
        RuleOf(RuleKind.max_age_years, 12, "小学在读（K）"),
    ],
    mode=Mode.stable,
    cut_off="0 12:00",
)

_HOLIDAY_CELL: Final = {K.places: 35}
_HOLIDAY: Final = OfferOf(
    kind=ServiceKind.holiday_class,
    letter="H",
    name_zh="寒暑托班",
    calendar=CalendarClass.school_holidays,
    limit_metres=1_500,
    classes=[ClassOf("假期班", {Part.morning: _HOLIDAY_CELL, Part.afternoon: _HOLIDAY_CELL}, grows=False)],
    rules=[
        RuleOf(RuleKind.min_age_years, 6, "暑托班：小学生（V）"),
        RuleOf(RuleKind.max_age_years, 12, "暑托班：小学生（V）"),
    ],
    mode=Mode.stable,
)

_CHILDREN: Final = OfferOf(
    kind=ServiceKind.children_centre,
    letter="C",
    name_zh="儿童活动",
    calendar=CalendarClass.every_day,
    limit_metres=2_000,
    classes=[ClassOf("开放活动", {Part.sitting: {K.places: 16}}, (1, 2, 3, 4, 5, 6))],
    rules=[RuleOf(RuleKind.max_age_years, 14, "儿童服务中心服务对象（K）")],
    cut_off="0 08:00",
)
_FAMILY: Final = OfferOf(
    kind=ServiceKind.family_centre,
    letter="F",
    name_zh="家庭活动",
    calendar=CalendarClass.every_day,
    limit_metres=2_000,
    classes=[ClassOf("亲子时光", {Part.sitting: {K.places: 15}}, (2, 4, 5, 6))],
    cut_off="0 08:00",
)

OFFERS: Final = {
    "day_care": _DAY_CARE,
    "day_care_graded": _GRADED,
    "day_care_dementia": _DEMENTIA,
    "canteen": _CANTEEN,
    "canteen_weekdays": _CANTEEN_WEEKDAYS,
    "home_visit": _HOME_VISIT,
    "nursery": _NURSERY,
    "nursery_strict": replace(_NURSERY, end_rule=EndRule.at_36_months),
    "nursery_mixed": replace(
        _NURSERY, classes=[_INFANTS, _TODDLERS, _MIXED, replace(_MIXED, name_zh="混合二班")]
    ),
    "after_school": _AFTER_SCHOOL,
    "holiday_class": _HOLIDAY,
    "children_centre": _CHILDREN,
    "family_centre": _FAMILY,
}
"""By the name that data/sites.toml uses."""
