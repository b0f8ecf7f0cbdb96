"""What can go wrong with needs."""

from __future__ import annotations

from app.errors import DomainError


class PartDoesNotFit(DomainError):
    """A part of the day that this kind of service does not have."""

    status = 422
    code = "part_does_not_fit"
    zh = "“{kind}”没有“{part}”这个时段。"
    en = "{kind} has no part of the day “{part}”."


class RhythmDiffers(DomainError):
    """Weekly patterns in a dated need, or dates in a weekly one."""

    status = 422
    code = "rhythm_differs"
    zh = "每周需求填写星期，单次需求填写日期，不能混用。"
    en = "A weekly need names weekdays, a dated one dates; not both."


class UnknownService(DomainError):
    """A wished service that is not there or is of another kind."""

    status = 422
    code = "unknown_service"
    zh = "志愿中的服务 {service_id} 不存在，或不属于 {kind}。"
    en = "The wished service {service_id} is not there, or is not of the kind {kind}."


class UnknownGate(DomainError):
    """A school gate that is not one."""

    status = 422
    code = "unknown_gate"
    zh = "服务点 {site_id} 不是登记的校门。"
    en = "Site {site_id} is not a registered school gate."


class NeedEndsBeforeStart(DomainError):
    """A last day before the first."""

    status = 422
    code = "ends_before_start"
    zh = "结束日期 {ends_on} 早于开始日期 {starts_on}。"
    en = "The last day {ends_on} is before the first, {starts_on}."


class NeedKnown(DomainError):
    """The person asks for the same days of the same kind already; data: `need`, `need_id`, `entered_on`."""

    code = "need_known"
    zh = "此人已有相同的需求（{need}，{entered_on} 登记）：同一类服务、同样的日子。请先查看；确需再登记一条的，请注明“另一条需求”。"
    en = (
        "The same is asked for already ({need}, recorded on {entered_on}): this service on these days. Look at that"
        " first; if a second one is meant, say so (another need)."
    )


class WantedInThePast(DomainError):
    """A date asked for that has passed; data: `on`, `today`."""

    status = 422
    code = "wanted_in_the_past"
    zh = "{on} 已经过去；希望的日期最早写今天（{today}）。"
    en = "{on} has passed; the earliest date to ask for is today, {today}."


class NeedClosed(DomainError):
    """A withdrawn or ended need stays as it is."""

    code = "need_closed"
    zh = "这条需求已是“{state}”，不能再修改；请另行登记。"
    en = "This need is “{state}” and cannot be changed; record a new one."


class NeedInUse(DomainError):
    """What would have to end first."""

    code = "need_in_use"
    zh = "这条需求还有有效的名额（长期 {placements}、单日 {bookings}、暂留 {holds}）；请先取消它们。"
    en = (
        "This need still has places ({placements} long-term, {bookings} dated, {holds} held); end them first."
    )
