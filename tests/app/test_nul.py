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


@pytest.mark.parametrize("with_ids", [False, True])
@pytest.mark.parametrize("names", [["甲\0"], ["甲", "乙\0"]])
def test_a_row_with_a_nul_character_is_refused_and_nothing_is_kept(
    database: Database, names: list[str], with_ids: bool
) -> None:
    rows = [{"code": f"P-{number}", "name_zh": name} for number, name in enumerate(names)]
    wanted = insert(Provider).returning(Provider.id) if with_ids else insert(Provider)
    with database.writing() as session:
        session.execute(wanted, [row | {"name_zh": row["name_zh"].strip("\0")} for row in rows])
        session.rollback()
    with pytest.raises(NulInText), database.writing() as session:
        session.execute(wanted, rows)
    with database.reading() as session:
        assert session.scalars(select(Provider.code)).all() == []
