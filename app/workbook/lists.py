"""Placeholder until lists come."""

from __future__ import annotations

from app.workbook.lines import Tabs
from app.workbook.stores.record import Record


def settle_households(tabs: Tabs, record: Record) -> None:
    """Leave a registered person in the household that the record has."""
