"""A text with a NUL character reaches neither database, whichever way it came."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, literal, select

from app.db import Database
from app.errors import NulInText
from app.models import Provider


def test_a_question_with_a_nul_character_is_refused(database: Database) -> None:
    with database.reading() as session:
        assert session.scalar(select(literal("甲"))) == "甲"
        with pytest.raises(NulInText):
            session.scalar(select(literal("甲\0")))


@pytest.mark.parametrize("names", [["甲\0"], ["甲", "乙\0"]])
def test_a_row_with_a_nul_character_is_refused_and_nothing_is_kept(
    database: Database, names: list[str]
) -> None:
    rows = [{"code": f"P-{number}", "name_zh": name} for number, name in enumerate(names)]
    with pytest.raises(NulInText), database.writing() as session:
        session.execute(insert(Provider), rows)
    with database.reading() as session:
        assert session.scalars(select(Provider.code)).all() == []
