"""Invented numbers: valid in form, impossible in fact."""

from __future__ import annotations

from datetime import date

import pytest

from app.models.enums import Sex
from app.people.identity import find_region, parse_id_number
from app.people.names import find_pinyin
from app.sample.names import make_id_number, make_phone, spell_name


@pytest.mark.parametrize("index", [0, 1, 499, 500, 44_999, 4_999_999])
@pytest.mark.parametrize("sex", list(Sex))
def test_id_number_is_well_formed_and_belongs_to_no_province(index: int, sex: Sex) -> None:
    number = make_id_number(index, date(1944, 2, 29), sex)
    parsed = parse_id_number(number)
    assert number == parsed.number
    assert parsed.born_on == date(1944, 2, 29)
    assert parsed.sex is sex
    assert number.startswith("99")
    assert find_region(number) is None


def test_no_two_people_share_a_number() -> None:
    day = date(1950, 1, 1)
    assert len({make_id_number(i, day, Sex.male) for i in range(3_000)}) == 3_000
    assert len({make_phone(i) for i in range(3_000)}) == 3_000
    assert all(make_phone(i).startswith("000") and len(make_phone(i)) == 11 for i in (1, 99_999_999))


def test_name_is_spelt_as_an_import_would_spell_it() -> None:
    assert spell_name("王秀英·样例") == ("wangxiuying", "wxy") == find_pinyin("王秀英·样例")
