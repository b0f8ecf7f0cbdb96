"""Finding a person: by name, pinyin, initials, digits, place; never beyond the actor's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.models import Person
from app.models.enums import StaffRole
from app.people.names import find_pinyin
from app.people.rules import mask, parse_search
from tests.factories.towns import Half, make_half

if TYPE_CHECKING:
    from app.db import WriteSession
    from tests.support.service import Service


@pytest.fixture
def halves(service: Service) -> tuple[Half, Half]:
    return service.database.write(lambda session: (make_half(session, with_secrets=True), make_half(session)))


def find(client, **body: object) -> list[int]:
    answer = client.post("/api/people/search", json=body)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


@pytest.mark.parametrize(
    "text", ["王桂英", "王", "桂英", "wangguiying", "WangG", "wgy", "6543", "0029", "13877776543"]
)
def test_person_is_found_by(service: Service, halves: tuple[Half, Half], text: str) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    assert find(client, text=text) == [here.elder_id]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("John Smith", "john"),
        ("John Smith", "SMITH"),
        ("John Smith", "js"),
        ("John Smith", "johnsmith"),
        ("古丽·阿依", "guliayi"),
        ("古丽·阿依", "glay"),
    ],
)
def test_name_of_another_script_is_found_on_both_databases(
    service: Service, halves: tuple[Half, Half], name: str, text: str
) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    pinyin, initials = find_pinyin(name)

    def rename(session: WriteSession) -> None:
        person = session.get_one(Person, here.elder_id)
        person.name, person.pinyin, person.pinyin_initials = name, pinyin, initials

    service.database.write(rename)
    assert find(client, text=text) == [here.elder_id]


def test_every_word_has_to_fit(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    assert find(client, text="wgy 6543") == [here.elder_id]
    assert find(client, text="wgy 6544") == []


def test_full_width_digits_are_digits(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    assert find(client, text="６５４３") == [here.elder_id]


def test_other_areas_people_are_not_found(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    assert find(service.as_program(StaffRole.adviser, [there.committee]), text="6543") == []
    both = service.as_program(StaffRole.manager, [here.committee, there.committee])
    assert set(find(both, text="王")) == {here.elder_id, there.elder_id}
    assert find(service.as_program(StaffRole.adviser), text="王") == []
    assert find(service.as_program(StaffRole.site, [here.committee]), text="王") == []


def test_a_place_alone_lists_who_lives_there(service: Service, halves: tuple[Half, Half]) -> None:
    here, there = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    everyone = {here.elder_id, here.child_id, here.guardian_id}
    assert set(find(client, compound_id=here.compound_id)) == everyone
    assert set(find(client, building_id=here.building_id)) == everyone
    assert find(client, compound_id=here.compound_id, role="child") == [here.child_id]
    assert find(client, compound_id=there.compound_id) == []


def test_empty_search_lists_nobody(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    assert find(service.as_program(StaffRole.adviser, [here.committee])) == []


def test_wildcards_are_letters(service: Service, halves: tuple[Half, Half]) -> None:
    here, _ = halves
    client = service.as_program(StaffRole.adviser, [here.committee])
    assert find(client, text="%") == find(client, text="_") == []


def test_word_may_mean_several_things() -> None:
    term = parse_search("123x")[0]
    assert (term.last4, term.whole) == ("123X", None)
    assert parse_search("13877776543")[0].whole == "13877776543"
    assert parse_search("") == []


@pytest.mark.parametrize(
    ("value", "masked"),
    [(None, None), ("1234", "***"), ("1234567", "***"), ("12345678", "****5678")],
)
def test_mask_never_shows_half_of_a_short_value(value: str | None, masked: str | None) -> None:
    assert mask(value) == masked
