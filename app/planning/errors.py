"""Situations in which a night ends without a plan, and what a manager may not do with one."""

from __future__ import annotations

from app.errors import DomainError


class LeaseHeld(DomainError):
    """Another run is under way; data: `holder`, `expires_at`."""

    code = "lease_held"
    zh = "另一个匹配任务正在运行（{holder}），本次不启动；请等它结束。"
    en = "Another run holds the lease ({holder}); this one does not start. Wait until that one ends."


class LeaseLost(DomainError):
    """The run was taken for dead and another took over: nothing more of it is written."""

    code = "lease_lost"
    zh = "本次匹配已超时并由其他任务接管，结果不发布；已发布的方案不变。"
    en = "This run was taken over after its lease ran out; its result is not published, the plan in force stays."


class NoPlan(DomainError):
    """The solver gave no plan that may be used; data: `reason` says which way it failed, `detail` more."""

    code = "no_plan"
    zh = "未得到可用的方案（{reason}）：{detail}。已发布的方案不变。"
    en = "There is no plan to publish ({reason}): {detail}. The plan in force stays."


class PlanNotReady(DomainError):
    """The plan is not in the state that the act needs; data: `plan`, `state`."""

    code = "plan_not_ready"
    zh = "方案 {plan} 现在是“{state}”，不能这样办理。"
    en = "Plan {plan} is now “{state}”, where this is not possible."


class PlanOutdated(DomainError):
    """A plan older than the one in force, or for an earlier day, is not published; data: `plan`, `current`."""

    code = "plan_outdated"
    zh = "方案 {plan} 早于当前已发布的方案 {current}：请先撤回那个方案，或为不早于它的日期运行匹配。"
    en = "Plan {plan} is older than the plan in force ({current}): roll that one back first, or run a night for its day or a later one."


class PlanOver(DomainError):
    """The day from which a plan counts has passed; data: `plan`."""

    code = "plan_over"
    zh = "方案 {plan} 的生效日已过，不能再发布；请重新运行匹配。"
    en = "The day from which plan {plan} counts has passed, so it cannot be published. Run the night for a coming day."


class NothingToAnswer(DomainError):
    """The proposal sets no place aside; data: `outcome`."""

    code = "nothing_to_answer"
    zh = "该提议（{outcome}）没有名额可供答复。"
    en = "This proposal ({outcome}) sets no place aside; there is nothing to answer."
