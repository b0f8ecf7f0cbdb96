"""Fills in what other cells of a row say: birth date and sex from an ID number, WGS-84 from a point. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.areas.errors import PointOutsideDistrict
from app.areas.rules import Bounds, Point, check_within, convert_to_wgs84, normalise_name
from app.models.enums import Datum
from app.people.identity import parse_id_number
from app.workbook.faults import Problem
from app.workbook.sheet import Row


@dataclass(frozen=True)
class Completion:
    """What completing a row depends on besides the row."""

    today: date
    bounds: Bounds

    def complete(self, sheet: str, row: Row) -> Iterator[Problem]:
        """Fill in a row in place; give what contradicts itself."""
        if sheet == "people":
            yield from self._complete_person(row)
        elif sheet in ("compounds", "sites"):
            yield from self._convert_point(row)
        if row.get("aliases"):
            row["aliases"] = tuple(sorted({normalise_name(alias) for alias in row["aliases"]}))

    def _complete_person(self, row: Row) -> Iterator[Problem]:
        if not row.get("id_number"):
            return
        inside = parse_id_number(row["id_number"])
        if row.get("born_on") is None:
            row["born_on"] = inside.born_on
        elif row["born_on"] != inside.born_on:
            yield Problem("birth_date_differs", "born_on", {"inside": inside.born_on.isoformat()})
        if row.get("sex") is None:
            row["sex"] = inside.sex
        elif row["sex"] is not inside.sex:
            yield Problem("sex_differs", "sex")

    def _convert_point(self, row: Row) -> Iterator[Problem]:
        if row.get("longitude") is None or row.get("latitude") is None:
            return
        point = Point(row["latitude"], row["longitude"])
        if self.bounds.contains(Point(point.longitude, point.latitude)):
            yield Problem("point_swapped", "longitude")
            return
        if row.get("datum") is None:
            return
        row["source_datum"] = row.get("source_datum") or row["datum"]
        point = convert_to_wgs84(point, row["datum"])
        try:
            check_within(point, self.bounds)
        except PointOutsideDistrict as fault:
            data = {key: fault.data[key] for key in ("latitude", "longitude")}
            yield Problem("point_outside_district", "longitude", data)
        row.update(latitude=point.latitude, longitude=point.longitude, datum=Datum.wgs84)
