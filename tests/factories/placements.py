"""Smallest valid placements: a long-term place with its uses; `taken` is the ledger's affair, not theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models import CareClass, Need, Placement, PlacementUse, SlotTemplate
from app.models.enums import CapacityKind, Channel, Origin, Part, PlacementState, WishPart
from tests.factories.needs import to_bits
from tests.factories.serials import start_serials

_serials = start_serials()

INSTANT = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)

_CONFIRMED = {PlacementState.confirmed, PlacementState.active}


def make_placement(
    session: Session,
    need: Need,
    care_class: CareClass,
    templates: Iterable[SlotTemplate],
    *,
    state: PlacementState = PlacementState.confirmed,
    **columns: Any,
) -> Placement:
    """Make a placement that uses one place of each template given, on their weekdays."""
    templates = list(templates)
    given: dict[str, Any] = {
        "code": f"F-placement-{next(_serials)}",
        "need_id": need.id,
        "person_id": need.person_id,
        "class_id": care_class.id,
        "weekdays": to_bits({template.weekday for template in templates}),
        "part": _name_part({template.part for template in templates}),
        "starts_on": date(2026, 11, 2),
        "state": state,
        "origin": Origin.imported,
        "uses": [PlacementUse(template_id=row.id, kind=CapacityKind.places, amount=1) for row in templates],
    }
    if state in _CONFIRMED:
        given |= {"confirmed_at": INSTANT, "confirmed_by": "测试", "confirmed_channel": Channel.desk}
    placement = Placement(**(given | columns))
    session.add(placement)
    session.flush()
    return placement


def _name_part(parts: set[Part]) -> WishPart:
    if parts == {Part.morning, Part.afternoon}:
        return WishPart.full_day
    waves = [part for part in Part if part in parts]  # in the order of the day: the last one names the wish
    return WishPart(waves[-1].value)
