"""Sheets of what people ask for and have: need groups, needs, placements, bookings. Declarations only."""

from __future__ import annotations

from app.models import Booking, Need, NeedGroup, Offer, Placement, PlacementException
from app.models.enums import (
    BookingState,
    Channel,
    ExceptionKind,
    GroupKind,
    NeedRhythm,
    NeedState,
    OfferAnswer,
    Origin,
    PlacementState,
    ServiceKind,
    WishPart,
)
from app.workbook.sheet import Column, Kind, Sheet, choice, code, count, day, refer, yes_no

USES = Column(
    "uses", "占用", "Uses", Kind.amounts, attr=None, length=4000,
    note_zh="如“名额=1；照护分钟=40”，对每一格都一样；不同的写成“周时段编码:名额=1”。空白按班组计算。",
    note_en="As places=1; carer_minutes=40 for every cell, or CELL:places=1 where cells differ. Empty: computed.",
)  # fmt: skip

GROUPS = Sheet(
    "groups", "需求组", "Need groups", NeedGroup,
    (
        code(48),
        choice("kind", "类型", "Kind", GroupKind, required=True),
        yes_no("same_site", "同一服务点", "Same site", default=True),
        yes_no("all_or_none", "同进退", "All or none", default=False),
    ),
)  # fmt: skip

NEEDS = Sheet(
    "needs", "需求", "Needs", Need,
    (
        code(48),
        refer("person", "人员", "Person", "people", required=True),
        choice("kind", "服务类型", "Kind", ServiceKind, required=True),
        choice("rhythm", "频次", "Rhythm", NeedRhythm, default=NeedRhythm.weekly),
        choice("state", "状态", "State", NeedState, default=NeedState.open),
        day("entered_on", "登记日期", "Entered on", required=True,
            note_zh="等候月数从这天算起。", note_en="Whole months waited count from here."),
        day("starts_on", "希望开始日期", "Starts on", required=True),
        day("ends_on", "结束日期", "Ends on"),
        Column("patterns", "可接受的安排", "Accepted patterns", Kind.patterns, required=True, attr=None, length=2000,
               note_zh="首选在前，用分号隔开，如“一三五 全天；二四 上午”；单次写“2026-12-03 午餐”。",
               note_en="Best first, separated by semicolons: weekdays (135) and part, or a date and part."),
        Column("preferences", "志愿服务", "Preferred services", Kind.references, refers=("services",), attr=None,
               length=2000, note_zh="服务编码，志愿在前，用分号隔开。", note_en="Codes of services, best first."),
        count("limit_metres", "可接受步行米数", "Own limit, metres", low=1),
        count("visit_minutes", "每次上门分钟", "Minutes of a visit", low=1, high=1440),
        yes_no("needs_escort", "需要接送", "Needs an escort", default=False),
        refer("gate_site", "放学校门", "School gate", "sites"),
        refer("group", "需求组", "Group", "groups"),
        refer("round", "轮次", "Round", "rounds"),
        yes_no("wants_transfer", "希望转点", "Wants a transfer", default=False),
        count("draw_number", "抽签号", "Draw number", high=2**53, keeps=True,
              note_zh="由系统抽取；手工填写时留空。", note_en="Drawn by the system; leave empty by hand."),
        Column("note", "备注", "Note", sealed=True, length=2000),
    ),
)  # fmt: skip

PLACEMENTS = Sheet(
    "placements", "长期安排", "Placements", Placement,
    (
        code(48),
        refer("need", "需求", "Need", "needs", required=True),
        refer("care_class", "班组", "Class", "classes", required=True, attr="class_id"),
        Column("weekdays", "星期", "Weekdays", Kind.weekdays, required=True,
               note_zh="如“一三五”。", note_en="As 135 for Monday, Wednesday, Friday."),
        choice("part", "时段", "Part of the day", WishPart, required=True),
        day("starts_on", "开始日期", "Starts on", required=True),
        day("ends_on", "结束日期", "Last day"),
        choice("state", "状态", "State", PlacementState, default=PlacementState.active),
        choice("origin", "来源", "Origin", Origin, default=Origin.imported),
        yes_no("is_pinned", "固定", "Pinned", default=False),
        Column("pin_reason", "固定原因", "Reason of the pin"),
        yes_no("is_transfer", "转点", "Transfer", default=False,
               note_zh="正要转往的名额；原名额另有一行。", note_en="Where somebody is about to change to; the old place has a row of its own."),
        Column("confirmed_at", "确认时间", "Confirmed at", Kind.instant),
        Column("confirmed_by", "确认人", "Confirmed by", length=80),
        choice("confirmed_channel", "确认渠道", "Confirmed by way of", Channel),
        Column("site_confirmed_at", "服务点确认时间", "The site confirmed at", Kind.instant),
        Column("ended_reason", "结束原因", "Reason of the end"),
        USES,
    ),
    note_zh="已经在享受的长期名额；超出容量的照原样收下，列为历史遗留。",
    note_en="Long-term places people already have; what is over capacity is taken in as inherited.",
)  # fmt: skip

EXCEPTIONS = Sheet(
    "exceptions", "请假", "Absences", PlacementException,
    (
        refer("placement", "长期安排", "Placement", "placements", required=True),
        day("on_date", "日期", "Date", required=True),
        choice("kind", "类型", "Kind", ExceptionKind, default=ExceptionKind.absent),
        yes_no("frees_place", "释放名额", "Frees the place", default=True),
    ),
    identity=("placement", "on_date"),
)  # fmt: skip

OFFERS = Sheet(
    "offers", "通知", "Offers", Offer,
    (
        refer("placement", "长期安排", "Placement", "placements", required=True),
        Column("sent_at", "发出时间", "Sent at", Kind.instant, required=True),
        Column("expires_at", "截止时间", "Expires at", Kind.instant, required=True),
        Column("answered_at", "答复时间", "Answered at", Kind.instant),
        choice("answer", "答复", "Answer", OfferAnswer),
        Column("answered_by", "答复人", "Answered by", length=80),
        choice("channel", "渠道", "Channel", Channel),
    ),
    identity=("placement", "sent_at"),
)  # fmt: skip

BOOKINGS = Sheet(
    "bookings", "单日预约", "Bookings", Booking,
    (
        code(48),
        refer("need", "需求", "Need", "needs", required=True),
        refer("template", "周时段", "Weekly slot", "templates", required=True, attr=None),
        day("occurs_on", "日期", "Date", required=True, attr=None),
        choice("state", "状态", "State", BookingState, default=BookingState.booked),
        choice("origin", "来源", "Origin", Origin, default=Origin.imported),
        Column("reason", "原因", "Reason"),
        Column("booked_at", "预约时间", "Booked at", Kind.instant, required=True),
        Column("cancelled_at", "取消时间", "Cancelled at", Kind.instant),
        USES,
    ),
)  # fmt: skip

SHEETS = (GROUPS, NEEDS, PLACEMENTS, EXCEPTIONS, OFFERS)
LATE = (BOOKINGS,)
"""Read after the horizon has been made."""
