"""What stands in the way on the day."""

from __future__ import annotations

from app.errors import DomainError


class NotOnRoll(DomainError):
    """The person is not expected there on that date; data: `slot_id`, `person_id`."""

    status = 404
    code = "not_on_roll"
    zh = "当天名单上没有此人，请刷新名单后再点名。"
    en = "This person is not on that day's roll; reload the roll."


class TickUnreadable(DomainError):
    """Of this tick only the id can be read: its time or another part is out of bounds."""

    status = 422
    code = "tick_unreadable"
    zh = "有一次点名的时间或内容无法识别，未记入；请核对平板的日期和时间后重新点名。"
    en = "A tick could not be read and was not noted; check the tablet's date and time, and tick again."


class RollNotOpen(DomainError):
    """The date lies ahead, or the roll was closed a week after it; data: `on`."""

    code = "roll_not_open"
    zh = "{on} 的点名尚未开始或已经截止，不能修改。"
    en = "The roll of {on} has not begun or is closed; it cannot be changed."


class PickupNotAuthorised(DomainError):
    """The adult is not authorised and verified to fetch this child on that day; data: `person_id`."""

    code = "pickup_not_authorised"
    zh = "此人当天没有经核实的接送授权，不能把孩子交给他（她）；请先联系监护人。"
    en = "This adult is not authorised to fetch the child on that day; call the guardian first."


class HandOverOvertaken(DomainError):
    """A later mark says that the child is still there; data: `mark`, `at` and `handed_over_at` (local time)."""

    code = "hand_over_overtaken"
    zh = "名单上 {at} 另有记录，说孩子尚未离开，所以 {handed_over_at} 的交接没有算数。请当面核对孩子在哪里，再点一次。"
    en = (
        "An entry of {at} says that the child has not left, so the hand-over of {handed_over_at} does not count."
        " Make sure where the child is, then tick again."
    )


class AlarmKnown(DomainError):
    """There is an alarm about the person in that slot, open or closed; data: `slot_id`, `person_id`."""

    code = "alarm_known"
    zh = "此人当天这个时段已有警报，请在警报页面处理。"
    en = "There is an alarm about this person in that slot already; deal with it on the alarms page."


class AlarmClosed(DomainError):
    """The alarm has its outcome already; data: `outcome`."""

    code = "alarm_closed"
    zh = "这条警报已经处理完毕（{outcome}），请刷新。"
    en = "This alarm has its outcome already (“{outcome}”); reload."


class OutcomeNotPossible(DomainError):
    """An alarm of this kind cannot end so; data: `kind`, `outcome`."""

    status = 422
    code = "outcome_not_possible"
    zh = "这类警报不能以“{outcome}”结束。"
    en = "An alarm of this kind cannot end as “{outcome}”."


class StaffingOutOfRange(DomainError):
    """Numbers of adults that cannot be; data: `most`."""

    status = 422
    code = "staffing_out_of_range"
    zh = "在岗人数须在 0 到 {most} 之间。"
    en = "Numbers of adults lie between 0 and {most}."
