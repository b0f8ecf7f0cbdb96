"""What can be wrong with a dated slot."""

from __future__ import annotations

from app.errors import DomainError


class BeyondHorizon(DomainError):
    """A date for which no dated slots exist yet; data: `on`, `last_on`."""

    status = 422
    code = "beyond_horizon"
    zh = "{on} 超出可预约范围（目前开放到 {last_on}），请稍后再约。"
    en = "{on} is beyond what can be booked (open until {last_on} now); book it later."


class SlotClosed(DomainError):
    """The slot takes nobody: a closure or a cancelled sitting; data: `slot_id`, `on`."""

    code = "closed"
    zh = "该时段（{on}）已停办，不能预约，请改选其他时段。"
    en = "This slot ({on}) is closed; choose another."


class SlotOver(DomainError):
    """The slot has begun or lies in the past; data: `slot_id`, `on`."""

    code = "slot_over"
    zh = "该时段（{on}）已经开始或结束，不能再预约。"
    en = "This slot ({on}) has begun or is over; nothing can be booked in it."


class CapacityBelowTaken(DomainError):
    """More is taken than the new capacity; data: `slot_id`, `kind`, `taken`, `bookings`, `placements`, `holds`."""

    code = "capacity_below_taken"
    zh = "该时段已用 {taken}，不能把名额（{kind}）减到 {capacity}；请先调整或结束其中一些安排。"
    en = "{taken} are taken; the capacity ({kind}) cannot go down to {capacity} before some are moved or ended."
