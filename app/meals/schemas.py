"""What goes out about meals: figures by sitting, orders by id; no names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.bounds import LAST_ID
from app.meals.rules import MealState, Way
from app.models.enums import CapacityKind, Part
from app.schemas import Day, Reply, Strict


class KitchenFilter(Strict):
    """Which day, and which canteen of yours (all)."""

    on: Day | None = None
    service_id: Annotated[int, Field(ge=1, le=LAST_ID, strict=False)] | None = None


class DropOut(Reply):
    """One compound of a delivery round."""

    compound: str
    orders: int
    is_below: bool


class SittingOut(Reply):
    """One sitting of one kitchen."""

    service_id: int
    site_id: int
    part: Part
    slot_id: int | None
    cut_off_at: datetime
    is_final: bool
    capacities: dict[CapacityKind, int]
    ordered: int
    delivery: int
    take_away: int
    spare: int
    freed: int
    pending: int
    guests: int
    expected_guests: int | None
    to_cook: int
    drops: list[DropOut]
    diets: list[tuple[str, int]]
    withheld: int


class MealOut(Reply):
    """One dated meal."""

    need_id: int
    person_id: int
    part: Part
    way: Way
    state: MealState
    is_sure: bool


class WalkInOut(Reply):
    """A guest who was ticked."""

    id: int
    slot_id: int
    ticked_at: datetime
    from_spare: bool
