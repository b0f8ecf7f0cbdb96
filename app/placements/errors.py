"""What stands in the way of an act on a placement."""

from __future__ import annotations

from app.errors import DomainError


class NotPossibleInState(DomainError):
    """The act does not lead anywhere from the placement's state; data: `placement`, `state`, `act`."""

    code = "not_possible_in_state"
    zh = "该安排现在是“{state}”，不能再这样办理；请刷新后查看。"
    en = "This placement is now “{state}”, where this is not possible. Reload to see where it stands."


class EndsEarlier(DomainError):
    """The placement has this last day, or an earlier one, already; data: `placement`, `ends_on`, `last_on`."""

    code = "ends_earlier"
    zh = "该安排已定于 {ends_on} 结束，这里不能改到 {last_on}，只能提前。需要延长的，请为 {ends_on} 之后登记新的需求。"
    en = (
        "This placement ends on {ends_on} already; its last day can be brought forward, not set to {last_on}. For a"
        " longer stay record a new need from the day after {ends_on}."
    )


class NotUndoable(DomainError):
    """Undoing a place that the desk did not give, or that has begun; data: `placement`."""

    code = "not_undoable"
    zh = "只能撤销窗口直接安排且尚未开始的名额；其他名额须写明理由后结束。"
    en = "Only a place that the desk gave and that has not begun is undone like this; any other is ended with a reason."


class OfferExpired(DomainError):
    """The time to answer is over; data: `placement`, `expired_at`."""

    status = 410
    code = "offer_expired"
    zh = "该安排的答复期限（{expired_at}）已过，名额已转给下一位；需求仍在等候。"
    en = "The time to answer ended at {expired_at}; the place went to the next. The need goes on waiting."


class OfferAnswered(DomainError):
    """The offer has its answer already; data: `placement`, `answer`."""

    code = "offer_answered"
    zh = "该安排已答复（{answer}），不能再次答复。"
    en = "This offer was answered already (“{answer}”)."


class AlreadyPlaced(DomainError):
    """The need has a live placement; data: `need`, `placement`."""

    code = "already_placed"
    zh = "该需求已有安排（{placement}）；请先结束原安排，或登记转换意愿。"
    en = "This need has a placement already ({placement}); end that first, or note a wish to change."


class NeedNotOpen(DomainError):
    """The need was withdrawn, has ended or is served; data: `need`, `state`."""

    code = "need_not_open"
    zh = "该需求现在是“{state}”，不能再安排。"
    en = "This need is now “{state}”; nothing can be given to it."


class NotEligible(DomainError):
    """Rules of the service refuse the person; data: `reasons`, each with `code` and its figures."""

    code = "not_eligible"
    zh = "不符合该服务的条件；确需办理的，请主管注明理由后手工安排。"
    en = "The service's rules refuse this. A manager may place by hand, with a reason."


class PatternNotAccepted(DomainError):
    """The weekdays and part are not among what the need accepts; data: `need`."""

    code = "pattern_not_accepted"
    zh = "所选星期与时段不在该需求接受的范围内；请先修改需求。"
    en = "These weekdays and this part are not what the need accepts; change the need first."


class GroupTogether(DomainError):
    """One of a group that is placed all or none; data: `need`, `group`."""

    code = "group"
    zh = "该需求属于须一同安排的小组，不能单独安排其中一人。"
    en = "This need belongs to a group that is placed together or not at all."


class ReasonRequired(DomainError):
    """An act that overrules the program needs a reason that somebody can read later."""

    code = "reason_required"
    zh = "此操作须写明理由。"
    en = "This act needs a reason."


class Contested(DomainError):
    """Others of equal or higher priority wait for the place; the wish joins tonight's run; data: `rivals` (at least), `decided_on`."""

    code = "contested"
    zh = "至少还有 {rivals} 位同级或更优先的居民在等这个名额，将于今晚统一安排，{decided_on} 可知结果。"
    en = "At least {rivals} more with equal or higher priority wait for this; tonight's run decides, you know on {decided_on}."


class NotOnThisDate(DomainError):
    """The placement does not run on the date; data: `placement`, `on`."""

    code = "not_on_these_days"
    zh = "该安排在 {on} 没有服务，无需请假。"
    en = "This placement does not run on {on}; there is nothing to excuse."


class AbsenceKnown(DomainError):
    """An absence is noted for the date already; data: `placement`, `on`."""

    code = "absence_known"
    zh = "{on} 已登记请假。"
    en = "An absence on {on} is noted already."


class AbsenceBackwards(DomainError):
    """An absence whose last day lies before its first; data: `first_on`, `last_on`."""

    status = 422
    code = "absence_backwards"
    zh = "请假的最后一天（{last_on}）早于第一天（{first_on}），请改正后再登记。"
    en = "The last day of the absence ({last_on}) lies before its first ({first_on}); mend the dates and note it again."


class AbsenceTooLong(DomainError):
    """An absence that is longer than one act notes; data: `most_days`, `last_on`."""

    status = 422
    code = "absence_too_long"
    zh = (
        "一次最多登记 {most_days} 天的请假，从所选第一天起到 {last_on} 为止；更长的请分次登记。这次没有登记。"
    )
    en = "One entry covers at most {most_days} days, here until {last_on}; enter a longer absence in parts. Nothing was noted."


class DoubleBooked(DomainError):
    """The person has something else at that time, of the week or on a date; data: `with`, and `placement` or `slot_id`."""

    code = "double_booked"
    zh = "该居民同一时间已有其他安排，不能重复安排；请先看该居民这一周的安排。"
    en = "This person has something else at that time already; look at the person's week first."


class SamePlace(DomainError):
    """A move to where the person is already; data: `placement`."""

    code = "same_place"
    zh = "孩子本来就在这个班次，无需调整。"
    en = "The child is in this wave already; there is nothing to move."


class MoveTooFarAhead(DomainError):
    """A move that begins in the past or too late; data: `last_on`."""

    status = 422
    code = "move_too_far_ahead"
    zh = "调整须从今天起、最晚从 {last_on} 开始。"
    en = "A move begins today at the earliest and on {last_on} at the latest."


class MealGiven(DomainError):
    """Told off after the cut-off, the meal was spare, and a guest has eaten it; data: `on`."""

    code = "meal_given"
    zh = "{on} 的餐因临时请假已给了堂食的人，不能再恢复；可按堂食登记，看是否还有余量。"
    en = (
        "The meal of {on} was spare and a guest has eaten it; tick the person as a guest if anything is left."
    )
