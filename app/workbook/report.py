"""What an import did or would do: counts by sheet, faults, people who wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.workbook.faults import Fault
from app.workbook.merging import Change


@dataclass
class Report:
    """The outcome of one import."""

    file: str
    dry_run: bool
    faults: list[Fault] = field(default_factory=list)
    changes: dict[str, Change] = field(default_factory=dict)
    imported: bool = False
    skipped: int = 0
    waiting: int = 0
    """Rows that are nearly a registered person, or refer to one; a person decides first."""
    queued: int = 0
    """Near matches that are new in the queue."""
    unknown_regions: int = 0
    """ID numbers whose first six digits are no county we know; a warning only."""

    @property
    def has_changes(self) -> bool:
        """Whether anything is new or changed."""
        return any(change.new or change.changed for change in self.changes.values())

    def as_json(self) -> dict[str, Any]:
        """Return the report for `--json`."""
        return {
            "file": self.file,
            "dry_run": self.dry_run,
            "imported": self.imported,
            "faults": [fault.as_json() for fault in self.faults],
            "skipped": self.skipped,
            "waiting": self.waiting,
            "queued": self.queued,
            "unknown_regions": self.unknown_regions,
            "sheets": {key: change.as_json() for key, change in self.changes.items()},
        }
