"""Meals over HTTP: the kitchen's count for any coming date, the orders behind it, guests ticked at the door."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import CurrentActor, Reading, require
from app.calendars.queries import load_calendar
from app.clock import now, to_local, today
from app.db import WriteSession
from app.errors import NotFound
from app.idempotency.once import Once
from app.meals import commands, queries
from app.meals.orders import find_cooking, list_orders
from app.meals.schemas import KitchenFilter, MealOut, SittingOut, WalkInOut
from app.models.enums import StaffRole
from app.schemas import Day, PathId

router = APIRouter(tags=["meals"])

_KITCHEN = [require(StaffRole.coordinator, StaffRole.manager, StaffRole.site)]


@router.get("/kitchen", dependencies=_KITCHEN)
def get_kitchen(
    wanted: Annotated[KitchenFilter, Query()], actor: CurrentActor, session: Reading
) -> list[SittingOut]:
    """Count what your kitchens cook on a day (tomorrow's cut-off is what makes a count final)."""
    services = [
        row
        for row in queries.list_canteens(session, actor)
        if wanted.service_id is None or row.id == wanted.service_id
    ]
    found = queries.list_sittings(session, services, wanted.on or today(), to_local(now()))
    return [SittingOut.model_validate(row) for row in found]


@router.get("/services/{service_id}/meals", dependencies=_KITCHEN)
def get_meals(
    service_id: PathId, actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> list[MealOut]:
    """List the dated meals of one of your canteens on a day (today)."""
    services = [row for row in queries.list_canteens(session, actor) if row.id == service_id]
    if not services:
        raise NotFound
    day, calendar = on or today(), load_calendar(session)
    cut_offs = queries.find_cut_offs(calendar, services, day)
    orders = list_orders(session, find_cooking(calendar, services, day), day, cut_offs)
    return [MealOut.model_validate(order) for order in orders]


@router.post("/slots/{slot_id}/walk-ins", status_code=201, response_model=WalkInOut, dependencies=_KITCHEN)
def post_walk_in(slot_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Tick a guest who eats in today."""

    def work(session: WriteSession) -> WalkInOut:
        return WalkInOut.model_validate(commands.tick(session, actor, slot_id, now()))

    return once.reply(work, status=201)


@router.delete("/walk-ins/{walk_in_id}", status_code=204, dependencies=_KITCHEN)
def delete_walk_in(walk_in_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Take a tick back."""

    def work(session: WriteSession) -> None:
        commands.untick(session, actor, walk_in_id, now())

    return once.reply(work)
