"""What can stand in the way of a raised need's end."""

from __future__ import annotations

from app.errors import DomainError


class AlreadyClosed(DomainError):
    """Somebody gave the outcome before."""

    code = "escalation_closed"
    zh = "这项上报已有处理结果（{outcome}），不能再改。"
    en = "This has an outcome already (“{outcome}”) and stays closed."


class OutcomeRequired(DomainError):
    """Closing without saying what came of it."""

    code = "outcome_required"
    zh = "请选择处理结果后再关闭。"
    en = "Say what came of it; without an outcome it stays open."


class NoSuchOwner(DomainError):
    """The named member of staff cannot own an unmet need."""

    code = "no_such_owner"
    zh = "该工作人员不能负责上报事项（已停用，或角色不符）。"
    en = "This member of staff cannot own a raised need: disabled, or of another role."
