"""Sheets of what can be booked and when: calendar, terms, weekly slots, closures. Declarations only."""

from __future__ import annotations

from app.models import CalendarDay, CalendarYear, Closure, SchoolTerm, Slot, SlotTemplate
from app.models.enums import CapacityKind, DayKind, Part, SchoolPeriod, SlotState, YearState
from app.workbook.sheet import Column, Kind, Sheet, choice, code, count, day, refer, valid_from_to

CAPACITIES = tuple(
    count(f"capacity_{kind.value}", zh, en, attr=None, high=1_000_000)
    for kind, zh, en in (
        (CapacityKind.places, "名额", "Places"),
        (CapacityKind.carer_minutes, "照护分钟", "Carer minutes"),
        (CapacityKind.carer_units, "保育份额", "Carer units"),
        (CapacityKind.visit_minutes, "上门分钟", "Visit minutes"),
        (CapacityKind.meals, "餐份", "Meals"),
        (CapacityKind.seats, "堂食座位", "Seats"),
        (CapacityKind.drops, "送餐单", "Drops"),
        (CapacityKind.escorts, "接送人手", "Escorts"),
    )
)
"""One column for each capacity kind; an empty cell means that the kind does not limit the slot."""

YEARS = Sheet(
    "years", "日历年份", "Calendar years", CalendarYear,
    (
        Column("year", "年份", "Year", Kind.integer, required=True, low=2000, high=2100),
        choice("state", "状态", "State", YearState, required=True),
        Column("source", "依据", "Source"),
    ),
    identity=("year",),
)  # fmt: skip

DAYS = Sheet(
    "days", "节假日", "Holidays", CalendarDay,
    (
        day("on_date", "日期", "Date", required=True),
        choice("kind", "类型", "Kind", DayKind, required=True),
        Column("runs_as_weekday", "按周几", "Runs as weekday", Kind.weekday,
               note_zh="调休上班日按周几的安排。", note_en="Whose timetable a swapped workday runs."),
        Column("name_zh", "名称", "Name", length=40),
    ),
    identity=("on_date",),
)  # fmt: skip

TERMS = Sheet(
    "terms", "学期假期", "School terms", SchoolTerm,
    (
        code(),
        Column("name_zh", "名称", "Name", required=True, length=40),
        choice("kind", "类型", "Kind", SchoolPeriod, default=SchoolPeriod.term),
        day("starts_on", "开始日期", "First day", required=True),
        day("ends_on", "结束日期", "Last day", required=True),
        Column("source", "依据", "Source"),
    ),
)  # fmt: skip

TEMPLATES = Sheet(
    "templates", "周时段", "Weekly slots", SlotTemplate,
    (
        code(48),
        refer("care_class", "班组", "Class", "classes", required=True, attr="class_id"),
        Column("weekday", "星期", "Weekday", Kind.weekday, required=True),
        choice("part", "时段", "Part of the day", Part, required=True),
        Column("starts_at_local", "开始时间", "Starts at", Kind.time, required=True),
        Column("ends_at_local", "结束时间", "Ends at", Kind.time, required=True),
        *valid_from_to(),
        *CAPACITIES,
    ),
    uniques=(("care_class", "weekday", "part", "valid_from"),),
    note_zh="每个班组每周的一格；容量空白表示不受这一项限制。",
    note_en="One cell of a class's week; an empty capacity does not limit it.",
)  # fmt: skip

SLOT_DAYS = Sheet(
    "slot_days", "单日调整", "Single dates", Slot,
    (
        refer("template", "周时段", "Weekly slot", "templates", required=True),
        day("occurs_on", "日期", "Date", required=True),
        choice("state", "状态", "State", SlotState, default=SlotState.open),
        *CAPACITIES,
    ),
    identity=("template", "occurs_on"),
    note_zh="只写与周时段不同的日子。",
    note_en="Only dates that differ from the weekly slot.",
)  # fmt: skip

CLOSURES = Sheet(
    "closures", "停开", "Closures", Closure,
    (
        code(48),
        refer("site", "服务点", "Site", "sites", required=True),
        refer("service", "服务", "Service", "services", note_zh="空白表示整个服务点。", note_en="Empty: the whole site."),
        day("starts_on", "开始日期", "First day", required=True),
        day("ends_on", "结束日期", "Last day", required=True),
        Column("reason", "原因", "Reason", length=120),
    ),
)  # fmt: skip

SHEETS = (YEARS, DAYS, TERMS, TEMPLATES, CLOSURES)
LATE = (SLOT_DAYS,)
"""Read after the horizon has been made."""
