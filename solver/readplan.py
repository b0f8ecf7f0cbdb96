"""From a file of ``solver-plan/1`` to a `Plan`: shapes only; whether it keeps the rules is for `solver.check`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

from solver.plan import Blocking, LevelResult, Outcome, Plan
from solver.strictjson import NUMBER_LIMIT, Checker, TooManyFaults, kind, load

if TYPE_CHECKING:
    from pathlib import Path

    from solver.params import Mode

FORMAT = "solver-plan/1"
LARGEST_REAL = 2.0**62  # as every sum of the format
OUTCOMES = ("optimal", "feasible", "infeasible", "no_answer")
TOP = frozenset(
    [
        "format",
        "outcome",
        "mode",
        "placements",
        "unplaced",
        "levels",
        "blocking",
        "blocking_bound",
        "cut_short",
        "prices",
        "seconds",
        "seed",
        "version",
        "conflict",
    ]
)


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Parameters
    ----------
    path : str or Path
        ``-`` is standard input; gzip is recognised.

    Returns
    -------
    Plan
        Well-formed; whether it is right, `check` tells.

    Raises
    ------
    BadInput
        With every fault of its form.

    """
    return parse_plan(load(path))


def parse_plan(document: Any) -> Plan:
    """Check the shape of a parsed plan.

    Parameters
    ----------
    document : Any
        What `json` makes of a plan file.

    Returns
    -------
    Plan
        Well-formed; whether it is right, `check` tells.

    Raises
    ------
    BadInput
        With every fault of its form.

    """
    reader = _Reader()
    plan = Plan("no_answer")
    with contextlib.suppress(TooManyFaults):
        plan = reader.plan(document)
    reader.finish()
    return plan


class _Reader(Checker):
    def plan(self, document: Any) -> Plan:
        top = self.object(document, "", TOP, ("format", "outcome", "placements"))
        if "format" in top and top["format"] != FORMAT:
            self.fault("format", f"must be {FORMAT!r}, not {kind(top['format'])}")
        if top.get("outcome", "feasible") not in OUTCOMES:
            self.fault("outcome", f"must be one of {', '.join(OUTCOMES)}")
        if top.get("mode", "welfare") not in ("welfare", "stable"):
            self.fault("mode", "must be 'welfare' or 'stable'")
        bound = top.get("blocking_bound")
        return Plan(
            outcome=cast("Outcome", top.get("outcome")),
            mode=cast("Mode", top.get("mode", "welfare")),
            placements=self.choices(top.get("placements", {}), "placements"),
            unplaced=[
                self.text(v, f"unplaced[{i}]")
                for i, v in enumerate(self.list(top.get("unplaced", []), "unplaced"))
            ],
            levels=[
                self.level(v, f"levels[{i}]")
                for i, v in enumerate(self.list(top.get("levels", []), "levels"))
            ],
            blocking=[
                self.blocked(v, f"blocking[{i}]")
                for i, v in enumerate(self.list(top.get("blocking", []), "blocking"))
            ],
            blocking_bound=None if bound is None else self.integer(bound, "blocking_bound", 0),
            cut_short=self.boolean(top.get("cut_short", False), "cut_short"),
            prices={
                k: self.real(v, f"prices.{k}") for k, v in self.names(top.get("prices", {}), "prices").items()
            },
            seconds=self.real(top.get("seconds", 0), "seconds"),
            seed=self.integer(top.get("seed", 0), "seed"),
            version=self.text(top.get("version", "?"), "version"),
            cutoffs={
                k: self.integer(v, f"x_cutoffs.{k}")
                for k, v in self.names(top.get("x_cutoffs", {}), "x_cutoffs").items()
            },
            conflict=[
                self.text(v, f"conflict[{i}]")
                for i, v in enumerate(self.list(top.get("conflict", []), "conflict"))
            ],
        )

    def choices(self, value: Any, path: str) -> dict[str, str]:
        return {k: self.text(v, f"{path}.{k}") for k, v in self.names(value, path).items()}

    def level(self, value: Any, path: str) -> LevelResult:
        entry = self.object(value, path, frozenset({"value", "bound", "gap"}), ("value",))
        reached = self.total(entry.get("value", 0), path + ".value")
        bound, gap = entry.get("bound"), entry.get("gap")
        return LevelResult(
            reached,
            None if bound is None else self.total(bound, path + ".bound"),
            None if gap is None else self.real(gap, path + ".gap"),
        )

    def total(self, value: Any, path: str) -> int:
        if type(value) is int and abs(value) <= NUMBER_LIMIT * 512:
            return value
        return self.integer(value, path)

    def blocked(self, value: Any, path: str) -> Blocking:
        entry = self.object(value, path, frozenset({"of", "combination"}), ("of", "combination"))
        return Blocking(
            self.text(entry.get("of", "?"), path + ".of"),
            self.choices(entry.get("combination", {}), path + ".combination"),
        )

    def real(self, value: Any, path: str) -> float:
        if type(value) not in (int, float):
            self.fault(path, f"must be a number, not {kind(value)}")
        elif not abs(value) <= LARGEST_REAL:
            self.fault(path, "is too large to be a number here")
        else:
            return float(value)
        return 0.0
