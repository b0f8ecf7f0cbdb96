"""Sheets of who offers care: providers, sites, services, their rules, classes. Declarations only."""

from __future__ import annotations

from app.models import CareClass, Provider, Service, ServiceRule, Site
from app.models.enums import CalendarClass, EndRule, Mode, RuleKind, ServiceKind
from app.workbook.sheet import Column, Kind, Sheet, choice, code, count, refer, valid_from_to, yes_no
from app.workbook.sheets.areas import NAMES, POINT

PROVIDERS = Sheet("providers", "机构", "Providers", Provider, (code(), *NAMES))

SITES = Sheet(
    "sites", "服务点", "Sites", Site,
    (
        code(),
        refer("provider", "机构", "Provider", "providers", required=True),
        refer("area", "所在区域", "Area", "areas", "compounds", required=True),
        *NAMES,
        Column("taxonomy_code", "设施类型", "Facility type", length=4, pattern=r"\d{4}",
               note_zh="四位设施代码，如 2010 日间照护机构。", note_en="Four digits, as 2010 for a day-care centre."),
        *POINT,
        Column("address", "地址", "Address", length=120),
        Column("phone", "电话", "Phone", length=40),
        yes_no("is_step_free", "无障碍", "Step-free", default=True),
        yes_no("is_school_gate", "是校门", "School gate", default=False),
    ),
    note_zh="提供服务的地点；学校的校门也是一行。",
    note_en="Where services are given; a school's gate is a row too.",
)  # fmt: skip

SERVICES = Sheet(
    "services", "服务", "Services", Service,
    (
        code(),
        refer("site", "服务点", "Site", "sites", required=True),
        choice("kind", "服务类型", "Kind", ServiceKind, required=True),
        *NAMES,
        choice("mode", "分配方式", "Mode", Mode, default=Mode.welfare),
        choice("calendar_class", "开放日类型", "Days it runs", CalendarClass, required=True),
        count("limit_metres", "最远步行米数", "Longest walk, metres", low=1),
        choice("end_rule", "按年龄结束", "Ends by age", EndRule, default=EndRule.none),
        count("notice_days", "提前工作日", "Notice, working days", default=3, high=365),
        yes_no("sends_offers", "自动通知", "Sends offers at once", default=True),
        yes_no("site_confirms", "需服务点确认", "The site confirms too", default=False),
        count("held_back_places", "预留紧急名额", "Places held back", default=1, high=10_000),
        Column("cut_off", "请假截止", "Cut-off", default="-1 15:00", length=20, pattern=r"-?\d{1,2} \d{1,2}:\d{2}",
               note_zh="提前几个工作日、几点，如“-1 15:00”。", note_en="Working days before and time, as -1 15:00."),
        yes_no("is_active", "在办", "Active", default=True),
    ),
)  # fmt: skip

SERVICE_RULES = Sheet(
    "service_rules", "准入规则", "Eligibility rules", ServiceRule,
    (
        refer("service", "服务", "Service", "services", required=True),
        choice("kind", "规则", "Rule", RuleKind, required=True),
        *valid_from_to(),
        Column("value", "数值", "Value", Kind.integer, default=0, low=-1_000_000, high=1_000_000),
        Column("data", "补充数据", "Data", Kind.json, default="{}", length=4000),
        Column("source", "依据", "Source", required=True),
    ),
    identity=("service", "kind", "valid_from"),
    note_zh="同一服务同一规则同一生效日期只有一行。",
    note_en="One row for each service, rule and first day.",
)  # fmt: skip

CLASSES = Sheet(
    "classes", "班组", "Classes", CareClass,
    (
        code(),
        refer("service", "服务", "Service", "services", required=True),
        *NAMES,
        count("age_from_months", "最小月龄", "From age, months", high=1500),
        count("age_to_months", "月龄上限", "Below age, months", high=1500,
              note_zh="到这个月龄就太大了。", note_en="First age in months that is too old."),
        count("unit_use", "每名儿童占用保育份额", "Carer units of a child", default=0, high=105,
              note_zh="一名保育员为 105。", note_en="One carer is 105."),
        Column("skills", "技能", "Skills", Kind.texts, length=80,
               note_zh="上门人员的技能，用分号隔开。", note_en="Of a visiting carer, separated by semicolons."),
    ),
    uniques=(("service", "name_zh"),),
    note_zh="班级、离校时段的班，或上门团队里的一名照护员。",
    note_en="A class, a wave's class, or one carer of a visiting team.",
)  # fmt: skip

SHEETS = (PROVIDERS, SITES, SERVICES, SERVICE_RULES, CLASSES)
