"""Whom a row is: the ID number decides, else three fields; what is nearly somebody waits for a person's decision."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.actor import system_actor
from app.clock import now
from app.models import AuditRow, Need, Person
from app.models.enums import CandidateState, Sex
from app.workbook.commands import import_workbook
from app.workbook.examining import Options
from app.workbook.matches import NoSuchMatch, decide_match, list_matches
from app.workbook.matching import Known, Register
from app.workbook.texts import clean_name
from tests.app.workbook.town import GRANDMOTHER, TODAY, make_town, need, person, write_town

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database
    from app.workbook.report import Report

BORN = date(1948, 3, 5)
REGISTERED = Known("P1", "王秀英", BORN, "00012345678", "X1", "K1")


def row(**more: Any) -> Known:
    given = {"name": "王秀英", "born_on": BORN, "phone": "00012345678", "id_number": None, "compound": "K9"}
    return Known("N1", **(given | more))


@pytest.mark.parametrize(
    ("given", "same", "near"),
    [
        pytest.param(row(id_number="X1", name="别人"), "P1", (), id="equal ID number is the same person"),
        pytest.param(row(), "P1", (), id="name, birth date and phone are the same person"),
        pytest.param(row(id_number="X2"), None, (), id="another ID number is another person"),
        pytest.param(row(phone=None), None, ("P1",), id="name and birth date are a near match"),
        pytest.param(row(name="王英"), None, ("P1",), id="birth date and phone are a near match"),
        pytest.param(row(born_on=date(1948, 5, 3)), None, ("P1",), id="name and phone are a near match"),
        pytest.param(
            row(name="汪秀英", phone=None, compound="K1"),
            None,
            ("P1",),
            id="equal sound, birth date and compound",
        ),
        pytest.param(
            row(name="汪秀英", phone=None), None, (), id="equal sound in another compound is nobody"
        ),
        pytest.param(row(name="别人", phone=None), None, (), id="one of three is nobody"),
    ],
)
def test_row_is_matched(given: Known, same: str | None, near: tuple[str, ...]) -> None:
    match = Register([REGISTERED]).match(given)
    assert (match.same, match.near) == (same, near)


def test_two_equal_people_are_left_to_a_person() -> None:
    twice = [REGISTERED, Known("P2", "王秀英", BORN, "00012345678", None, "K1")]
    assert Register(twice).match(row()).near == ("P1", "P2")


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> Database:
    import_workbook(database, write_town(tmp_path / "town.xlsx", make_town()), system_actor(), Options(TODAY))
    return database


def bring(database: Database, tmp_path: Path, *rows: dict[str, Any], **sheets: Any) -> Report:
    path = write_town(tmp_path / "rows.xlsx", {"people": list(rows), **sheets})
    return import_workbook(database, path, system_actor(), Options(TODAY))


def count(database: Database, model: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_another_code_with_a_known_id_number_updates_that_person(filled: Database, tmp_path: Path) -> None:
    theirs = person("OTHER-1", "H1", "王秀英", BORN, Sex.female, id_number=GRANDMOTHER, phone="00077777777")
    wish = need("W9", "OTHER-1", "canteen", (make_town()["needs"][3]["patterns"]))
    wish["rhythm"] = make_town()["needs"][3]["rhythm"]
    report = bring(filled, tmp_path, theirs, needs=[wish])
    assert report.faults == []
    assert report.changes["people"].as_json() == {"new": 0, "changed": 1, "unchanged": 0}
    assert count(filled, Person) == 5
    with filled.reading() as session:
        found = session.scalars(select(Person).where(Person.code == "P1")).one()
        assert found.phone == "00077777777"
        assert found.health_note == "高血压", "a list that knows less does not clear what is known"
        assert session.scalars(select(Need.person_id).where(Need.code == "W9")).one() == found.id
    assert not bring(filled, tmp_path, theirs, needs=[wish]).has_changes


def test_near_match_waits_with_all_that_refers_to_it(filled: Database, tmp_path: Path) -> None:
    nearly = person("N1", "H2", "赵玉兰", date(1950, 2, 2), Sex.female)
    wish = need("W9", "N1", "day_care", make_town()["needs"][0]["patterns"])
    report = bring(filled, tmp_path, nearly, needs=[wish])
    assert report.faults == []
    assert (report.waiting, report.queued) == (2, 1)
    assert count(filled, Person) == 5
    assert bring(filled, tmp_path, nearly, needs=[wish]).queued == 0
    with filled.reading() as session:
        (waiting,) = list_matches(session)
    assert (waiting.row_code, waiting.person_code, waiting.differs) == ("N1", "P5", ["phone"])
    assert waiting.person_phone == "****5680"


@pytest.mark.parametrize(("state", "people"), [(CandidateState.same, 5), (CandidateState.different, 6)])
def test_decision_is_honoured_by_the_next_import(
    filled: Database, tmp_path: Path, state: CandidateState, people: int
) -> None:
    nearly = person("N1", "H2", "赵玉兰", date(1950, 2, 2), Sex.female)
    wish = need("W9", "N1", "day_care", make_town()["needs"][0]["patterns"])
    bring(filled, tmp_path, nearly, needs=[wish])
    filled.write(lambda session: decide_match(session, "N1", "P5", state, system_actor(), now()))
    report = bring(filled, tmp_path, nearly, needs=[wish])
    assert (report.faults, report.waiting) == ([], 0)
    assert count(filled, Person) == people
    with filled.reading() as session:
        owner = session.scalars(
            select(Person.code).join(Need, Need.person_id == Person.id).where(Need.code == "W9")
        )
        assert owner.one() == ("P5" if state is CandidateState.same else "N1")
        assert "match.decide" in session.scalars(select(AuditRow.act)).all()
    assert not bring(filled, tmp_path, nearly, needs=[wish]).has_changes


def test_nothing_is_decided_twice(filled: Database) -> None:
    with pytest.raises(NoSuchMatch):
        filled.write(
            lambda session: decide_match(session, "N1", "P5", CandidateState.same, system_actor(), now())
        )


def test_id_number_of_somebody_else_is_a_fault(filled: Database, tmp_path: Path) -> None:
    town = make_town()
    town["people"][4]["id_number"] = GRANDMOTHER
    town["people"][4] |= {"born_on": BORN}
    report = bring(filled, tmp_path, town["people"][4])
    assert [(f.code, f.header) for f in report.faults] == [("id_number_taken", "身份证号")]


def test_erased_person_is_not_revived(filled: Database, tmp_path: Path) -> None:
    def erase(session: Any) -> None:
        session.scalars(select(Person).where(Person.code == "P5")).one().erased_at = now()

    filled.write(erase)
    report = bring(filled, tmp_path, make_town()["people"][4])
    assert [f.code for f in report.faults] == ["person_erased"]


@pytest.mark.parametrize("text", ["李\u202e秀兰", "李\u2066秀兰\u2069", "李秀兰\x7f", "\x07李秀兰\x85"])
def test_what_nobody_sees_in_a_name_is_not_taken_over(text: str) -> None:
    assert clean_name(text) == "李秀兰"
