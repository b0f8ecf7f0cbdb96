"""A site's whole day as one paper, now: what the worker keeps in the folder of packs, for whom the folder is out of reach."""

# ruff: noqa: FAST003 - `site_id` is read by the dependency `Desk`

from __future__ import annotations

from fastapi import APIRouter, Response

from app.attendance.children import FLAG_FIELDS
from app.audit.commands import log_read
from app.auth import require
from app.clock import now, to_local
from app.models import Site
from app.packs.content import Pack, load_pack
from app.packs.paper import make_pack
from app.scope import check_runs_site
from app.web.coordinator.site_desk import AT_THE_SITE, Desk

router = APIRouter(prefix="/coordinator/sites", include_in_schema=False, dependencies=[require(*AT_THE_SITE)])


@router.get("/{site_id}/pack.pdf")
def print_pack(desk: Desk) -> Response:
    """Print roll, pickup, dangers, phones, meals and visits of a day; every person on it is noted as read."""
    at = to_local(now())
    with desk.database.reading() as session:
        check_runs_site(session, desk.actor, desk.site_id)
        pack = load_pack(session, session.get_one(Site, desk.site_id), desk.on, at)
    log_read(
        desk.database,
        desk.actor.user_id,
        _list_people(pack),
        f"{FLAG_FIELDS},pickups,phone,address",
        "pack.pdf",
    )
    headers = {"Content-Disposition": 'inline; filename="pack.pdf"', "Cache-Control": "no-store"}
    content = make_pack(pack, f"{at:%Y-%m-%d %H:%M}", desk.language)
    return Response(content, media_type="application/pdf", headers=headers)


def _list_people(pack: Pack) -> list[int]:
    found = {stay.person_id for stay in pack.stays}
    found |= {one.order.person_id for one in pack.eaters}
    found |= {stop.person_id for half_day in pack.half_days for stop in half_day.stops}
    found |= {one.person_id for group in pack.escorts for one in group.people}
    return sorted(found)
