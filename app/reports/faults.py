"""Says of what was wrong before the night whom and what it is about, in names; codes where the reader may not see names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.language.days import say_weekdays
from app.language.labels import label
from app.models import CareClass, Need, NeedGroup, Person, Placement, SlotTemplate
from app.models.enums import Part
from app.reports.changes import Cell, load_cells


def name_subjects(
    session: Session, subjects: Iterable[str], language: str, *, shows_people: bool
) -> dict[str, str]:
    """Return by subject (`need:CODE`, `group:CODE`, ...) what it is about; a class's cells share one text."""
    rows = list(subjects)
    found = {row: row.partition(":")[2] for row in rows} | _name_cells(session, rows, language)
    return found | _name_people(session, rows, language) if shows_people else found


def _list_codes(subjects: Sequence[str], kind: str) -> list[str]:
    return [row.partition(":")[2] for row in subjects if row.startswith(f"{kind}:")]


def _name_people(session: Session, subjects: Sequence[str], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    needs = select(Need.code, Need.kind, Person.name).join(Person, Person.id == Need.person_id)
    for code, kind, name in session.execute(needs.where(Need.code.in_(_list_codes(subjects, "need")))):
        found[f"need:{code}"] = f"{name} · {label(kind, language)}"
    placed = select(Placement.code, Person.name).join(Person, Person.id == Placement.person_id)
    for code, name in session.execute(placed.where(Placement.code.in_(_list_codes(subjects, "placement")))):
        found[f"placement:{code}"] = name
    people = select(Person.code, Person.name).where(Person.code.in_(_list_codes(subjects, "person")))
    found |= {f"person:{code}": name for code, name in session.execute(people)}
    members = (
        select(NeedGroup.code, Person.name)
        .join(Need, Need.group_id == NeedGroup.id)
        .join(Person, Person.id == Need.person_id)
        .where(NeedGroup.code.in_(_list_codes(subjects, "group")))
        .order_by(NeedGroup.code, Person.pinyin, Person.id)
    )
    groups: dict[str, list[str]] = defaultdict(list)
    for code, name in session.execute(members):
        groups[f"group:{code}"].append(name)
    return found | {subject: " + ".join(dict.fromkeys(names)) for subject, names in groups.items()}


def _name_cells(session: Session, subjects: Sequence[str], language: str) -> dict[str, str]:
    """Return for every cell its class with all days, parts and kinds that are concerned."""
    cells = load_cells(session, _list_codes(subjects, "template"))
    class_of = {
        row.code: (row.class_id, row.name_zh if language == "zh" else row.name_en or row.name_zh)
        for row in session.execute(
            select(SlotTemplate.code, CareClass.id.label("class_id"), CareClass.name_zh, CareClass.name_en)
            .join(CareClass, CareClass.id == SlotTemplate.class_id)
            .where(SlotTemplate.code.in_({name.rpartition("/")[0] for name in cells}))
        )
    }
    by_class: dict[tuple[int, str], list[tuple[str, Cell]]] = defaultdict(list)
    for name, cell in cells.items():
        by_class[class_of[name.rpartition("/")[0]]].append((name, cell))
    found: dict[str, str] = {}
    for (_, name), rows in by_class.items():
        text = _say_cells(name, [cell for _, cell in rows], language)
        found |= {f"template:{resource}": text for resource, _ in rows}
    return found


def _say_cells(name: str, cells: Sequence[Cell], language: str) -> str:
    comma = "、" if language == "zh" else ", "
    days = say_weekdays(sum(1 << day for day in {cell.weekday for cell in cells}), language)
    order = list(Part)
    parts = comma.join(
        label(part, language) for part in sorted({cell.part for cell in cells}, key=order.index)
    )
    kinds = comma.join(sorted({label(cell.kind, language) for cell in cells}))
    return f"{name} · {days} {parts} · {kinds}"
