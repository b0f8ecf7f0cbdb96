"""A condition on thousands of ids as one value: each id as a value of its own costs the driver more than the question.

PostgreSQL gets an array, SQLite a JSON list; a statement with it can be built once and asked with any ids.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class IdList(TypeDecorator[Collection[int]]):
    """Ids as one value."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array where the database has them."""
        is_postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(BigInteger()) if is_postgres else Text())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        """Return what the driver sends."""
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class is_among(FunctionElement[bool]):  # noqa: N801 - reads as the condition it is, like SQLAlchemy's own
    """Whether a column is one of the ids that the statement is asked with under a name."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[int] | Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=IdList()))


@compiles(is_among, "postgresql")
def _as_array(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **kw)} = ANY({compiler.process(ids, **kw)})"


@compiles(is_among, "sqlite")
def _as_json(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = element.clauses
    values = f"SELECT value FROM json_each({compiler.process(ids, **kw)})"  # noqa: S608 - a bound parameter
    return f"{compiler.process(column, **kw)} IN ({values})"
