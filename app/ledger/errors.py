"""What stands in the way of taking capacity."""

from __future__ import annotations

from app.errors import DomainError


class SlotFull(DomainError):
    """A capacity kind of a slot has not enough left; data: `slot_id`, `kind`, `capacity`, `taken`, `wanted`."""

    code = "full"
    zh = "该时段的名额（{kind}）已满：共 {capacity}，已用 {taken}，需要 {wanted}。请改选其他时段或加入等候名单。"
    en = "This slot is full ({kind}): {taken} of {capacity} taken, {wanted} wanted. Choose another or join the waitlist."


class LedgerBroken(DomainError):
    """Giving back more than was taken: a fault of the program, never of the person at the desk."""

    status = 500
    code = "ledger_broken"
    zh = "名额账目不一致（时段 {slot_id}，{kind}），操作已取消；请联系管理员运行核对。"
    en = "The ledger does not add up (slot {slot_id}, {kind}); nothing was changed. Ask the administrator for a recount."
