"""Tables whose rows are parts of a parent's row in the workbook: aliases, roles, capacities, patterns, wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.areas.rules import normalise_name
from app.db import Base
from app.models import (
    AreaAlias,
    NeedPattern,
    NeedPreference,
    PersonRole,
    SlotTemplateCapacity,
)
from app.models.enums import CapacityKind
from app.workbook.compound_cells import Pattern
from app.workbook.sheet import Row
from app.workbook.stores.codes import Codes, table_of

_BATCH = 500

Parts = Iterable[tuple[Any, Row]]


class Child:
    """A child table: which columns of the sheet it fills, from which rows."""

    model: ClassVar[type[Base]]
    parent: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    empty: ClassVar[Row]

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:
        """Return the values of the filled columns by parent id."""
        raise NotImplementedError

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:
        """Return the child's rows for one parent."""
        raise NotImplementedError

    def differs(self, before: Row, after: Row) -> bool:
        """Return whether the filled columns differ."""
        return any(before.get(key) != after.get(key) for key in self.keys)

    def insert(self, session: Session, parts: Parts, codes: Codes) -> None:
        """Insert the child's rows of new parents."""
        records = [record for parent_id, row in parts for record in self.list_records(parent_id, row, codes)]
        if records:
            session.execute(insert(table_of(self.model)), records)

    def replace(self, session: Session, parts: Sequence[tuple[Any, Row]], codes: Codes) -> None:
        """Put the child's rows of changed parents in the place of the old ones."""
        column = table_of(self.model).c[self.parent]
        ids = [parent_id for parent_id, _ in parts]
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            session.execute(delete(table_of(self.model)).where(column.in_(batch)))
        self.insert(session, parts, codes)


class Aliases(Child):
    """Other names of an area, stored normalised."""

    model, parent, keys, empty = AreaAlias, "area_id", ("aliases",), {"aliases": ()}

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:  # noqa: ARG002
        """Return the aliases by area, sorted."""
        found: dict[Any, Row] = {}
        rows = session.execute(select(AreaAlias.area_id, AreaAlias.alias).order_by(AreaAlias.alias))
        for area_id, alias in rows:
            row = found.setdefault(area_id, {"aliases": ()})
            row["aliases"] += (alias,)
        return found

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return one row an alias."""
        return [
            {"area_id": parent_id, "alias": normalise_name(alias)}
            for alias in sorted(set(row.get("aliases") or ()))
        ]


class Roles(Child):
    """Elder, child."""

    model, parent, keys, empty = PersonRole, "person_id", ("roles",), {"roles": ()}

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:  # noqa: ARG002
        """Return the roles by person, sorted."""
        found: dict[Any, Row] = {}
        for person_id, role in session.execute(select(PersonRole.person_id, PersonRole.role)):
            row = found.setdefault(person_id, {"roles": ()})
            row["roles"] = tuple(sorted((*row["roles"], role)))
        return found

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return one row a role."""
        return [{"person_id": parent_id, "role": role} for role in row.get("roles") or ()]


class Capacities(Child):
    """One column for each capacity kind, of a weekly slot."""

    model, parent = SlotTemplateCapacity, "template_id"
    kinds = tuple(CapacityKind)
    keys = tuple(f"capacity_{kind.value}" for kind in kinds)
    empty: ClassVar[Row] = dict.fromkeys(keys)

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:  # noqa: ARG002
        """Return the capacities by template."""
        found: dict[Any, Row] = {}
        rows = session.execute(
            select(SlotTemplateCapacity.template_id, SlotTemplateCapacity.kind, SlotTemplateCapacity.capacity)
        )
        for template_id, kind, capacity in rows:
            found.setdefault(template_id, dict(self.empty))[f"capacity_{kind.value}"] = capacity
        return found

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return one row a kind that has a capacity."""
        return [
            {"template_id": parent_id, "kind": kind, "capacity": row[f"capacity_{kind.value}"]}
            for kind in CapacityKind
            if row.get(f"capacity_{kind.value}") is not None
        ]


class Patterns(Child):
    """The patterns a need accepts, best first."""

    model, parent, keys, empty = NeedPattern, "need_id", ("patterns",), {"patterns": ()}

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:  # noqa: ARG002
        """Return the patterns by need, in rank order."""
        found: dict[Any, Row] = {}
        rows = session.execute(
            select(
                NeedPattern.need_id, NeedPattern.weekdays, NeedPattern.part, NeedPattern.occurs_on
            ).order_by(NeedPattern.need_id, NeedPattern.rank)
        )
        for need_id, weekdays, part, occurs_on in rows:
            row = found.setdefault(need_id, {"patterns": ()})
            row["patterns"] += (Pattern(weekdays, part, occurs_on),)
        return found

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return one row a pattern, ranked from 1."""
        return [
            {"need_id": parent_id, "rank": rank, **pattern._asdict()}
            for rank, pattern in enumerate(row.get("patterns") or (), start=1)
        ]


class Preferences(Child):
    """The services a need would rather have, best first."""

    model, parent, keys, empty = NeedPreference, "need_id", ("preferences",), {"preferences": ()}

    def load(self, session: Session, codes: Codes) -> dict[Any, Row]:
        """Return the services' codes by need, in rank order."""
        found: dict[Any, Row] = {}
        columns = (NeedPreference.need_id, NeedPreference.service_id)
        rows = session.execute(select(*columns).order_by(NeedPreference.need_id, NeedPreference.rank))
        for need_id, service_id in rows:
            row = found.setdefault(need_id, {"preferences": ()})
            row["preferences"] += (codes.code_of(("services",), service_id),)
        return found

    def list_records(self, parent_id: Any, row: Row, codes: Codes) -> list[dict[str, Any]]:
        """Return one row a wish, ranked from 1."""
        return [
            {"need_id": parent_id, "rank": rank, "service_id": codes.id_of(("services",), service)}
            for rank, service in enumerate(row.get("preferences") or (), start=1)
        ]
