"""ID numbers: length, characters, birth date, check character, the step from 15 to 18, sex; region as a warning only."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.enums import Sex
from app.people.identity import (
    BadIdNumber,
    IdNumberFault,
    clean_phone,
    find_check_character,
    find_region,
    parse_id_number,
    widen_id_number,
)


def test_number_with_x_says_birth_date_and_sex() -> None:
    # GB 11643-1999's own example: 11010519491231002X.
    found = parse_id_number("11010519491231002x")
    assert (found.number, found.born_on, found.sex) == ("11010519491231002X", date(1949, 12, 31), Sex.female)


def test_fifteen_digits_become_eighteen() -> None:
    assert parse_id_number("110105491231002").number == "11010519491231002X"


def test_sequence_of_a_hundred_year_old_belongs_to_the_century_before() -> None:
    assert widen_id_number("110105981231998")[6:10] == "1898"


@pytest.mark.parametrize(
    "text",
    [
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002x ",
        "110105-19491231-002X",
        "11010519491231002Ｘ　",
    ],
)
def test_stray_blanks_and_full_width_are_read(text: str) -> None:
    assert parse_id_number(text).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", IdNumberFault.length),
        ("1101051949123100", IdNumberFault.length),
        ("11010519491231002XX", IdNumberFault.length),
        ("X1010519491231002X", IdNumberFault.characters),
        ("11010549123100X", IdNumberFault.characters),
        ("1101051949123100٢X", IdNumberFault.checksum),  # NFKC makes an Arabic digit no ASCII digit
        ("110105194902310021", IdNumberFault.birth_date),
        ("110105491301002", IdNumberFault.birth_date),
        ("110105194912310021", IdNumberFault.checksum),
    ],
)
def test_number_that_cannot_be_right_is_refused(text: str, fault: IdNumberFault) -> None:
    with pytest.raises(BadIdNumber) as refused:
        parse_id_number(text)
    if text.isascii():
        assert refused.value.fault is fault
    assert text not in str(refused.value) or not text


@given(
    st.integers(110000, 999999),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
    st.integers(0, 17),
)
def test_one_wrong_digit_is_always_found(region: int, born_on: date, sequence: int, at: int) -> None:
    first_17 = f"{region}{born_on:%Y%m%d}{sequence:03d}"
    number = first_17 + find_check_character(first_17)
    assert parse_id_number(number).born_on == born_on
    if number[at] == "X":
        return
    wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
    with pytest.raises(BadIdNumber):
        parse_id_number(wrong)


def test_region_is_told_where_it_is_known() -> None:
    assert find_region("310101199003070000") == "上海市黄浦区"
    assert find_region("990101199003070000") is None, "the sample's numbers belong to no province"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("138 0000-0000", "13800000000"),
        ("＋８６１３８００００００００", "13800000000"),
        ("(021)6300-0000", "02163000000"),
        ("63000000", "63000000"),
    ],
)
def test_phone_is_its_digits(text: str, clean: str) -> None:
    assert clean_phone(text) == clean
