"""Twins and couples get no single date alone, as they get no weekly place alone by hand; an urgent one has its reason."""

from __future__ import annotations

import pytest

from app.bookings.checks import Wish, check_wish
from app.bookings.commands import move
from app.models import Need
from app.models.enums import BookingState, GroupKind, Part, WishPart
from app.placements.errors import GroupTogether
from tests.app.bookings.conftest import NOW, Desk
from tests.factories import needs


def make_group(desk: Desk, kind: GroupKind, part: WishPart = WishPart.morning) -> list[Need]:
    made = [desk.make_need(part=part) for _ in range(2)]
    needs.make_group(desk.session, kind, made)
    return made


@pytest.mark.parametrize("kind", [GroupKind.twins, GroupKind.couple])
def test_one_of_all_or_none_is_not_booked_alone(desk: Desk, kind: GroupKind) -> None:
    one, _ = make_group(desk, kind)
    with pytest.raises(GroupTogether) as refused:
        desk.book(one)
    assert refused.value.data["need"] == one.code
    assert desk.taken() == 0


def test_siblings_are_booked_one_by_one(desk: Desk) -> None:
    one, _ = make_group(desk, GroupKind.siblings)
    assert desk.book(one).state is BookingState.booked


def test_urgent_date_of_one_is_booked_with_a_reason_and_may_move(desk: Desk) -> None:
    one, _ = make_group(desk, GroupKind.couple, WishPart.full_day)
    made = desk.book(one, urgent=True, reason="carer ill")
    there = desk.slot(part=Part.afternoon)
    allowed = check_wish(desk.session, desk.actor, Wish(one.id, there.id, moves=True), NOW)
    assert move(desk.session, desk.actor, made.id, allowed, NOW).slot_id == there.id
