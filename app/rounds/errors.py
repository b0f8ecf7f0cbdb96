"""What stands in the way of a round, or of giving one of its places away."""

from __future__ import annotations

from app.errors import DomainError
from app.rounds.rules import Window


class RoundNotPossible(DomainError):
    """The act does not lead anywhere from the round's state; data: `round`, `state`, `act`."""

    code = "not_possible_in_state"
    zh = "轮次 {round} 现在是“{state}”，不能这样办理；请刷新后查看。"
    en = "Round {round} is now “{state}”, where this is not possible. Reload to see where it stands."


class RoundDates(DomainError):
    """The dates do not follow one another; data: the four dates."""

    status = 422
    code = "dates_out_of_order"
    zh = "日期顺序应为：开放 ≤ 截止 < 公布 ≤ 开始，且开放日须在今天之后。"
    en = "The dates must follow: opens <= closes < publishes <= starts, and the window opens after today."


class RoundCodeTaken(DomainError):
    """Another round has the code; data: `round`."""

    code = "round_code_taken"
    zh = "轮次编号 {round} 已被使用。"
    en = "There is a round {round} already."


class RoundOverlaps(DomainError):
    """Another round of the kind takes needs in at the same time; data: `round`."""

    code = "round_overlaps"
    zh = "同类服务的轮次 {round} 在这段时间内仍在报名或尚未公布；请错开日期。"
    en = "Round {round} of the same kind is registering or undecided in that time; choose other dates."


class RoundTooEarly(DomainError):
    """The day for the act has not come; data: `round`, `act`, `from_on`."""

    code = "too_early"
    zh = "时候未到：轮次 {round} 要到 {from_on} 才可以这样办理。"
    en = "Too early: round {round} allows this from {from_on}."


class AnnouncedTooLate(DomainError):
    """The window has begun without a commitment; data: `round`, `opens_on`."""

    code = "announced_too_late"
    zh = "轮次 {round} 的报名已于 {opens_on} 开始，承诺必须在此之前公布；请作废后另建轮次。"
    en = "The window of round {round} began on {opens_on}; its commitment had to be public before. Cancel it, make another."


class NumberTooEarly(DomainError):
    """The public number has to arise after the window closed; data: `round`, `arose_on`, `closes_on`."""

    code = "number_too_early"
    zh = "公开数须在报名截止（{closes_on}）之后产生，且不晚于今天；所填日期为 {arose_on}。"
    en = "The public number has to arise after the window closed ({closes_on}) and not after today; {arose_on} was given."


class SecretMissing(DomainError):
    """The record does not hold the round's secret; data: `round`."""

    code = "secret_missing"
    zh = "本系统没有轮次 {round} 的密钥（可能由其他系统导入），不能抽签；请作废后另建轮次。"
    en = "The secret of round {round} is not kept here (it was imported): no draw is possible. Cancel it, make another."


class RoundNotDecided(DomainError):
    """No plan in force has decided every need of the round; data: `round`, `publishes_on`, `undecided`."""

    code = "round_not_decided"
    zh = "轮次 {round} 尚未由生效的方案全部决定（未定 {undecided} 个）；{publishes_on} 起的夜间匹配发布后再公布名单。"
    en = "No plan in force has decided all of round {round} ({undecided} left); publish after a night from {publishes_on} on."


class WaitsForRound(DomainError):
    """The place belongs to a round that has not been decided; data: `round`, `publishes_on`, `starts_on`."""

    code = "waits_for_round"
    zh = "{starts_on} 起的名额由轮次 {round} 统一分配，{publishes_on} 公布结果；此前不能单独安排。"
    en = "Places from {starts_on} on are given by round {round}, published on {publishes_on}; none can be given before."


def to_refusal(window: Window) -> WaitsForRound:
    """Return the refusal that names an undecided round."""
    return WaitsForRound(
        round=window.code,
        publishes_on=window.publishes_on.isoformat(),
        starts_on=window.starts_on.isoformat(),
    )


class ListNotPublished(DomainError):
    """The round has no published list; data: `round`, `state`."""

    code = "list_not_published"
    zh = "轮次 {round} 的名单尚未公布（当前状态“{state}”）。"
    en = "The list of round {round} is not published; it is “{state}”."


class NotAnnounced(DomainError):
    """The round's commitment is not public yet; data: `round`, `state`."""

    code = "not_announced"
    zh = "轮次 {round} 的承诺尚未公布（当前状态“{state}”）。"
    en = "The commitment of round {round} is not public; it is “{state}”."
