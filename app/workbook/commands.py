"""Import, export and template of the workbook. One transaction, audited; a fault anywhere imports nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.actor import Actor
from app.audit.commands import record as record_audit
from app.calendars.reference import load_reference
from app.db import Database, WriteSession, is_transient
from app.errors import Busy
from app.models import CalendarYear
from app.slots.commands import extend_horizon
from app.workbook.errors import RecordClash
from app.workbook.examining import Options, Tell
from app.workbook.exporting import ExportRows
from app.workbook.lines import Findings, Tabs
from app.workbook.matches import queue_matches
from app.workbook.merging import Change, apply
from app.workbook.preparing import Ready, prepare, read_stamp
from app.workbook.report import Report
from app.workbook.sheet import Row, Sheet
from app.workbook.stores.codes import Codes
from app.workbook.tabs import read_tabs
from app.workbook.writing import write_workbook

TRIES_BESIDE_OTHERS: Final = 2
"""So often a file is checked beside the others' work before it is checked under the lock."""


def write_template(path: Path) -> None:
    """Write an empty workbook with notes and drop-downs."""
    write_workbook(path, lambda sheet: ())  # noqa: ARG005


def export_workbook(database: Database, path: Path, actor: Actor, tell: Tell) -> dict[str, int]:
    """Write the whole record into a workbook, sensitive fields in clear, and note it in the audit chain."""
    with database.reading() as session:
        rows = ExportRows(session)

        def give_rows(sheet: Sheet) -> Iterable[Row]:
            tell(sheet.key)
            return rows(sheet)

        counts = write_workbook(path, give_rows)

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
    return bring_in(
        database, path.name, lambda findings: read_tabs(path, findings, options.tell), actor, options
    )


Read = Callable[[Findings], Tabs]
"""Reads the file; again, where the record has changed since it was checked: checking marks the lines."""


def bring_in(database: Database, file: str, read: Read, actor: Actor, options: Options) -> Report:
    """Check what was read and write it in one transaction; a dry run and a file with faults write nothing.

    Everything is checked, compared and sealed in a read session, so that bookings go on meanwhile; the write
    transaction begins with the question whether the record is still the one that was looked at. Where it is not, once
    more; then under the lock, as long as that takes.
    """
    if not options.dry_run:
        _load_closures()
    try:
        for _ in range(TRIES_BESIDE_OTHERS):
            findings = Findings()
            tabs = read(findings)
            with database.reading() as session:
                stamp = read_stamp(session)
                ready = prepare(session, file, tabs, findings, options)
            if options.dry_run or not ready.is_to_be_written:
                return ready.report
            with database.writing() as writing:
                if read_stamp(writing) == stamp:
                    return _write(writing, ready, actor, options)
        findings = Findings()
        tabs = read(findings)
        with database.writing() as writing:
            return _write(writing, prepare(writing, file, tabs, findings, options), actor, options)
    except IntegrityError as fault:
        raise RecordClash(constraint=str(fault.orig).splitlines()[0]) from fault
    except DBAPIError as fault:
        if is_transient(fault):
            raise Busy from fault
        raise


def _load_closures() -> None:
    """Load what a closure needs before anybody waits: the walking graph's libraries take a second, and no other command's."""
    import app.workbook.closing  # noqa: F401, PLC0415


def _write(session: WriteSession, ready: Ready, actor: Actor, options: Options) -> Report:
    report = ready.report
    if not ready.is_to_be_written:
        return report
    ready.examined.record.follow(session)
    between = _SlotMaker(session, ready.examined.record.codes, options)
    apply(ready.examined.record, report.changes, between.make_slots, options.tell)
    report.queued = queue_matches(session, options.source, ready.examined.near)
    report.imported = True
    if report.has_changes or report.queued:
        counts = {key: c.as_json() for key, c in report.changes.items() if c.new or c.changed}
        data = {"source": options.source, "sheets": counts, "queued": report.queued}
        record_audit(session, actor.label, "workbook.import", "workbook", data)
    return report


class _SlotMaker:
    """Brings base data and dated slots up to what was read, before rows that name dates come in."""

    def __init__(self, session: WriteSession, codes: Codes, options: Options) -> None:
        self._session = session
        self._codes = codes
        self._options = options

    def make_slots(self, changes: dict[str, Change]) -> None:
        """Extend the horizon where anything changed; an equal file leaves the record untouched."""
        if not any(change.new or change.changed for change in changes.values()):
            return
        if not self._session.scalar(select(func.count()).select_from(CalendarYear)):
            load_reference(self._session)
        self._options.tell("slots")
        extend_horizon(self._session, self._options.today)
        closures = changes.get("closures")
        if closures is not None and (closures.new or closures.changed):
            from app.workbook.closing import follow_closures  # noqa: PLC0415 - see `_load_closures`

            follow_closures(self._session, closures, self._codes, self._options)
