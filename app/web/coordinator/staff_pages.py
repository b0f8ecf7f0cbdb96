"""Staff and places of a site on a day: adults per part of the day against the ratio, places per class and wave."""

# ruff: noqa: FAST003 - `site_id` is read by the dependency `Desk`

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from sqlalchemy import select

from app.attendance.staffing import UNSET, Seen, set_staffing
from app.attendance.staffing import find_versions as find_staffing_versions
from app.auth import require
from app.bounds import LAST_ID
from app.clock import now, to_local
from app.db import ReadSession, WriteSession
from app.errors import DomainError, NotFound, StaleVersion
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_, label
from app.models import CareClass, Service, Site, Slot, SlotCapacity, SlotTemplate
from app.models.enums import CapacityKind, Part
from app.scope import check_runs_site, check_runs_slot
from app.slots.commands import change_capacity, change_week
from app.slots.queries import find_versions
from app.web.coordinator.board import show_ratio
from app.web.coordinator.day import load_day
from app.web.coordinator.site_desk import IN_CHARGE, Desk, SiteDesk, say_refusal
from app.web.templating import render

router = APIRouter(prefix="/coordinator/sites", include_in_schema=False, dependencies=[require(*IN_CHARGE)])

SAVED = N_("Saved.")
IN_THE_WAY = N_("{taken} are taken; the places cannot go below that. Move or end some of them first.")
CHANGED_MEANWHILE = N_(
    "Somebody else has just changed these places. You now see the new figures; nothing of yours was saved."
)
NUMBERS_CHANGED = N_(
    "Somebody else has just changed how many adults there are. You now see the new figures; nothing of yours was saved."
)
KINDS = (CapacityKind.places, CapacityKind.escorts)


@router.get("/{site_id}/staff")
def show_staff(desk: Desk) -> Response:
    """Show adults and places of the day, each with what it is up against."""
    return _show(desk, "coordinator/staff.html")


@dataclass(frozen=True)
class Numbers:
    """How many adults, when."""

    service_id: int
    part: Part
    staff: int
    volunteers: int
    version: str
    as_rule: bool


def read_numbers(
    service_id: Annotated[int, Form(ge=1, le=LAST_ID)],
    part: Annotated[Part, Form()],
    staff: Annotated[int, Form(ge=0, le=60)],
    volunteers: Annotated[int, Form(ge=0, le=60)],
    version: Annotated[str, Form(pattern=r"^\d{1,9}\.\d{1,9}$")],
    as_rule: Annotated[bool, Form()] = False,
) -> Numbers:
    """Return the form as one thing."""
    return Numbers(service_id, part, staff, volunteers, version, as_rule)


@router.post("/{site_id}/staff")
def save_staff(desk: Desk, form: Annotated[Numbers, Depends(read_numbers)]) -> Response:
    """Set how many staff and volunteers look after a part of the day, on this date or as a rule."""

    def work(session: WriteSession) -> None:
        check_runs_site(session, desk.actor, desk.site_id)
        on = None if form.as_rule else desk.on
        numbers = (form.staff, form.volunteers)
        seen = Seen(desk.on, form.version)
        set_staffing(session, desk.actor, form.service_id, form.part, on, numbers, seen=seen)

    return _save(desk, work, stale=NUMBERS_CHANGED)


@dataclass(frozen=True)
class Places:
    """How much one slot offers, or its weekly cell from then on."""

    slot_id: int
    kind: CapacityKind
    capacity: int
    version: int
    reason: str
    every_week: bool


def read_places(
    slot_id: Annotated[int, Form(ge=1, le=LAST_ID)],
    kind: Annotated[CapacityKind, Form()],
    capacity: Annotated[int, Form(ge=0, le=1000)],
    version: Annotated[int, Form(ge=0, le=LAST_ID)],
    reason: Annotated[str, Form(max_length=120)] = "",
    every_week: Annotated[bool, Form()] = False,
) -> Places:
    """Return the form as one thing."""
    return Places(slot_id, kind, capacity, version, reason, every_week)


@router.post("/{site_id}/places")
def save_places(desk: Desk, form: Annotated[Places, Depends(read_places)]) -> Response:
    """Set what a slot offers, or its weekly cell from this date on; never below what is taken."""

    def work(session: WriteSession) -> None:
        check_runs_slot(session, desk.actor, form.slot_id)
        if form.every_week:
            slot = session.get_one(Slot, form.slot_id)
            change_week(
                session,
                desk.actor,
                slot.template_id,
                form.kind,
                form.capacity,
                slot.occurs_on,
                seen=(form.slot_id, form.version),
            )
        else:
            change_capacity(
                session,
                desk.actor,
                form.slot_id,
                form.kind,
                form.capacity,
                form.reason,
                version=form.version,
            )

    return _save(desk, work)


def _save(
    desk: SiteDesk, work: Callable[[WriteSession], None], *, stale: str = CHANGED_MEANWHILE
) -> Response:
    try:
        desk.database.write(work)
    except StaleVersion as refused:
        # The answer shows what stands now: there is nothing to reload.
        told = say(stale, desk.language)
        return _show(desk, "coordinator/_staff.html", status=refused.status, conflict=told)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        taken = refused.data.get("taken")
        told = (
            say_refusal(refused, desk.language)
            if taken is None
            else say(IN_THE_WAY, desk.language, {"taken": taken})
        )
        return _show(desk, "coordinator/_staff.html", status=refused.status, conflict=told)
    return _show(desk, "coordinator/_staff.html", told=say(SAVED, desk.language))


def _show(
    desk: SiteDesk, template: str, *, status: int = 200, told: str = "", conflict: str = ""
) -> Response:
    with desk.database.reading() as session:
        check_runs_site(session, desk.actor, desk.site_id)
        values = _load(session, desk)
    values |= {"told": told, "conflict": conflict}
    return render(desk.request, template, status=status, actor=desk.actor, **values)


def _load(session: ReadSession, desk: SiteDesk) -> dict[str, Any]:
    site = session.get(Site, desk.site_id)
    if site is None:
        raise NotFound
    zh = desk.language == "zh"
    day = load_day(session, desk.actor, desk.on, to_local(now()), site_id=desk.site_id)
    slots = _list_slots(session, [row.id for row in day.services], desk)
    versions = find_staffing_versions(session, [row.id for row in day.services], desk.on)
    services = []
    for service in day.services:
        parts = [part for part in Part if any(key == (service.id, part) for key in slots)]
        if parts:
            services.append(
                {
                    "id": service.id,
                    "name": service.name_zh if zh else service.name_en or service.name_zh,
                    "parts": [
                        {
                            "part": part.value,
                            "label": label(part, desk.language),
                            "version": versions.get((service.id, part), UNSET),
                            "ratio": show_ratio(day, service, part, desk.language),
                            "places": slots[service.id, part],
                        }
                        for part in parts
                    ],
                }
            )
    return {
        "site_id": site.id,
        "site_name": site.name_zh if zh else site.name_en or site.name_zh,
        "on": desk.on,
        "day_text": say_date(desk.on, desk.language),
        "services": services,
    }


def _list_slots(
    session: ReadSession, service_ids: list[int], desk: SiteDesk
) -> dict[tuple[int, Part], list[dict[str, Any]]]:
    rows = session.execute(
        select(Service.id, SlotTemplate.part, CareClass, SlotCapacity)
        .join(CareClass, CareClass.service_id == Service.id)
        .join(Slot, Slot.class_id == CareClass.id)
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .where(Service.id.in_(service_ids), Slot.occurs_on == desk.on, SlotCapacity.kind.in_(KINDS))
        .order_by(CareClass.code, SlotTemplate.starts_at_local, SlotCapacity.kind.desc())
    ).all()
    versions = find_versions(session, {capacity.slot_id for *_, capacity in rows})
    found: dict[tuple[int, Part], list[dict[str, Any]]] = {}
    for service_id, part, care_class, capacity in rows:
        name = care_class.name_zh if desk.language == "zh" else care_class.name_en or care_class.name_zh
        found.setdefault((service_id, part), []).append(
            {
                "slot_id": capacity.slot_id,
                "version": versions[capacity.slot_id],
                "class": name,
                "kind": capacity.kind,
                "kind_text": label(capacity.kind, desk.language),
                "capacity": capacity.capacity,
                "taken": capacity.taken,
            }
        )
    return found
