"""The loaded town: consistent, repeatable, with the faults made on purpose and no others."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, func, select

from app.db import Base, Database
from app.ledger.commands import recount
from app.models import (
    Consent,
    Evidence,
    Need,
    NeedGroup,
    Person,
    PersonRole,
    Placement,
    Slot,
    SlotCapacity,
    WalkingGraph,
)
from app.models.enums import (
    CapacityKind,
    ConsentPurpose,
    EvidenceKind,
    GroupKind,
    NeedState,
    Role,
    ServiceKind,
)
from app.people.identity import parse_id_number
from app.sample.errors import RecordNotEmpty
from app.walking.queries import load_walking
from tests.app.sample.conftest import load_small
from tests.factories.people import TODAY
from tests.support.databases import SqliteDatabases


def digest(database: Database) -> dict[str, str]:
    """Hash every table by content: references by code where there is one, sealed boxes and row ids left out."""
    sums = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [
                column
                for column in table.columns
                if not column.foreign_keys
                and column.name != "id"
                and not isinstance(column.type, LargeBinary)
            ]
            if columns:
                rows = sorted(repr(tuple(row)) for row in session.execute(select(*columns)))
                sums[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        uses = (
            select(Placement.code, Person.code, Need.code)
            .join(Need, Need.id == Placement.need_id)
            .join(Person)
        )
        sums["places"] = repr(sorted(tuple(row) for row in session.execute(uses)))
    return sums


def test_same_seed_gives_the_same_content_on_either_database(
    small_town: Database, sqlite_databases: SqliteDatabases
) -> None:
    other = Database.at(sqlite_databases.make())
    load_small(other)
    first, second = digest(small_town), digest(other)
    other.dispose()
    # The stamp is drawn by the database; no two are ever the same.
    assert {name for name in first if first[name] != second[name]} == {"reference_stamp"}


def test_another_seed_gives_other_people(small_town: Database, sqlite_databases: SqliteDatabases) -> None:
    other = Database.at(sqlite_databases.make())
    load_small(other, seed=2)
    assert digest(small_town)["person"] != digest(other)["person"]
    other.dispose()


def test_record_with_anybody_in_it_is_refused(small_town: Database) -> None:
    with pytest.raises(RecordNotEmpty):
        load_small(small_town)


def test_every_kind_has_open_needs_and_the_counts_hold(small_town: Database) -> None:
    with small_town.reading() as session:
        rows = session.execute(select(Need.kind, Need.state, func.count()).group_by(Need.kind, Need.state))
        counts = {(kind, state): count for kind, state, count in rows}
    assert all(counts.get((kind, NeedState.open), 0) > 0 for kind in ServiceKind)
    assert 480 <= sum(n for (_, state), n in counts.items() if state is NeedState.open) <= 520
    assert 110 <= sum(n for (_, state), n in counts.items() if state is NeedState.placed) <= 130


def test_taken_is_what_the_placements_use(small_town: Database) -> None:
    with small_town.reading() as session:
        assert recount(session) == []
        assert (session.scalar(select(func.count()).select_from(Slot)) or 0) > 1_000
        assert (session.scalar(select(func.sum(SlotCapacity.taken))) or 0) > 1_000


def test_people_have_numbers_that_open_and_are_valid(small_town: Database) -> None:
    with small_town.reading() as session:
        people = session.scalars(select(Person).limit(50)).all()
        assert people
        for person in people:
            assert parse_id_number(person.id_number).born_on == person.born_on


def test_inherited_faults_are_there_and_few(small_town: Database) -> None:
    yesterday = TODAY - timedelta(days=1)
    with small_town.reading() as session:
        over = session.scalars(
            select(SlotCapacity.slot_id).where(
                SlotCapacity.overfull > 0, SlotCapacity.kind == CapacityKind.places
            )
        ).all()
        classes = set(session.scalars(select(Slot.class_id).where(Slot.id.in_(over))))
        lapsed = session.scalars(
            select(Placement.id)
            .join(Evidence, Evidence.person_id == Placement.person_id)
            .where(Evidence.kind == EvidenceKind.care_grade, Evidence.valid_to == yesterday)
        ).all()
        twins = session.execute(
            select(Need.group_id, func.count(func.distinct(Placement.class_id)))
            .join(Placement, Placement.need_id == Need.id)
            .join(NeedGroup, NeedGroup.id == Need.group_id)
            .where(NeedGroup.kind == GroupKind.twins)
            .group_by(Need.group_id)
        ).all()
    assert len(classes) == 1
    assert 1 <= len(lapsed) <= 6
    assert any(count == 2 for _, count in twins)


def test_consent_is_missing_for_a_few_and_a_guardians_for_children(small_town: Database) -> None:
    with small_town.reading() as session:
        given = session.execute(
            select(Consent.person_id, Consent.given_by_id).where(Consent.purpose == ConsentPurpose.matching)
        ).all()
        roles = {p: role for p, role in session.execute(select(PersonRole.person_id, PersonRole.role))}  # noqa: C416
    with_consent = {person for person, _ in given}
    assert 0 < len(set(roles) - with_consent) < 0.05 * len(roles)
    assert all(giver != person for person, giver in given if roles[person] is Role.child)
    assert Counter(roles.values())[Role.child] == 208


def test_pinned_places_say_why(small_town: Database) -> None:
    with small_town.reading() as session:
        pinned = session.scalars(select(Placement.pin_reason).where(Placement.is_pinned)).all()
    assert pinned
    assert all("样例" in reason for reason in pinned)


def test_walks_follow_the_network(small_town: Database) -> None:
    with small_town.reading() as session:
        walking = load_walking(session)
        assert session.scalar(select(func.count()).select_from(WalkingGraph)) == 1
    assert walking.is_graph
    assert walking.list_off_graph() == ([], [])
