"""People and households over HTTP: search, card, unmask, register, edit, and what is proven about a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.audit.commands import log_read
from app.auth import DESK, PEOPLE_READERS, Actor, CurrentActor, CurrentDatabase, Reading, require
from app.clock import today
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.options.rules import count_years
from app.people import commands, queries
from app.people.present import show_card, show_home
from app.people.proof_routes import router as proof_router
from app.people.replies import (
    CardOut,
    CellOut,
    FoundOut,
    HomeOut,
    HouseholdOut,
    MemberOut,
    UnmaskOut,
    WeekOut,
)
from app.people.schemas import HouseholdEdit, HouseholdIn, MoveIn, PersonEdit, PersonIn, SearchIn, UnmaskIn
from app.people.search import Wanted, list_roles, search_people
from app.people.week import find_monday, list_week
from app.preconditions import IfMatch, set_etag, with_etag
from app.schemas import Day, PathId

router = APIRouter(tags=["people"])
router.include_router(proof_router)

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
def get_card(
    person_id: PathId, actor: CurrentActor, database: CurrentDatabase, response: Response
) -> CardOut:
    """Show a person's card: sensitive fields masked, the look noted in the read log."""
    with database.reading() as session:
        card = show_card(queries.get_card(session, actor, person_id, today()))
    log_read(database, actor.user_id, [person_id], "card")
    set_etag(response, card.version)
    return card


@router.post("/people/{person_id}/unmask", dependencies=_UNMASKERS)
def unmask(person_id: PathId, body: UnmaskIn, actor: CurrentActor, database: CurrentDatabase) -> UnmaskOut:
    """Show sensitive fields in plain, for a reason that the read log keeps."""
    fields = frozenset(body.fields)
    with database.reading() as session:
        seen = queries.get_person(session, actor, person_id)
        queries.check_may_unmask(session, seen, fields, today())
        values = queries.unmask(session, seen, fields, today())
    log_read(database, actor.user_id, [person_id], ",".join(sorted(fields)), body.reason)
    return UnmaskOut(values=values)


@router.post("/people", status_code=201, response_model=CardOut, dependencies=_EDITORS)
def register(body: PersonIn, actor: CurrentActor, once: Once) -> Response:
    """Register a person in a household of one's areas."""
    values = body.values()
    household_id, roles = values.pop("household_id"), values.pop("roles")

    def work(session: WriteSession) -> CardOut:
        person = commands.register_person(session, actor, household_id, values, roles)
        return _show(session, actor, person.id)

    return with_etag(once.reply(work, status=201))


@router.patch("/people/{person_id}", response_model=CardOut, dependencies=_EDITORS)
def edit(person_id: PathId, body: PersonEdit, version: IfMatch, actor: CurrentActor, once: Once) -> Response:
    """Change a person's details; `If-Match` carries the version that was read."""
    changes = body.changes()
    roles = changes.pop("roles", None)

    def work(session: WriteSession) -> CardOut:
        commands.edit_person(session, actor, person_id, version, changes, roles)
        return _show(session, actor, person_id)

    return with_etag(once.reply(work))


@router.post("/people/{person_id}/move", response_model=CardOut, dependencies=_EDITORS)
def move(person_id: PathId, body: MoveIn, version: IfMatch, actor: CurrentActor, once: Once) -> Response:
    """Let a person live with another household."""

    def work(session: WriteSession) -> CardOut:
        commands.move_person(session, actor, person_id, version, body.household_id)
        return _show(session, actor, person_id)

    return with_etag(once.reply(work))


def _show(session: WriteSession, actor: Actor, person_id: int) -> CardOut:
    return show_card(queries.get_card(session, actor, person_id, today()))


@router.post("/households", status_code=201, response_model=HomeOut, dependencies=_EDITORS)
def register_household(body: HouseholdIn, actor: CurrentActor, once: Once) -> Response:
    """Make a household at an address of one's areas."""

    def work(session: WriteSession) -> HomeOut:
        household = commands.register_household(session, actor, body.values())
        return show_home(household, queries.get_home(session, household))

    return with_etag(once.reply(work, status=201))


@router.get("/households/{household_id}", dependencies=_AREA_READERS)
def get_household(
    household_id: PathId, actor: CurrentActor, session: Reading, response: Response
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
    household_id: PathId, actor: CurrentActor, session: Reading, on: Annotated[Day | None, Query()] = None
) -> WeekOut:
    """Show what a household's members have in the week of a date (today)."""
    household = queries.get_household(session, actor, household_id)
    day = on or today()
    cells = list_week(session, household.id, day)
    return WeekOut(monday=find_monday(day), cells=[CellOut.model_validate(cell) for cell in cells])


@router.patch("/households/{household_id}", response_model=HomeOut, dependencies=_EDITORS)
def edit_household(
    household_id: PathId, body: HouseholdEdit, version: IfMatch, actor: CurrentActor, once: Once
) -> Response:
    """Change where a household lives; `If-Match` carries the version that was read."""

    def work(session: WriteSession) -> HomeOut:
        household = commands.edit_household(session, actor, household_id, version, body.changes())
        return show_home(household, queries.get_home(session, household))

    return with_etag(once.reply(work))
