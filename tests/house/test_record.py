"""The record: relations never load by surprise, constraints have names, the glossary knows every table, one head."""

from __future__ import annotations

import re

from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.orm import configure_mappers

import app.models
import migrations
from app.db import Base
from tests.house.source import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"


def test_every_relation_raises_instead_of_loading() -> None:
    configure_mappers()
    relations = [relation for mapper in Base.registry.mappers for relation in mapper.relationships]
    assert relations
    surprising = [str(relation) for relation in relations if relation.lazy not in {"raise", "raise_on_sql"}]
    assert not surprising


def test_every_model_is_exported() -> None:
    exported = {getattr(app.models, name) for name in app.models.__all__}
    mapped = {mapper.class_ for mapper in Base.registry.mappers}
    assert mapped
    assert mapped == exported


def test_every_constraint_and_index_has_a_name() -> None:
    named = (CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint)
    constraints = [
        (table.name, constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, named)
    ]
    assert constraints
    nameless = [f"{table}: {constraint}" for table, constraint in constraints if not constraint.name]
    indexes = [index for table in Base.metadata.tables.values() for index in table.indexes]
    nameless += [str(index) for index in indexes if not index.name]
    assert not nameless


def test_no_name_is_longer_than_postgresql_keeps() -> None:
    tables = Base.metadata.tables.values()
    names = [str(constraint.name) for table in tables for constraint in table.constraints]
    names += [str(index.name) for table in tables for index in table.indexes]
    assert names
    assert [name for name in names if len(name.encode()) > 63] == []


def test_revisions_have_one_head() -> None:
    folder = ScriptDirectory(str(next(iter(migrations.__path__))))
    assert len(folder.get_heads()) == 1
    assert len(folder.get_bases()) == 1


def test_glossary_names_every_table_and_no_other() -> None:
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    names = [row[0].strip("`") for row in cells]
    tables = set(Base.metadata.tables)
    assert tables
    assert len(names) == len(set(names)), "a word is explained twice"
    assert tables - set(names) == set(), "tables that the glossary does not explain"
    section = GLOSSARY.read_text(encoding="utf-8").partition("## Tables")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE))
    assert explained - tables == set(), "explained tables that do not exist"


def test_glossary_rows_are_whole() -> None:
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows
    for row in rows:
        identifier, chinese, sentence, _source, _not = (cell.strip() for cell in row.strip("|").split("|"))
        assert identifier.startswith("`"), row
        assert re.search(r"[\u4e00-\u9fff]", chinese), f"no Chinese name: {row}"
        assert len(sentence.split()) >= 3, f"no sentence: {row}"
