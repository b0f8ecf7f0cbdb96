"""Codes that follow from others: never longer than their column, and never somebody else's."""

from __future__ import annotations

from app.codes import LONGEST, find_free_code, shorten
from app.db import WriteSession
from app.models import Site
from tests.factories import providers


def test_short_codes_stay_as_they_are() -> None:
    assert shorten("N-1", 40) == "N-1"
    assert shorten("N" * 40, 40) == "N" * 40


def test_codes_that_begin_alike_stay_apart_when_cut() -> None:
    one, other = (shorten("N" * 47 + last, 40) for last in "AB")
    assert one != other
    assert len(one) == len(other) == 40
    assert one == shorten("N" * 47 + "A", 40)  # the same need finds its rest again


def test_numbers_that_a_workbook_brought_are_passed_over(session: WriteSession) -> None:
    for number in (2, 3):
        providers.make_site(session, code=f"CL-X-{number}")
    assert find_free_code(session, Site.code, "CL-X", 1) == "CL-X-1"
    assert find_free_code(session, Site.code, "CL-X", 2) == "CL-X-4"


def test_number_stays_where_the_head_is_too_long(session: WriteSession) -> None:
    codes = {find_free_code(session, Site.code, "B-" + "N" * LONGEST, number) for number in (9, 10)}
    assert len(codes) == 2
    assert {len(code) for code in codes} == {LONGEST}
