"""The sheets of the workbook in the order in which they are read: what is referred to comes first."""

from __future__ import annotations

from app.workbook.sheet import Sheet
from app.workbook.sheets import areas, needs, people, policies, providers, slots

SHEETS: tuple[Sheet, ...] = (
    *areas.SHEETS,
    *providers.SHEETS,
    *slots.SHEETS,
    *policies.SHEETS,
    *people.SHEETS,
    *needs.SHEETS,
    *slots.LATE,
    *needs.LATE,
)

BY_KEY: dict[str, Sheet] = {sheet.key: sheet for sheet in SHEETS}
