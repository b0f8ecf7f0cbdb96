"""Turns any list with one header row into lines of our sheets: people, households, evidence, needs.

Rows of a list have no code: one is derived from the ID number, or from name, birth date and phone, so that the
same row always means the same person, and says nothing about the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.areas.rules import normalise_name
from app.models.enums import EvidenceKind, NeedRhythm, Role
from app.people.identity import BadIdNumber, parse_id_number
from app.sealed import keyring
from app.workbook.cells import is_blank, reader_of
from app.workbook.compound_cells import read_patterns
from app.workbook.faults import Problem
from app.workbook.fields import BY_KEY as FIELDS
from app.workbook.fields import NEED_WORDS, Field
from app.workbook.headers import plain_header
from app.workbook.lines import Findings, Line, Place, Tab, Tabs
from app.workbook.mapping import Mapping
from app.workbook.reading import Grid, letter_of
from app.workbook.sheet import Row
from app.workbook.sheets import BY_KEY as SHEETS
from app.workbook.texts import CellFault, narrow, show, split_list
from app.workbook.words import read_yes_no

_SHEETS: Final = ("households", "people", "evidence", "needs")
_SOURCE: Final = "list:"
_ELDER_YEARS: Final = 60
_CHILD_YEARS: Final = 14


def read_list(grid: Grid, header: int, mapping: Mapping, findings: Findings, today: date) -> Tabs:
    """Return a list's rows as tabs; rows without a name and an ID number (units, totals, notes) are skipped."""
    reader = _ListReader(grid, header, mapping, findings, today)
    for number, cells in enumerate(grid.rows[header + 1 :], start=header + 2):
        reader.read_row(number, cells)
    return reader.tabs


@dataclass
class _Used:
    field: Field
    place: Place


class _ListReader:
    def __init__(self, grid: Grid, header: int, mapping: Mapping, findings: Findings, today: date) -> None:
        self._mapping, self._findings, self._today = mapping, findings, today
        keys = {plain_header(text): key for text, key in mapping.columns.items()}
        self._used = [
            _Used(FIELDS[keys[plain_header(cell)]], Place(index, letter_of(index), show(cell)))
            for index, cell in enumerate(grid.rows[header])
            if plain_header(cell) in keys
        ]
        self._homes: set[str] = set()
        self.tabs: Tabs = {
            key: Tab(
                SHEETS[key],
                grid.name,
                {used.field.column: used.place for used in self._used if used.field.sheet == key},
                clears=False,
            )
            for key in _SHEETS
        }

    def read_row(self, number: int, cells: Sequence[Any]) -> None:
        given = {
            used.field.key: cells[used.place.index] for used in self._used if used.place.index < len(cells)
        }
        given = {key: cell for key, cell in given.items() if not is_blank(cell)}
        if "name" not in given and "id_number" not in given:
            return
        if "id_number" not in given and not any(key in given for key in ("born_on", "phone", "sex")):
            return  # a row of units or a note below the header: a name alone is nobody
        if _is_month_of(given.get("id_number"), given.get("born_on")):
            del given["born_on"]  # 出生年月: the ID number says the day as well
        household, person = Line(number, {}), Line(number, {})
        for used in self._used:
            if used.field.key in given and used.field.sheet in ("households", "people"):
                line = person if used.field.sheet == "people" else household
                self._read(used, line, given[used.field.key])
        _settle_person(person, self._today)
        code = derive_code(person.values)
        home = derive_household(household.values) or f"{code}-H"
        person.values |= {"code": code, "household": home}
        self.tabs["people"].lines.append(person)
        household.values["code"] = home
        if home not in self._homes or household.bad:
            self._homes.add(home)
            self.tabs["households"].lines.append(household)
        self._read_proofs(number, code, given)
        self._read_needs(number, code, given)

    def _read(self, used: _Used, line: Line, cell: Any) -> None:
        sheet = self.tabs[used.field.sheet].sheet
        try:
            line.values[used.field.column] = reader_of(sheet.column(used.field.column))(cell)
        except CellFault as fault:
            line.bad.add(used.field.column)
            self._fault(used, line, fault)

    def _fault(self, used: _Used, line: Line, fault: CellFault) -> None:
        tab = self.tabs[used.field.sheet]
        at = Tab(tab.sheet, tab.title, {used.field.column: used.place})
        self._findings.add(at, line, Problem(fault.code, used.field.column, fault.data))

    def _read_proofs(self, number: int, code: str, given: Row) -> None:
        for used in self._used:
            kind = used.field.evidence
            if kind is None or used.field.key not in given:
                continue
            line = Line(number, {"code": f"{code}-{kind.value}", "person": code, "kind": kind})
            try:
                if kind is EvidenceKind.care_grade:
                    line.values["value"] = _read_grade(given[used.field.key])
                elif not _says_yes(given[used.field.key], used.field):
                    continue
            except CellFault as fault:
                line.bad.add("value")
                self._fault(used, line, fault)
            line.values |= {"source": f"{_SOURCE}{self._mapping.source}"[:120]}
            self.tabs["evidence"].lines.append(line)
            self._read_days(line, given, kind)

    def _read_days(self, line: Line, given: Row, kind: EvidenceKind) -> None:
        for used in self._used:
            is_date = used.field.key in ("grade_from", "grade_to") and kind is EvidenceKind.care_grade
            if is_date and used.field.key in given:
                self._read(used, line, given[used.field.key])
        if "valid_from" not in line.bad:
            # Without a date of its own a proof counts from the day that the mapping names.
            line.values.setdefault("valid_from", self._mapping.entered_on)

    def _read_needs(self, number: int, code: str, given: Row) -> None:
        dates = [
            used for used in self._used if used.field.key in ("entered_on", "starts_on", "patterns", "note")
        ]
        for used in self._used:
            if used.field.key not in given or (used.field.need is None and used.field.key != "need_kind"):
                continue
            probe = Line(number, {})
            try:
                kinds = list(_list_kinds(given[used.field.key], used.field))
            except CellFault as fault:
                self.tabs["needs"].lines.append(probe)
                probe.bad.add("kind")
                self._fault(used, probe, fault)
                continue
            for kind in kinds:
                line = Line(number, {"code": f"{code}-{kind.value}", "person": code, "kind": kind})
                line.values["rhythm"] = NeedRhythm.weekly
                self.tabs["needs"].lines.append(line)
                for other in dates:
                    if other.field.key in given:
                        self._read(other, line, given[other.field.key])
                if "patterns" not in line.values and "patterns" not in line.bad:
                    pattern = self._mapping.patterns.get(kind.value)
                    line.values["patterns"] = read_patterns(pattern) if pattern else ()
                if "entered_on" not in line.bad:
                    line.values.setdefault("entered_on", self._mapping.entered_on)
                    line.values.setdefault("starts_on", line.values["entered_on"])


_MONTH: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")


def _is_month_of(id_number: Any, cell: Any) -> bool:
    """Return whether a cell holds year and month, and an ID number agrees with them."""
    match = _MONTH.fullmatch(narrow(cell)) if cell is not None and not isinstance(cell, date) else None
    if match is None or id_number is None:
        return False
    try:
        born_on = parse_id_number(show(id_number)).born_on
    except BadIdNumber:
        return False
    return (born_on.year, born_on.month) == (int(match[1]), int(match[2]))


def derive_code(person: Row) -> str:
    """Return the stable code of a list's row: a keyed hash, so that it tells nothing about the number."""
    number = person.get("id_number")
    text = number or "|".join(str(person.get(key) or "") for key in ("name", "born_on", "phone"))
    return f"L{keyring().derive_code(text, 'list row')[:16]}"


def derive_household(home: Row) -> str | None:
    """Return the stable code of a household: people of one address live together; None without an address."""
    if not home.get("address") or not home.get("compound"):
        return None
    text = "|".join(normalise_name(str(home.get(key) or "")) for key in ("compound", "building", "address"))
    return f"LH{keyring().derive_code(text, 'list home')[:16]}"


def _settle_person(line: Line, today: date) -> None:
    row = line.values
    if row.get("id_number"):
        row.setdefault("born_on", parse_id_number(row["id_number"]).born_on)
    born_on = row.get("born_on")
    if born_on is None:
        return
    years = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    if years >= _ELDER_YEARS:
        row["roles"] = (Role.elder,)
    elif years < _CHILD_YEARS:
        row["roles"] = (Role.child,)


def _read_grade(cell: Any) -> str:
    digits = "".join(c for c in narrow(cell).translate(_GRADES) if c.isdigit())
    if digits not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise CellFault("care_grade_unknown", text=narrow(cell))
    return digits


_GRADES: Final = str.maketrans("零一二三四五六", "0123456")


def _says_yes(cell: Any, field: Field) -> bool:
    """A cell says yes with 是, or by repeating what the column is about."""
    if field.zh.removeprefix("希望") in narrow(cell):
        return True
    return read_yes_no(cell)


def _list_kinds(cell: Any, field: Field) -> Iterator[Any]:
    if field.need is not None:
        if _says_yes(cell, field):
            yield field.need
        return
    found = []
    for part in split_list(cell):
        kinds = [kind for word, kind in NEED_WORDS.items() if word in part]
        if not kinds:
            raise CellFault(
                "unknown_word", text=part, words="、".join(NEED_WORDS), words_en=", ".join(NEED_WORDS)
            )
        found.append(kinds[0])
    yield from dict.fromkeys(found)
