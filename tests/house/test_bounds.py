"""Every date, instant and number that a route takes lies within bounds: the edge of the calendar is nobody's 500.

What a route takes is read off the routes themselves, so that a new parameter cannot forget it.
"""

from __future__ import annotations

import ast
import typing
from datetime import date, datetime
from types import UnionType
from typing import TYPE_CHECKING, Any, Union

import pytest
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from app.bounds import LAST_DAY, LAST_ID, check_day, check_instant, read_day, read_id
from tests.house.source import dotted, places
from tests.house.test_routes import below, routes, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi import FastAPI

__all__ = ["service"]

Leaf = tuple[str, Any, tuple[Any, ...]]


def list_leaves(name: str, kind: Any, marks: Sequence[Any], seen: tuple[Any, ...] = ()) -> Iterator[Leaf]:
    """Give every plain type inside an annotation with the marks (bounds, validators) that hold for it."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(kind)
        flat = [mark for one in more for mark in (one.metadata if isinstance(one, FieldInfo) else [one])]
        yield from list_leaves(name, inner, [*marks, *flat], seen)
    elif origin in {Union, UnionType}:
        for each in typing.get_args(kind):
            yield from list_leaves(name, each, marks, seen)
    elif origin is not None:
        for each in typing.get_args(kind):
            yield from list_leaves(f"{name}[]", each, (), seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in seen:
            for key, field in kind.model_fields.items():
                yield from list_leaves(f"{name}.{key}", field.annotation, field.metadata, (*seen, kind))
    else:
        yield name, kind, tuple(marks)


def list_taken(service: FastAPI) -> list[Leaf]:
    """Return every plain value that any route takes: path, query, header, form and body."""
    found: list[Leaf] = []
    for route in routes(service):
        for dependant in (route.dependant, *below(route.dependant)):
            params = (
                *dependant.path_params,
                *dependant.query_params,
                *dependant.header_params,
                *dependant.body_params,
            )
            for param in params:
                where = f"{sorted(route.methods or ())} {route.path} {param.name}"
                found += list_leaves(where, param.field_info.annotation, param.field_info.metadata)
    return found


def _is_checked(marks: Sequence[Any], by: Any) -> bool:
    return any(isinstance(mark, AfterValidator) and mark.func is by for mark in marks)


def _is_bounded(marks: Sequence[Any]) -> bool:
    low = [bound for mark in marks for key in ("ge", "gt") if (bound := getattr(mark, key, None)) is not None]
    high = [
        bound for mark in marks for key in ("le", "lt") if (bound := getattr(mark, key, None)) is not None
    ]
    return bool(low and high) and max(low) >= -LAST_ID and min(high) <= LAST_ID


def test_every_date_that_a_route_takes_lies_within_the_bounds(service: FastAPI) -> None:
    dates = [(name, marks) for name, kind, marks in list_taken(service) if kind is date]
    assert len(dates) > 40
    assert [name for name, marks in dates if not _is_checked(marks, check_day)] == []


def test_every_instant_that_a_route_takes_lies_within_the_bounds(service: FastAPI) -> None:
    taken = [
        (name, marks)
        for name, kind, marks in list_taken(service)
        if kind is datetime or getattr(kind, "__name__", "").endswith("Datetime")
    ]
    assert taken
    assert [name for name, marks in taken if not _is_checked(marks, check_instant)] == []


def test_every_number_that_a_route_takes_is_one_that_a_database_holds(service: FastAPI) -> None:
    numbers = [(name, marks) for name, kind, marks in list_taken(service) if kind is int]
    assert len(numbers) > 100
    assert [name for name, marks in numbers if not _is_bounded(marks)] == []


def test_pages_read_dates_out_of_texts_by_the_same_rule() -> None:
    """A form's text that names a date is read by `app.bounds.read_day`; the others read what the program wrote itself."""

    def reads(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and dotted(node.func) == "date.fromisoformat"

    allowed = {"app/web/rounds/present.py": "reads back a date that the program has written into the record"}
    outside, unused = places(reads, "app/web", allowed=allowed)
    assert not outside
    assert not unused


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "1899-12-31", "2101-01-01", "2026-02-30", ""])
def test_days_out_of_bounds_are_no_days(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text)


def test_the_last_day_and_the_last_id_are_taken() -> None:
    assert read_day("2100-12-31") == LAST_DAY
    assert read_id(str(LAST_ID)) == LAST_ID


@pytest.mark.parametrize("text", [str(LAST_ID + 1), "0", "-1", "1" * 60, "", "１", "1.0"])
def test_ids_out_of_bounds_are_no_ids(text: str) -> None:
    with pytest.raises(ValueError):
        read_id(text)
