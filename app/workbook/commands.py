"""Import, export and template of the workbook. One transaction, audited; a fault anywhere imports nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.areas.queries import get_bounds
from app.audit.commands import record as record_audit
from app.calendars.reference import load_reference
from app.db import Database, WriteSession
from app.models import CalendarYear
from app.slots.commands import extend_horizon
from app.workbook.completing import Completion
from app.workbook.crossrules import Rows, check_together
from app.workbook.errors import UnusableFile
from app.workbook.exporting import ExportRows
from app.workbook.filling import fill_placements
from app.workbook.headers import find_sheet, open_tab
from app.workbook.lines import Findings, Tabs
from app.workbook.merging import Change, apply, compare
from app.workbook.parsing import complete_lines, read_lines
from app.workbook.reading import read_grids
from app.workbook.referring import References, skip_dependants
from app.workbook.report import Report
from app.workbook.rowrules import check_row
from app.workbook.sheets import SHEETS
from app.workbook.stores.record import Record
from app.workbook.uniqueness import check_uniqueness
from app.workbook.writing import write_workbook

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the caller of an import chooses."""

    today: date
    dry_run: bool = False
    skip_faulty: bool = False
    tell: Tell = lambda step: None  # noqa: ARG005


def write_template(path: Path) -> None:
    """Write an empty workbook with notes and drop-downs."""
    write_workbook(path, lambda sheet: ())  # noqa: ARG005


def export_workbook(database: Database, path: Path, actor: Actor, tell: Tell) -> dict[str, int]:
    """Write the whole record into a workbook, sensitive fields in clear, and note it in the audit chain."""
    with database.reading() as session:
        give = ExportRows(session)

        def give_rows(sheet: object) -> object:
            tell(getattr(sheet, "key", ""))
            return give(sheet)  # type: ignore[arg-type]

        counts = write_workbook(path, give_rows)  # type: ignore[arg-type]

    def note(session: WriteSession) -> None:
        record_audit(session, actor.label, "workbook.export", "workbook", {"rows": counts})

    database.write(note)
    return counts


def import_workbook(database: Database, path: Path, actor: Actor, options: Options) -> Report:
    """Read a workbook and bring it into the record, or say what is wrong with it.

    Raises
    ------
    UnusableFile
        Where the file cannot be read at all.

    """
    findings = Findings()
    tabs = read_tabs(path, findings, options.tell)
    report = Report(path.name, options.dry_run)
    if options.dry_run:
        with database.reading() as session:
            record = examine(session, tabs, findings, report, options)
            if not report.faults or options.skip_faulty:
                report.changes = {key: compare(tab, record) for key, tab in tabs.items()}
        return report

    with database.writing() as session:
        record = examine(session, tabs, findings, report, options)
        if report.faults and not options.skip_faulty:
            return report
        report.changes = apply(tabs, record, lambda made: _make_slots(session, made, options), options.tell)
        report.imported = True
        if report.has_changes:
            data = {
                key: change.as_json()
                for key, change in report.changes.items()
                if change.new or change.changed
            }
            record_audit(session, actor.label, "workbook.import", "workbook", {"sheets": data})
    return report


def read_tabs(path: Path, findings: Findings, tell: Tell) -> Tabs:
    """Return the sheets that a workbook has of ours, in our order."""
    found: Tabs = {}
    for grid in read_grids(path):
        sheet = find_sheet(grid.name)
        if sheet is None or not grid.rows:
            continue
        tell(sheet.key)
        tab, first = open_tab(grid, sheet, findings)
        read_lines(tab, grid.rows[first:], first + 1, findings)
        found[sheet.key] = tab
    if not found:
        raise UnusableFile("no_known_sheet", file=path.name)
    return {sheet.key: found[sheet.key] for sheet in SHEETS if sheet.key in found}


def examine(session: Session, tabs: Tabs, findings: Findings, report: Report, options: Options) -> Record:
    """Check all rows, alone and together; faults go into the report."""
    record = Record(session)
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
    skip_dependants(tabs, record, findings) if options.skip_faulty else None
    report.faults = findings.list_faults()
    report.skipped = sum(line.is_faulty for tab in tabs.values() for line in tab.lines)
    return record


def _make_slots(session: WriteSession, changes: dict[str, Change], options: Options) -> None:
    """Bring base data and dated slots up to what was read, before rows that name dates come in."""
    if not any(change.new or change.changed for change in changes.values()):
        return
    if not session.scalar(select(func.count()).select_from(CalendarYear)):
        load_reference(session)
    options.tell("slots")
    extend_horizon(session, options.today)
