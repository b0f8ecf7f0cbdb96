"""Finds the registered people among a file's rows; near matches wait for a person's decision, nothing merges silently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from app.models import MatchCandidate, Person
from app.models.enums import CandidateState
from app.workbook.crossrules import Rows
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Line, Tab
from app.workbook.matching import Known, Match, Register
from app.workbook.sheet import Row
from app.workbook.stores.record import Record

WORKBOOK_SOURCE: Final = "workbook"


@dataclass
class Recognised:
    """What was found about a file's people."""

    waiting: list[tuple[Known, Known]] = field(default_factory=list)
    """A row and a person it nearly is; not yet decided."""
    matched: set[str] = field(default_factory=set)
    """Codes of the file that mean a person whom the record calls otherwise."""


def recognise_people(tab: Tab, rows: Rows, findings: Findings, source: str) -> Recognised:
    """Match a file's people with the record: rename the same, hold back the nearly same, fault what contradicts."""
    record = rows.record
    found = Recognised()
    erased = _list_erased(record)
    codes = record.codes.of("people")
    register = Register(_to_known(stored.values, rows) for stored in record.stored("people").values())
    if not register.people and not erased:
        return found
    decided = _load_decisions(record, source)
    owners: dict[str, Line] = {}
    for line in tab.lines:
        code = line.values.get("code")
        if code in erased:
            findings.add(tab, line, Problem("person_erased", "code"))
        elif code in codes:
            _check_number(tab, line, register, findings)
            owners[code] = line
    for line in tab.lines:
        if line.is_faulty or line.values.get("code") in codes:
            continue
        row = _to_known(line.values, rows)
        match = _decide(register.match(row), decided.get(row.code, {}))
        if match.same is not None:
            first = owners.setdefault(match.same, line)
            if first is not line:
                findings.add(tab, line, Problem("duplicate_person", "name", {"first": first.number}))
                continue
            record.codes.rename("people", row.code, match.same)
            found.matched.add(row.code)
        elif match.near:
            line.waits = True
            found.waiting += [(row, register.people[code]) for code in match.near]
    return found


def _decide(match: Match, decided: dict[str, CandidateState]) -> Match:
    """Let a person's decision stand over the likeness."""
    if match.same is not None:
        return match
    same = [code for code, state in decided.items() if state is CandidateState.same]
    if same:
        return Match(same=same[0])
    return Match(near=tuple(code for code in match.near if decided.get(code) is not CandidateState.different))


def _check_number(tab: Tab, line: Line, register: Register, findings: Findings) -> None:
    owner = register.find_by_number(line.values.get("id_number"))
    if owner is not None and owner != line.values["code"]:
        data = {"owner": owner, "code": line.values["code"]}
        findings.add(tab, line, Problem("id_number_taken", "id_number", data))


def _to_known(row: Row, rows: Rows) -> Known:
    household = rows.get("households", row.get("household"))
    return Known(
        row["code"],
        row.get("name"),
        row.get("born_on"),
        row.get("phone"),
        row.get("id_number"),
        household.get("compound"),
    )


def _list_erased(record: Record) -> set[str]:
    return set(record.session.scalars(select(Person.code).where(Person.erased_at.is_not(None))))


def _load_decisions(record: Record, source: str) -> dict[str, dict[str, CandidateState]]:
    decided: dict[str, dict[str, CandidateState]] = {}
    rows = record.session.execute(
        select(MatchCandidate.row_code, Person.code, MatchCandidate.state)
        .join(Person, Person.id == MatchCandidate.person_id)
        .where(MatchCandidate.source == source)
    )
    for row_code, person_code, state in rows:
        decided.setdefault(row_code, {})[person_code] = state
    return decided
