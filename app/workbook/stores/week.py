"""Reads the cells of all classes' weeks from the record."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import SlotTemplate, SlotTemplateCapacity
from app.models.enums import CapacityKind
from app.workbook.stores.cells import Week, WeekCell
from app.workbook.stores.codes import Codes


def load_week(session: Session, codes: Codes) -> Week:
    """Return the week of the record's templates."""
    kinds: defaultdict[int, set[CapacityKind]] = defaultdict(set)
    for template_id, kind in session.execute(
        select(SlotTemplateCapacity.template_id, SlotTemplateCapacity.kind)
    ):
        kinds[template_id].add(kind)
    columns = (
        SlotTemplate.id,
        SlotTemplate.code,
        SlotTemplate.class_id,
        SlotTemplate.weekday,
        SlotTemplate.part,
        SlotTemplate.valid_from,
        SlotTemplate.valid_to,
    )
    return Week(
        WeekCell(
            row.code,
            str(codes.code_of(("classes",), row.class_id)),
            row.weekday,
            row.part,
            row.valid_from,
            row.valid_to,
            frozenset(kinds[row.id]),
        )
        for row in session.execute(select(*columns))
    )
