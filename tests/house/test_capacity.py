"""How much of a slot is taken has one owner, and the list of those who ask it for places is complete.

Every module in `WRITERS` has a race for the last place in tests/concurrency: add both, or neither.
"""

from __future__ import annotations

import ast

from tests.house.source import dotted, imported, modules

OWNER = "app/ledger/"
WRITERS = {
    "app/bookings/changes.py": "takes for holds and bookings, frees holds that ran out",
    "app/bookings/closures.py": "frees what a closure ends",
    "app/bookings/commands.py": "books, moves, cancels",
    "app/bookings/reopening.py": "keeps the dated slots still while a closure ends",
    "app/bookings/running.py": "takes the places again that skipped days of a closure",
    "app/bookings/holds.py": "holds and releases",
    "app/meals/commands.py": "ticks guests who eat in",
    "app/placements/absences.py": "frees a placement's date, or takes it again",
    "app/placements/byhand.py": "places by hand",
    "app/placements/changes.py": "frees what was declined, withdrawn, ended",
    "app/placements/moving.py": "moves children to another class or wave",
    "app/placements/moving_up.py": "moves children into the next class on the day",
    "app/planning/commands.py": "rolls a plan back",
    "app/planning/rebase.py": "asks what a plan would overfill",
    "app/planning/publish.py": "publishes a plan: gives back what it replaces, sets aside what it proposes",
    "app/placements/offers.py": "frees offers that ran out, many at once",
    "app/placements/transfers.py": "frees what a late yes leaves of a new place; the new place itself is published",
    "app/placements/standby.py": "offers what came free to the next in line",
    "app/workbook/stores/placements.py": "brings in the placements that an office has",
    "app/slots/commands.py": "adds dated slots and changes capacities",
}
"""Modules that take or give back capacity through the owner, each with what for."""
STATEMENTS = {"update", "insert", "delete", "pg_insert", "sqlite_insert"}


def writes_capacity(node: ast.AST) -> bool:
    """Return whether a node changes rows of SlotCapacity or assigns to `taken`."""
    if isinstance(node, ast.Call):
        name = dotted(node.func).rpartition(".")[2]
        if (
            name in STATEMENTS
            and node.args
            and dotted(node.args[0]) in {"SlotCapacity", "models.SlotCapacity"}
        ):
            return True
        return name == "SlotCapacity"
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and target.attr == "taken" for target in targets)
    return False


def test_only_the_ledger_writes_what_is_taken() -> None:
    outside, inside = [], 0
    for module in modules("app"):
        found = list(module.find(writes_capacity))
        if module.path.startswith(OWNER):
            inside += len(found)
        else:
            outside += found
    assert inside, "the owner writes nothing: this test looks at the wrong words"
    assert not outside


def test_list_of_capacity_writers_is_complete() -> None:
    asking = {
        module.path
        for module in modules("app")
        if not module.path.startswith(OWNER)
        and any(
            name.startswith("app.ledger.commands")
            for node in ast.walk(module.tree)
            for name in imported(node)
        )
    }
    assert asking
    assert asking - WRITERS.keys() == set(), (
        "new writers: give each a race in tests/concurrency and a line here"
    )
    assert WRITERS.keys() - asking == set(), "these do not write any more"
