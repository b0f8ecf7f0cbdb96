"""Whose people an actor sees, as conditions for queries: by area, or because one of the actor's sites expects them.

Everything that gives out a person, a need, a placement, a booking or a waitlist entry puts one of these conditions
into its query. Nothing is granted that is not named here. Area conditions look one row up by its id (a list of all residents would be
made for every card); the few whom a site expects are a list.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.actor import AREA_READERS, PEOPLE_READERS, Actor
from app.clock import today
from app.errors import NotAllowed, NotFound
from app.models import (
    Area,
    Booking,
    CareClass,
    Household,
    Need,
    Person,
    Placement,
    Service,
    Site,
    Slot,
    WaitlistEntry,
)
from app.models.enums import AreaKind, BookingState, PlacementState, WaitlistState

_EXPECTED: Final = (PlacementState.offered, PlacementState.confirmed, PlacementState.active)
"""A proposal is not among them: nobody has been told of it yet."""
_KEPT: Final = timedelta(days=7)
"""How long after the day a site still sees whom it had (to close the roll), K."""
# Made once: an alias copies every column, and each request asks several of these questions.
_RESIDENT: Final = aliased(Person)
_HOME: Final = aliased(Household)
_ASKED: Final = aliased(Need)


def sees_person(actor: Actor, on: date | None = None) -> ColumnElement[bool]:
    """Return the condition on `Person` under which the actor sees the person on that day (today)."""
    return sees_person_id(actor, Person.id, on)


def sees_person_id(actor: Actor, person_id: Any, on: date | None = None) -> ColumnElement[bool]:
    """Return the condition on any column that holds a person's id (`Need.person_id`, `Booking.person_id` ...)."""
    if actor.is_system:
        return true()
    ways: list[ColumnElement[bool]] = []
    if actor.role in AREA_READERS and actor.area_ids:
        living_there = (
            select(_RESIDENT.id)
            .join(_HOME, _HOME.id == _RESIDENT.household_id)
            .where(_RESIDENT.id == person_id, _HOME.compound_id.in_(actor.area_ids))
            .correlate_except(_RESIDENT, _HOME)
        )
        ways.append(living_there.exists())
    if actor.role in PEOPLE_READERS and actor.site_ids:
        ways.append(person_id.in_(list_expected(actor.site_ids, on or today())))
    return or_(*ways) if ways else false()


def reduce_to_scope(actor: Actor) -> Actor:
    """Return the actor without what decides nothing here: equal for all who see the same, so a query can be kept."""
    return replace(actor, user_id=None, name="", display_name="", language="", login_id=None)


def list_expected(site_ids: frozenset[int], on: date) -> Select[int]:
    """Return a query of the ids of all people whom these sites expect: offered a place, placed, booked or waiting."""
    return select(Need.person_id).where(Need.id.in_(list_expected_needs(site_ids, on))).correlate(None)


def list_expected_needs(site_ids: frozenset[int], on: date) -> CompoundSelect[int]:
    """Return a query of the ids of the needs for which these sites expect somebody."""
    at_sites = Service.site_id.in_(site_ids)
    placed = (
        select(Placement.need_id)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(at_sites, Placement.state.in_(_EXPECTED))
        .correlate(None)
    )
    booked = (
        select(Booking.need_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(at_sites, Booking.state != BookingState.cancelled, Slot.occurs_on >= on - _KEPT)
        .correlate(None)
    )
    waiting = (
        select(WaitlistEntry.need_id)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .where(at_sites, WaitlistEntry.state == WaitlistState.waiting)
        .correlate(None)
    )
    return placed.union(booked, waiting)


def sees_need(actor: Actor, on: date | None = None) -> ColumnElement[bool]:
    """Return the condition on `Need`: of a person of the actor's areas, or one for which its sites expect somebody."""
    return sees_need_id(actor, Need.id, on)


def sees_need_id(actor: Actor, need_id: Any, on: date | None = None) -> ColumnElement[bool]:
    """Return the same condition on any column that holds a need's id (`Proposal.need_id` ...)."""
    if actor.is_system:
        return true()
    ways: list[ColumnElement[bool]] = []
    if actor.role in AREA_READERS and actor.area_ids:
        of_people = select(_ASKED.id).where(
            _ASKED.id == need_id, sees_person_id(_without_sites(actor), _ASKED.person_id)
        )
        ways.append(of_people.correlate_except(_ASKED).exists())
    if actor.role in PEOPLE_READERS and actor.site_ids:
        ways.append(need_id.in_(list_expected_needs(actor.site_ids, on or today())))
    return or_(*ways) if ways else false()


def _without_sites(actor: Actor) -> Actor:
    return replace(actor, site_ids=frozenset())


def lives_in_areas(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Person` under which the actor may see the whole card and edit it: by area only."""
    if actor.is_system:
        return true()
    if actor.role not in AREA_READERS or not actor.area_ids:
        return false()
    there = select(_HOME.id).where(_HOME.id == Person.household_id, _HOME.compound_id.in_(actor.area_ids))
    return there.correlate_except(_HOME).exists()


def check_sees_person(session: Session, actor: Actor, person_id: int) -> None:
    """Raise `NotFound` unless the actor sees the person; unknown and foreign ids answer the same."""
    if session.scalar(select(Person.id).where(Person.id == person_id, sees_person(actor))) is None:
        raise NotFound


def check_sees_need(session: Session, actor: Actor, need_id: int) -> None:
    """Raise `NotFound` unless the actor sees the need."""
    query = select(Need.id).where(Need.id == need_id, sees_need(actor))
    if session.scalar(query) is None:
        raise NotFound


def check_runs_slot(session: Session, actor: Actor, slot_id: int) -> None:
    """Raise `NotAllowed` unless the slot's site is the actor's, or lies in the actor's areas; all may look at it."""
    site_id = session.scalar(
        select(Service.site_id)
        .join(CareClass, CareClass.service_id == Service.id)
        .join(Slot, Slot.class_id == CareClass.id)
        .where(Slot.id == slot_id)
    )
    if site_id is None:
        raise NotFound
    check_runs_site(session, actor, site_id)


def check_runs_site(session: Session, actor: Actor, site_id: int) -> None:
    """Raise `NotAllowed` unless the site is the actor's, or lies in the actor's areas. Raises `NotFound`."""
    area_id = session.scalar(select(Site.area_id).where(Site.id == site_id))
    if area_id is None:
        raise NotFound
    if not (actor.is_system or site_id in actor.site_ids or area_id in actor.area_ids):
        raise NotAllowed(role=actor.role.value)


def check_runs_district(session: Session, actor: Actor) -> None:
    """Raise `NotAllowed` unless the actor answers for the whole subdistrict: plans decide on everybody in it."""
    root = session.scalar(select(Area.id).where(Area.kind == AreaKind.subdistrict).limit(1))
    if not actor.is_system and root not in actor.area_ids:
        raise NotAllowed(role=actor.role.value)
