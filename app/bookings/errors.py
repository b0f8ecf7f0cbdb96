"""What stands in the way of a hold or booking."""

from __future__ import annotations

from app.errors import DomainError


class HeldBack(DomainError):
    """Only places kept for urgent cases are left; data: `slot_id`, `capacity`, `taken`, `held_back`."""

    code = "held_back"
    zh = "该时段只剩为紧急情况预留的名额（{held_back} 个）；紧急情况请注明理由办理。"
    en = "Only places kept for urgent cases are left ({held_back}); book as urgent, with a reason, if it is."


class QuotaUsedUp(DomainError):
    """The week's care hours are used up; data: `hours`, `wanted_minutes`, `left_minutes`, `week_from`."""

    code = "quota_used_up"
    zh = "该居民本周（{week_from} 起）护理时长 {hours} 小时，仅余 {left_minutes} 分钟，不足 {wanted_minutes} 分钟。"
    en = "Of {hours} h in the week from {week_from} only {left_minutes} minutes are left; {wanted_minutes} are wanted."


class PastCutOff(DomainError):
    """The kitchen has closed its list for that date; data: `on`, `cut_off_at`."""

    code = "past_cut_off"
    zh = "{on} 的订餐已于 {cut_off_at} 截止。确有急需请注明理由办理，或当天到食堂堂食。"
    en = "Orders for {on} closed at {cut_off_at}. Order as urgent, with a reason, or eat in on the day."


class MealsUsedUp(DomainError):
    """The month's meals are used up; data: `meals`, `wanted_meals`, `left_meals`, `month`."""

    code = "quota_used_up"
    zh = "该居民 {month} 的助餐额度为 {meals} 餐，仅余 {left_meals} 餐，不足 {wanted_meals} 餐。"
    en = "Of {meals} meals in {month} only {left_meals} are left; {wanted_meals} are wanted."


class NotThisNeed(DomainError):
    """The slot is on another date or part of the day than the need asks for, or of another kind; data: `need`."""

    code = "not_on_these_days"
    zh = "该时段的日期、时间或服务类型与需求不符。"
    en = "The slot's date, part of the day or kind is not what the need asks for."


class NeedsPlacement(DomainError):
    """A weekly need gets a long-term place, not a dated booking; data: `need`."""

    code = "needs_placement"
    zh = "这是每周固定的长期需求，请安排长期名额，不能按单次预约。"
    en = "This need is for every week: it gets a long-term place, not a single booking."


class BookingNotPossible(DomainError):
    """The act does not lead anywhere from the booking's or hold's state; data: `state`, `act`."""

    code = "not_possible_in_state"
    zh = "现在是“{state}”，不能再这样办理；请刷新后查看。"
    en = "This is now “{state}”, where this is not possible. Reload to see where it stands."


class NothingHeld(DomainError):
    """Nothing is held for the need any more; data: `need`."""

    code = "nothing_held"
    zh = "这里没有保留着的名额了：可能已由他人（或在另一窗口）确认、取消，或时间已到。下面是现在的情况。"
    en = "Nothing is held here any more: somebody else (or another tab) confirmed or released it, or its time is over. Below is what stands now."


class HoldExpired(DomainError):
    """The hold's minutes are over; data: `hold`, `expired_at`."""

    status = 410
    code = "hold_expired"
    zh = "临时保留已于 {expired_at} 到期，名额已放开，请重新保留。"
    en = "The hold ended at {expired_at}; its place is open again. Hold it anew."


class ClosureOver(DomainError):
    """From that day on the closure shuts nothing: it was taken back or shortened, or ends by itself; data: `from_on`, `last_on`."""

    code = "closure_over"
    zh = "这次停开到 {last_on} 为止（可能刚由他人改过），{from_on} 起本来就开放；要延长停开，请另记一次停开。"
    en = "This closure ends on {last_on} (somebody may just have changed it), so {from_on} is open anyway. To stay closed for longer, note another closure."


class OpensInThePast(DomainError):
    """What has been closed stays so; data: `from_on`, `today`."""

    code = "opens_in_the_past"
    zh = "{from_on} 已经过去，当天的停开不能更改；请填今天（{today}）或以后的日期。"
    en = "{from_on} has passed and stays closed; name today ({today}) or a later day."
