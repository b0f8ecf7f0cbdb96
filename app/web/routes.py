"""The pages' routers, put together; each desk is a package of its own."""

from __future__ import annotations

from fastapi import APIRouter

from app.web import assets, signing
from app.web.adviser import pages as adviser
from app.web.closures import pages as closures
from app.web.coordinator import pages as coordinator
from app.web.kitchen import pages as kitchen
from app.web.manager import pages as manager
from app.web.map import pages as town_map
from app.web.rounds import pages as rounds
from app.web.visits import pages as visits

router = APIRouter(include_in_schema=False)
for part in (assets, signing, adviser, closures, coordinator, kitchen, manager, town_map, rounds, visits):
    router.include_router(part.router)
