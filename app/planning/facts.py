"""What one moment of the record says about placements, groups, rounds and slots, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.models.enums import CapacityKind, GroupKind, Mode, PlacementState, WishPart
from app.options.build import Ground
from app.options.facts import CareClass, Cell, Need, Person, Service
from app.rounds.rules import Window

PROMISED = frozenset({PlacementState.offered, PlacementState.confirmed, PlacementState.active})
"""States that the person has been told of: a plan may not take these away."""


@dataclass(frozen=True, slots=True)
class Held:
    """A live placement with what it uses: (template id, kind, amount)."""

    id: int
    code: str
    need_id: int
    person_id: int
    class_id: int
    weekdays: int
    part: WishPart
    starts_on: date
    ends_on: date | None
    state: PlacementState
    is_pinned: bool
    plan_id: int | None
    uses: Sequence[tuple[int, CapacityKind, int]]

    @property
    def is_promised(self) -> bool:
        """Whether the person has been told."""
        return self.state in PROMISED


@dataclass(frozen=True, slots=True)
class Group:
    """People who belong together."""

    id: int
    code: str
    kind: GroupKind
    same_site: bool
    all_or_none: bool


@dataclass(frozen=True, slots=True)
class Round:
    """A window in which needs count as simultaneous."""

    window: Window
    mode: Mode
    order: Mapping[str, Any] = field(default_factory=dict)
    """What puts people into classes, as announced; empty where nothing was announced here."""

    @property
    def code(self) -> str:
        """Return the round's code."""
        return self.window.code


@dataclass(frozen=True)
class Snapshot:
    """The record at one moment, read in one transaction."""

    effective_on: date
    ground: Ground
    needs: Sequence[Need]
    """Open needs and those that hold a place, by code."""
    people: Mapping[int, Person]
    held: Mapping[int, Held]
    """Live placement by need id."""
    groups: Mapping[int, Group]
    rounds: Mapping[int, Round]
    closed_slots: frozenset[tuple[int, date]]
    """(template id, date) of slots that are shut."""
    slot_capacities: Mapping[tuple[int, date, CapacityKind], int]
    """Where a dated slot has another capacity than its template."""
    dated_uses: Mapping[tuple[int, date, CapacityKind], int]
    """Bookings of one date and live holds."""
    adult_codes: Mapping[int, str]
    """Codes of the adults who pick children up."""
    prices: Mapping[str, Any] = field(default_factory=dict)
    """Prices of the plan in force: the warm start."""
    service_of_class: Mapping[int, Service] = field(default_factory=dict)
    class_by_id: Mapping[int, CareClass] = field(default_factory=dict)
    cell_by_id: Mapping[int, Cell] = field(default_factory=dict)
    class_of_cell: Mapping[int, int] = field(default_factory=dict)
