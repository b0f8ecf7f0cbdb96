"""Which registered person an imported row is, nearly is, or is not. Pure: no session, clock or I/O.

An ID number decides alone. Without one, name, birth date and phone decide together; two of the three, or a name
that sounds the same with birth date and compound, is a near match that only a person may decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.people.names import find_pinyin


@dataclass(frozen=True)
class Known:
    """What is compared of a person."""

    code: str
    name: str | None
    born_on: date | None
    phone: str | None
    id_number: str | None
    compound: str | None

    def list_differing(self, other: Known) -> list[str]:
        """Return the names of the fields that differ, never their values."""
        fields = ("name", "born_on", "phone", "id_number", "compound")
        return [field for field in fields if getattr(self, field) != getattr(other, field)]


@dataclass(frozen=True)
class Match:
    """The person a row is, or those it nearly is."""

    same: str | None = None
    near: tuple[str, ...] = ()


class Register:
    """The registered people, indexed by what rows are matched on."""

    def __init__(self, people: Iterable[Known]) -> None:
        self.people: dict[str, Known] = {}
        self._by_number: dict[str, str] = {}
        self._by_pair: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
        for person in people:
            self.people[person.code] = person
            if person.id_number:
                self._by_number[person.id_number] = person.code
            for pair in _list_pairs(person):
                self._by_pair[pair].append(person.code)

    def find_by_number(self, id_number: str | None) -> str | None:
        """Return the code of the person with this ID number."""
        return self._by_number.get(id_number) if id_number else None

    def match(self, row: Known) -> Match:
        """Return whom a row is the same as, or nearly."""
        by_number = self.find_by_number(row.id_number)
        if by_number is not None:
            return Match(same=by_number)
        similar = sorted({code for pair in _list_pairs(row) for code in self._by_pair.get(pair, ())})
        possible = [code for code in similar if not self._are_two_people(row, self.people[code])]
        equal = [code for code in possible if _is_equal(row, self.people[code])]
        if len(equal) == 1:
            return Match(same=equal[0])
        return Match(near=tuple(possible))

    @staticmethod
    def _are_two_people(row: Known, person: Known) -> bool:
        return bool(row.id_number and person.id_number and row.id_number != person.id_number)


def _is_equal(row: Known, person: Known) -> bool:
    return bool(row.phone) and (row.name, row.born_on, row.phone) == (
        person.name,
        person.born_on,
        person.phone,
    )


def _list_pairs(person: Known) -> list[tuple[object, ...]]:
    pairs: list[tuple[object, ...]] = []
    name, born_on, phone = person.name, person.born_on, person.phone
    if name and born_on:
        pairs.append(("name", name, born_on))
    if name and phone:
        pairs.append(("phone", name, phone))
    if born_on and phone:
        pairs.append(("born", born_on, phone))
    if name and born_on and person.compound:
        pairs.append(("sound", find_pinyin(name)[0], born_on, person.compound))
    return pairs
