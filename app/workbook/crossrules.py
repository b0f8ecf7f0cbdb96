"""What a row must not say in the light of the rows it refers to: a floor above the building, the wrong kind of class.

Reads rows through `Rows`, whether they stand in the file or in the record; changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

from app.ledger.queries import OCCUPYING
from app.models.enums import AreaKind
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Tabs, index_lines
from app.workbook.sheet import Row
from app.workbook.stores.cells import Week, WeekCell
from app.workbook.stores.children import Capacities
from app.workbook.stores.record import Record
from app.workbook.words import write_word

_ABOVE: Final = {AreaKind.block: AreaKind.subdistrict, AreaKind.committee: AreaKind.block}


class Rows:
    """Rows by sheet and code as they will be: the file's over the record's."""

    def __init__(self, tabs: Tabs, record: Record) -> None:
        self.record = record
        self._lines = {key: index_lines(tab) for key, tab in tabs.items()}
        self._whole = {key for key, tab in tabs.items() if len(tab.places) == len(tab.sheet.columns)}
        self._week: Week | None = None

    def get(self, key: str, code: Any) -> Row:
        """Return a row's values; empty for a code that is nowhere."""
        if code is None:
            return {}
        line = self._lines.get(key, {}).get(code)
        if line is not None and key in self._whole:
            return line.values
        return (self.record.find(key, code) or {}) | (line.values if line else {})

    def list_all(self, key: str) -> Iterator[Row]:
        """Give every row of a sheet as it will be."""
        in_file = self._lines.get(key, {})
        for code in in_file:
            yield self.get(key, code)
        for code, stored in self.record.stored(key).items():
            if code not in in_file:
                yield stored.values

    @property
    def week(self) -> Week:
        """The cells of all classes as they will be."""
        if self._week is None:
            self._week = Week(_to_cell(row) for row in self.list_all("templates") if _is_cell(row))
        return self._week


def _is_cell(row: Row) -> bool:
    return all(row.get(k) is not None for k in ("code", "care_class", "weekday", "part", "valid_from"))


def _to_cell(row: Row) -> WeekCell:
    kinds = frozenset(
        kind for kind, key in zip(Capacities.kinds, Capacities.keys, strict=True) if row.get(key) is not None
    )
    return WeekCell(
        row["code"],
        row["care_class"],
        row["weekday"],
        row["part"],
        row["valid_from"],
        row.get("valid_to"),
        kinds,
    )


def check_together(tabs: Tabs, rows: Rows, findings: Findings) -> None:
    """Note every line that contradicts what it refers to."""
    for key, rule in _RULES.items():
        if key in tabs:
            for line in tabs[key].lines:
                findings.extend(tabs[key], line, rule(line.values, rows))
    _check_live(tabs, rows, findings)


def _check_area(row: Row, rows: Rows) -> Iterator[Problem]:
    wanted = _ABOVE.get(row.get("kind"))  # type: ignore[arg-type]
    above = rows.get("areas", row.get("parent")).get("kind")
    if wanted and above and above is not wanted:
        data = {"wanted": write_word(wanted), "wanted_en": wanted.value}
        yield Problem("parent_level", "parent", data)


def _check_compound(row: Row, rows: Rows) -> Iterator[Problem]:
    above = rows.get("areas", row.get("parent")).get("kind")
    if above and above is not AreaKind.committee:
        data = {"wanted": write_word(AreaKind.committee), "wanted_en": AreaKind.committee.value}
        yield Problem("parent_level", "parent", data)


def _check_home(row: Row, rows: Rows) -> Iterator[Problem]:
    building = rows.get("buildings", row.get("building"))
    if not building:
        return
    if row.get("compound") and building.get("compound") and building["compound"] != row["compound"]:
        data = {"building": row["building"], "compound": row["compound"]}
        yield Problem("building_elsewhere", "building", data)
    floor, floors = row.get("floor"), building.get("floors")
    if floor is not None and floors is not None and floor > floors:
        yield Problem("floor_above_building", "floor", {"floor": floor, "floors": floors})


def _check_closure(row: Row, rows: Rows) -> Iterator[Problem]:
    site = rows.get("services", row.get("service")).get("site")
    if site and site != row.get("site") and rows.get("sites", row.get("site")):
        yield Problem("service_elsewhere", "service", {"service": row["service"], "site": row["site"]})


def _check_placement(row: Row, rows: Rows) -> Iterator[Problem]:
    care_class = rows.get("classes", row.get("care_class"))
    is_kind = rows.get("services", care_class.get("service")).get("kind")
    wanted = rows.get("needs", row.get("need")).get("kind")
    if is_kind and wanted and is_kind is not wanted:
        data = {"is_kind": write_word(is_kind), "wanted": write_word(wanted)}
        yield Problem("kind_differs", "care_class", data)
    span = [row.get(key) for key in ("care_class", "weekdays", "part", "starts_on")]
    if all(value is not None for value in span) and care_class:
        cells = list_covered(rows, row)
        missing = row["weekdays"]
        for cell in cells:
            missing &= ~(1 << cell.weekday)
        if missing:
            yield Problem("no_cells", "weekdays")


def list_covered(rows: Rows, row: Row) -> list[WeekCell]:
    """Return the cells of the week that a placement's row covers."""
    return rows.week.list_cells(
        row["care_class"], row["weekdays"], row["part"], row["starts_on"], row.get("ends_on")
    )


def _check_booking(row: Row, rows: Rows) -> Iterator[Problem]:
    template = rows.get("templates", row.get("template"))
    on = row.get("occurs_on")
    if not template or on is None or template.get("valid_from") is None:
        return
    if on < template["valid_from"] or (template.get("valid_to") and on > template["valid_to"]):
        yield Problem("day_not_of_template", "occurs_on", {"date": on})


def _check_live(tabs: Tabs, rows: Rows, findings: Findings) -> None:
    """One live placement for each need, one open offer for each placement."""
    for key, parent, code, is_live in _LIVE:
        if key not in tabs:
            continue
        tab = tabs[key]
        live: defaultdict[Any, set[Any]] = defaultdict(set)
        for row in rows.list_all(key):
            if is_live(row):
                live[row.get(parent)].add(tab.sheet.identify(row))
        for line in tab.lines:
            owner = line.values.get(parent)
            others = live[owner] - {tab.sheet.identify(line.values)}
            if owner and others and is_live(line.values):
                data = {
                    parent: owner,
                    "owner": "、".join(str(other) for other in sorted(others, key=str)[:3]),
                }
                findings.add(tab, line, Problem(code, parent, data))


def _occupies(row: Row) -> bool:
    return row.get("state") in OCCUPYING and not row.get("is_transfer")


def _changes(row: Row) -> bool:
    return row.get("state") in OCCUPYING and bool(row.get("is_transfer"))


def _is_open(row: Row) -> bool:
    return row.get("answer") is None


_LIVE: Final[tuple[tuple[str, str, str, Callable[[Row], bool]], ...]] = (
    ("placements", "need", "two_live_placements", _occupies),
    ("placements", "need", "two_live_placements", _changes),
    ("offers", "placement", "two_open_offers", _is_open),
)
_RULES: Final[dict[str, Callable[[Row, Rows], Iterator[Problem]]]] = {
    "areas": _check_area,
    "compounds": _check_compound,
    "households": _check_home,
    "residences": _check_home,
    "closures": _check_closure,
    "placements": _check_placement,
    "bookings": _check_booking,
    "slot_days": _check_booking,
}
