"""Checks everything that a file says, alone and together, against itself and the record; writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.areas.queries import get_bounds
from app.clock import now
from app.people.identity import find_region
from app.workbook.capacitychecks import check_capacities
from app.workbook.completing import Completion
from app.workbook.consentchecks import check_consents
from app.workbook.crossrules import Rows, check_together
from app.workbook.faults import Fault
from app.workbook.filling import fill_bookings, fill_placements
from app.workbook.lines import Findings, Tabs
from app.workbook.matching import Known
from app.workbook.parsing import complete_lines
from app.workbook.recognising import WORKBOOK_SOURCE, Recognised, recognise_people
from app.workbook.referring import References, skip_dependants
from app.workbook.rowrules import check_row
from app.workbook.settling import settle_lists
from app.workbook.stores.record import Record
from app.workbook.uniqueness import check_uniqueness

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the caller of an import chooses."""

    today: date
    dry_run: bool = False
    skip_faulty: bool = False
    source: str = WORKBOOK_SOURCE
    at: datetime = field(default_factory=now)
    """The instant that is written where a date is closed and bookings end."""
    tell: Tell = lambda step: None  # noqa: ARG005


@dataclass
class Examined:
    """What was found: the record as read, faults, near matches, counts."""

    record: Record
    faults: list[Fault] = field(default_factory=list)
    near: list[tuple[Known, Known]] = field(default_factory=list)
    skipped: int = 0
    waiting: int = 0
    unknown_regions: int = 0


def examine(session: Session, tabs: Tabs, findings: Findings, options: Options) -> Examined:
    """Check all rows and recognise the people; rows that depend on a skipped or waiting one are marked too."""
    record = Record(session, options.today)
    options.tell("check")
    completion = Completion(options.today, get_bounds(session, options.today))
    for tab in tabs.values():
        complete_lines(tab, completion, findings)
        for line in tab.lines:
            findings.extend(tab, line, check_row(tab.sheet.key, line.values, options.today))
    References(tabs, record).check(findings)
    check_uniqueness(tabs, record, findings)
    rows = Rows(tabs, record)
    check_together(tabs, rows, findings)
    if "placements" in tabs:
        fill_placements(tabs["placements"], rows)
    if "bookings" in tabs:
        fill_bookings(tabs["bookings"], rows)
    check_capacities(tabs, record, findings, options.today)
    found = Recognised()
    if "people" in tabs:
        found = recognise_people(tabs["people"], rows, findings, options.source)
        settle_lists(tabs, record)
    if found.waiting or options.skip_faulty:
        skip_dependants(tabs, record, findings)
    check_consents(tabs, rows, findings, skip_faulty=options.skip_faulty)
    lines = [line for tab in tabs.values() for line in tab.lines]
    return Examined(
        record,
        findings.list_faults(),
        found.waiting,
        sum(line.is_faulty for line in lines),
        sum(line.waits for line in lines),
        _count_unknown_regions(tabs),
    )


def _count_unknown_regions(tabs: Tabs) -> int:
    lines = tabs["people"].lines if "people" in tabs else ()
    real = [line.values for line in lines if not line.values.get("is_synthetic")]
    numbers = [row["id_number"] for row in real if row.get("id_number")]
    known = {prefix: find_region(number) for prefix, number in {n[:6]: n for n in numbers}.items()}
    return sum(known[number[:6]] is None for number in numbers)
