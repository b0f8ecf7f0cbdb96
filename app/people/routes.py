"""People and households over HTTP: search, card, unmask, register, edit, and what is proven about a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.audit.commands import log_read
from app.auth import DESK, PEOPLE_READERS, CurrentActor, CurrentDatabase, Reading, Writing, require
from app.clock import today
from app.models.enums import StaffRole
from app.people import commands, queries
from app.people.present import show_card, show_home
from app.people.proof_routes import router as proof_router
from app.people.rules import count_years
from app.people.schemas import (
    CardOut,
    CellOut,
    FoundOut,
    HomeOut,
    HouseholdEdit,
    HouseholdIn,
    HouseholdOut,
    MemberOut,
    MoveIn,
    PersonEdit,
    PersonIn,
    SearchIn,
    UnmaskIn,
    UnmaskOut,
    WeekOut,
)
from app.people.search import Wanted, list_roles, search_people
from app.people.week import find_monday, list_week
from app.preconditions import IfMatch, set_etag
from app.schemas import Day

router = APIRouter(tags=["people"])
router.include_router(proof_router)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_READERS = [require(*PEOPLE_READERS)]
_AREA_READERS = [require(*(PEOPLE_READERS - {StaffRole.site}))]
_EDITORS = [require(*DESK)]
_UNMASKERS = [require(*DESK, StaffRole.manager, StaffRole.site)]


@router.post("/people/search", dependencies=_READERS)
def search(body: SearchIn, actor: CurrentActor, session: Reading) -> list[FoundOut]:
    """Find people by name, pinyin, initials, last four of phone or ID number, compound, building; changes nothing."""
    wanted = Wanted(body.text, body.compound_id, body.building_id, body.role, body.limit)
    return [FoundOut.model_validate(found) for found in search_people(session, actor, wanted, today())]


@router.get("/people/{person_id}", dependencies=_READERS)
def get_card(person_id: Id, actor: CurrentActor, database: CurrentDatabase, response: Response) -> CardOut:
    """Show a person's card: sensitive fields masked, the look noted in the read log."""
    with database.reading() as session:
        card = show_card(queries.get_card(session, actor, person_id, today()))
    log_read(database, actor.user_id, [person_id], "card")
    set_etag(response, card.version)
    return card


@router.post("/people/{person_id}/unmask", dependencies=_UNMASKERS)
def unmask(person_id: Id, body: UnmaskIn, actor: CurrentActor, database: CurrentDatabase) -> UnmaskOut:
    """Show sensitive fields in plain, for a reason that the read log keeps."""
    fields = frozenset(body.fields)
    with database.reading() as session:
        seen = queries.get_person(session, actor, person_id)
        queries.check_may_unmask(seen, fields)
        values = queries.unmask(session, seen, fields)
    log_read(database, actor.user_id, [person_id], ",".join(sorted(fields)), body.reason)
    return UnmaskOut(values=values)


@router.post("/people", status_code=201, dependencies=_EDITORS)
def register(body: PersonIn, actor: CurrentActor, session: Writing, response: Response) -> CardOut:
    """Register a person in a household of one's areas."""
    values = {name: getattr(body, name) for name in type(body).model_fields}
    household_id, roles = values.pop("household_id"), values.pop("roles")
    person = commands.register_person(session, actor, household_id, values, roles)
    set_etag(response, person.version)
    return show_card(queries.get_card(session, actor, person.id, today()))


@router.patch("/people/{person_id}", dependencies=_EDITORS)
def edit(
    person_id: Id,
    body: PersonEdit,
    version: IfMatch,
    actor: CurrentActor,
    session: Writing,
    response: Response,
) -> CardOut:
    """Change a person's details; `If-Match` carries the version that was read."""
    changes = body.changes()
    roles = changes.pop("roles", None)
    person = commands.edit_person(session, actor, person_id, version, changes, roles)
    set_etag(response, person.version)
    return show_card(queries.get_card(session, actor, person_id, today()))


@router.post("/people/{person_id}/move", dependencies=_EDITORS)
def move(
    person_id: Id, body: MoveIn, version: IfMatch, actor: CurrentActor, session: Writing, response: Response
) -> CardOut:
    """Let a person live with another household."""
    person = commands.move_person(session, actor, person_id, version, body.household_id)
    set_etag(response, person.version)
    return show_card(queries.get_card(session, actor, person_id, today()))


@router.post("/households", status_code=201, dependencies=_EDITORS)
def register_household(
    body: HouseholdIn, actor: CurrentActor, session: Writing, response: Response
) -> HomeOut:
    """Make a household at an address of one's areas."""
    values = {name: getattr(body, name) for name in type(body).model_fields}
    household = commands.register_household(session, actor, values)
    set_etag(response, household.version)
    return show_home(household, queries.get_home(session, household))


@router.get("/households/{household_id}", dependencies=_AREA_READERS)
def get_household(
    household_id: Id, actor: CurrentActor, session: Reading, response: Response
) -> HouseholdOut:
    """Show a household and who lives in it."""
    household = queries.get_household(session, actor, household_id)
    members = queries.list_members(session, household_id)
    roles = list_roles(session, [member.id for member in members])
    set_etag(response, household.version)
    return HouseholdOut(
        home=show_home(household, queries.get_home(session, household)),
        members=[
            MemberOut(
                id=member.id,
                name=member.name,
                born_on=member.born_on,
                age_years=count_years(member.born_on, today()),
                roles=roles.get(member.id, []),
            )
            for member in members
        ],
    )


@router.get("/households/{household_id}/week", dependencies=_AREA_READERS)
def get_week(
    household_id: Id, actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> WeekOut:
    """Show what a household's members have in the week of a date (today)."""
    household = queries.get_household(session, actor, household_id)
    day = on or today()
    cells = list_week(session, household.id, day)
    return WeekOut(monday=find_monday(day), cells=[CellOut.model_validate(cell) for cell in cells])


@router.patch("/households/{household_id}", dependencies=_EDITORS)
def edit_household(
    household_id: Id,
    body: HouseholdEdit,
    version: IfMatch,
    actor: CurrentActor,
    session: Writing,
    response: Response,
) -> HomeOut:
    """Change where a household lives; `If-Match` carries the version that was read."""
    household = commands.edit_household(session, actor, household_id, version, body.changes())
    set_etag(response, household.version)
    return show_home(household, queries.get_home(session, household))
