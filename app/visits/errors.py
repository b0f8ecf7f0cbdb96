"""What can stand in the way of a run sheet's order."""

from __future__ import annotations

from app.errors import DomainError


class NotAHalfDay(DomainError):
    """The slot is no carer's half-day."""

    code = "not_a_half_day"
    zh = "该时段不是上门照护的半天班，没有上门顺序。"
    en = "This slot is no carer's half-day and has no run sheet."


class SheetChanged(DomainError):
    """The order names other visits than the half-day has now; data: `missing`, `unknown` (need ids)."""

    code = "sheet_changed"
    zh = "这半天的上门名单刚刚有变化，请刷新后重新排序。"
    en = "The visits of this half-day changed a moment ago; reload and order them again."


class OrderDoesNotFit(DomainError):
    """In this order the last visit ends after the half-day; data: `over_minutes`, `faults`."""

    code = "order_does_not_fit"
    zh = "按这个顺序会超出半天 {over_minutes} 分钟，未保存；原来的顺序不变。"
    en = "In this order the half-day would run over by {over_minutes} minutes; the order stays as it was."
