"""Fills in what a placement's row leaves open from the rows it refers to: what it uses, when it was confirmed. Pure of I/O."""

from __future__ import annotations

from datetime import datetime, time

from app.clock import SHANGHAI
from app.models.enums import CapacityKind, EvidenceKind, PlacementState
from app.policies.rules import DEFAULTS
from app.workbook.compound_cells import Amount
from app.workbook.crossrules import Rows, list_covered
from app.workbook.lines import Tab, list_live
from app.workbook.sheet import Row
from app.workbook.stores.cells import WeekCell, fold_amounts, unfold_amounts

_CONFIRMED = (PlacementState.confirmed, PlacementState.active)
_VISIT_MINUTES = 60


def fill_placements(tab: Tab, rows: Rows) -> None:
    """Complete the placements of a file in place; the same file gives the same values, whatever the day."""
    grades: dict[str, str] | None = None
    for line in list_live(tab):
        row = line.values
        need = rows.get("needs", row.get("need"))
        if row.get("state") in _CONFIRMED and row.get("confirmed_at") is None and need.get("entered_on"):
            # A placement in force was agreed to: no later than it began, no earlier than it was asked for.
            on = min(need["entered_on"], row["starts_on"])
            row["confirmed_at"] = datetime.combine(on, time(0), SHANGHAI)
        if not row.get("uses"):
            grades = _list_grades(rows) if grades is None else grades
            row["uses"] = _list_amounts(row, need, grades, rows)
        else:
            cells = list_covered(rows, row)
            row["uses"] = fold_amounts(unfold_amounts(row["uses"], cells), cells)


def fill_bookings(tab: Tab, rows: Rows) -> None:
    """Complete the bookings of a file in place: what one uses of its slot, where the row does not say."""
    for line in list_live(tab):
        row = line.values
        if row.get("uses"):
            continue
        template = rows.get("templates", row.get("template"))
        kinds = frozenset(kind for kind in CapacityKind if template.get(f"capacity_{kind.value}") is not None)
        need = rows.get("needs", row.get("need"))
        wanted = {
            CapacityKind.places: 1,
            CapacityKind.visit_minutes: need.get("visit_minutes") or _VISIT_MINUTES,
            CapacityKind.meals: 1,
        }
        row["uses"] = tuple(sorted(Amount("", kind, wanted[kind]) for kind in kinds & wanted.keys()))


def _list_grades(rows: Rows) -> dict[str, str]:
    return {
        row["person"]: row["value"]
        for row in rows.list_all("evidence")
        if row.get("kind") is EvidenceKind.care_grade and row.get("person") and row.get("value")
    }


def _list_amounts(row: Row, need: Row, grades: dict[str, str], rows: Rows) -> tuple[Amount, ...]:
    cells: list[WeekCell] = list_covered(rows, row)
    kinds = frozenset(kind for cell in cells for kind in cell.kinds)
    care_class = rows.get("classes", row["care_class"])
    minutes = DEFAULTS["carer_minutes_by_grade"].value
    wanted = {
        CapacityKind.places: 1,
        CapacityKind.carer_minutes: int(minutes.get(grades.get(need.get("person", ""), "0"), 0)),
        CapacityKind.carer_units: care_class.get("unit_use") or 0,
        CapacityKind.visit_minutes: need.get("visit_minutes") or _VISIT_MINUTES,
        CapacityKind.meals: 1,
        CapacityKind.escorts: 1 if need.get("needs_escort") else 0,
    }
    return tuple(
        sorted(Amount("", kind, amount) for kind, amount in wanted.items() if amount and kind in kinds)
    )
