"""Every state machine is a table in a docstring: the table that is told is the one in force, pair by pair.

Bookings, holds, placements, rounds and alarms have tests of their own beside their features, too; here the list of
machines is complete.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from app.models.enums import (
    AlarmState,
    BookingState,
    HoldState,
    OfferAnswer,
    PlacementState,
    PlanState,
    RoundState,
    WaitlistState,
)

NOTHING_YET = {"none", "(none)"}


@dataclass(frozen=True)
class Machine:
    """Where a machine's table is, and by which names its parts go."""

    module: str
    states: type[StrEnum]
    acts: str
    table: str = "TRANSITIONS"
    find: str = "find_next_state"
    beginning: str = ""
    """What the docstring calls a state that the record keeps as null."""

    @property
    def home(self) -> ModuleType:
        return importlib.import_module(self.module)

    def transitions(self) -> dict[tuple[str, str], str]:
        """Return the table in force in the words of the docstring."""
        table: Mapping[tuple[Any, Any], Any] = getattr(self.home, self.table)
        return {(self.name(before), act.value): to.value for (before, act), to in table.items()}

    def name(self, state: StrEnum | None) -> str:
        return self.beginning if state is None else state.value

    def list_states(self) -> list[StrEnum | None]:
        return [*([None] if self.beginning else []), *self.states]


MACHINES = {
    "booking": Machine("app.bookings.rules", BookingState, "Act"),
    "hold": Machine("app.bookings.rules", HoldState, "HoldAct", "HOLD_TRANSITIONS", "find_next_hold_state"),
    "placement": Machine("app.placements.rules", PlacementState, "Act"),
    "offer": Machine(
        "app.placements.offer_rules", OfferAnswer, "OfferAct", find="find_answer", beginning="open"
    ),
    "waitlist entry": Machine("app.waitlist.rules", WaitlistState, "EntryAct"),
    "round": Machine("app.rounds.rules", RoundState, "Act"),
    "plan": Machine("app.planning.rules", PlanState, "PlanAct"),
    "alarm": Machine("app.attendance.alarm_rules", AlarmState, "AlarmAct"),
}


def read_docstring(module: ModuleType) -> set[tuple[str, str, str]]:
    """Return the rows of every table in a module's docstring, without headers and beginnings."""
    rows = [line.split("|")[1:4] for line in (module.__doc__ or "").splitlines() if line.startswith("| ")]
    told = {(before.strip(), act.strip(), to.strip()) for before, act, to in rows}
    return {row for row in told if row[0] not in NOTHING_YET | {"from"}}


@pytest.mark.parametrize("name", MACHINES)
def test_docstring_tells_the_table_in_force(name: str) -> None:
    machine = MACHINES[name]
    same_home = [each for each in MACHINES.values() if each.module == machine.module]
    told = read_docstring(machine.home)
    assert told == {(*pair, to) for each in same_home for pair, to in each.transitions().items()}


@pytest.mark.parametrize("name", MACHINES)
def test_every_pair_of_state_and_act_is_decided(name: str) -> None:
    machine = MACHINES[name]
    find, acts = getattr(machine.home, machine.find), getattr(machine.home, machine.acts)
    legal = machine.transitions()
    for state, act in product(machine.list_states(), acts):
        to = find(state, act)
        assert (None if to is None else to.value) == legal.get((machine.name(state), act.value)), (state, act)


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_reached_from_the_beginning(name: str) -> None:
    machine = MACHINES[name]
    rows = [
        [cell.strip() for cell in line.split("|")[1:4]]
        for line in (machine.home.__doc__ or "").splitlines()
        if line.startswith("| ")
    ]
    reached = {to for before, _, to in rows if before in NOTHING_YET}
    legal = machine.transitions()
    while more := {to for (before, _), to in legal.items() if before in reached} - reached:
        reached |= more
    assert {state.value for state in machine.states} <= reached
