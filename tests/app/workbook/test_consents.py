"""A consent is taken in from the person or from a guardian in office on that day, as at the desk; else its row is a fault."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Consent
from app.models.enums import ConsentPurpose
from tests.app.workbook.test_round_trip import bring_in, export
from tests.app.workbook.town import make_town, write_town

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

GIVEN = date(2026, 9, 1)


def consent(person: str, given_by: str, given_on: date = GIVEN) -> dict[str, Any]:
    purpose = ConsentPurpose.sharing_with_site
    return {"code": "N9", "person": person, "purpose": purpose, "given_by": given_by, "given_on": given_on}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (consent("P1", "P1"), None),  # the grandmother herself
        (consent("P1", "P3"), "consent_not_theirs"),  # her daughter-in-law
        (consent("P2", "P3"), None),  # the child's mother, a guardian
        (consent("P2", "P3", date(2018, 5, 31)), "not_a_guardian"),  # a day before she became one
        (consent("P2", "P1"), "not_a_guardian"),
        (consent("P2", "P2"), "not_a_guardian"),  # eight years old
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_row_says_who_may_consent(
    database: Database, tmp_path: Path, row: dict[str, Any], fault: str | None
) -> None:
    town = make_town()
    town["consents"].append(row)
    report = bring_in(database, write_town(tmp_path / "town.xlsx", town))
    assert [(each.code, each.sheet, each.row, each.header) for each in report.faults] == (
        [] if fault is None else [(fault, "同意书", 3, "同意人")]
    )
    assert report.imported == (fault is None)
    if fault is not None:
        assert row["given_by"] in report.faults[0].zh


def test_skipped_row_leaves_the_others(database: Database, tmp_path: Path) -> None:
    town = make_town()
    town["consents"].append(consent("P1", "P3"))
    bring_in(database, write_town(tmp_path / "town.xlsx", town), skip_faulty=True)
    with database.reading() as session:
        assert session.scalars(select(Consent.code)).all() == ["N1"]


def test_guardianship_that_is_skipped_guards_nobody(database: Database, tmp_path: Path) -> None:
    town = make_town()
    town["guardianships"][0]["relation"] = "很" * 21
    path = write_town(tmp_path / "town.xlsx", town)
    assert [fault.code for fault in bring_in(database, path).faults] == ["too_long"]
    bring_in(database, path, skip_faulty=True)
    with database.reading() as session:
        assert session.scalars(select(Consent.code)).all() == []


def test_what_an_earlier_import_brought_comes_in_again_unchanged(database: Database, tmp_path: Path) -> None:
    bring_in(database, write_town(tmp_path / "town.xlsx", make_town()))

    def spoil(session: Any) -> None:
        row = session.scalars(select(Consent)).one()
        row.given_by_id = row.person_id

    database.write(spoil)
    again = bring_in(database, export(database, tmp_path / "export.xlsx"))
    assert (again.faults, again.has_changes) == ([], False)
