"""Who is fetched from where on a date: children by school gate, everybody else by compound. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.queries import list_stays, runs_site
from app.models import Area, Household, Person, Service, Site


@dataclass(frozen=True)
class Fetched:
    """One person who does not come alone."""

    person_id: int
    name: str
    site_id: int
    site: str
    starts_at: datetime
    is_excused: bool


@dataclass(frozen=True)
class Group:
    """People fetched from one place, to be counted there and on arrival."""

    is_gate: bool
    place: str
    people: tuple[Fetched, ...]

    @property
    def expected(self) -> int:
        """How many have to be there."""
        return sum(not one.is_excused for one in self.people)


def list_groups(session: Session, actor: Actor, on: date, *, site_id: int | None = None) -> list[Group]:
    """Return the escort groups of sites that the actor runs: school gates first, then compounds, by name."""
    query = select(Service).join(Site, Site.id == Service.site_id).where(Service.is_active, runs_site(actor))
    if site_id is not None:
        query = query.where(Service.site_id == site_id)
    services = [row.id for row in session.scalars(query)]
    stays = [stay for stay in list_stays(session, services, on) if stay.uses_escort]
    sites = {row.id: row.name_zh for row in session.scalars(select(Site))}
    people = {
        row.id: (row.name, row.name_zh)
        for row in session.execute(
            select(Person.id, Person.name, Area.name_zh)
            .join(Household, Household.id == Person.household_id)
            .join(Area, Area.id == Household.compound_id)
            .where(Person.id.in_({stay.person_id for stay in stays}))
        )
    }
    groups: dict[tuple[bool, str], list[Fetched]] = defaultdict(list)
    for stay in stays:
        name, compound = people[stay.person_id]
        is_gate = stay.gate_site_id is not None
        place = sites[stay.gate_site_id] if stay.gate_site_id is not None else compound
        groups[not is_gate, place].append(
            Fetched(
                stay.person_id,
                name,
                stay.site_id,
                sites[stay.site_id],
                stay.starts_at,
                stay.excused is not None,
            )
        )
    return [
        Group(
            not from_home,
            place,
            tuple(sorted(members, key=lambda one: (one.starts_at, one.site, one.name, one.person_id))),
        )
        for (from_home, place), members in sorted(groups.items())
    ]
