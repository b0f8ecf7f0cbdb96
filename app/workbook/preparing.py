"""All of an import that needs no lock: check, compare with the record, seal; and how to tell that the record is the same.

Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import AuditHead, Hold, Plan, Slot
from app.workbook.examining import Examined, Options, examine
from app.workbook.lines import Findings, Tabs
from app.workbook.merging import compare
from app.workbook.report import Report


@dataclass
class Ready:
    """A file that was checked: the record as it was seen, and the report, with all that would change."""

    examined: Examined
    report: Report

    @property
    def is_to_be_written(self) -> bool:
        """Whether there is anything to write: changes, or near matches to be queued."""
        return not self.report.imported and (self.report.has_changes or bool(self.examined.near))


def prepare(session: Session, file: str, tabs: Tabs, findings: Findings, options: Options) -> Ready:
    """Check a file and compare it with the record; one that changes nothing is as good as imported."""
    examined = examine(session, tabs, findings, options)
    report = Report(
        file,
        options.dry_run,
        examined.faults,
        skipped=examined.skipped,
        waiting=examined.waiting,
        unknown_regions=examined.unknown_regions,
    )
    ready = Ready(examined, report)
    if report.faults and not options.skip_faulty:
        return ready
    for key, tab in tabs.items():
        options.tell(key)
        report.changes[key] = compare(tab, examined.record)
    if options.dry_run:
        return ready
    report.imported = not (report.has_changes or examined.near)
    for key, change in report.changes.items():
        examined.record.stores[key].seal(change.new)
    return ready


def read_stamp(session: Session) -> tuple[Any, ...]:
    """Return what is another as soon as somebody changes what an import looks at.

    Every change of the record is in the audit but the making of dated slots, holds and drafts of a night.
    """
    head = session.execute(select(AuditHead.sequence, AuditHead.hash)).first()
    newest = session.execute(
        select(
            select(func.max(Slot.id)).scalar_subquery(),
            select(func.max(Hold.id)).scalar_subquery(),
            select(func.max(Plan.id)).scalar_subquery(),
        )
    ).one()
    return (tuple(head) if head is not None else None, tuple(newest))
