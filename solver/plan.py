"""What was decided: the plan of ``solver-plan/1`` and how it is written whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from solver.params import VERSION, Mode

if TYPE_CHECKING:
    from solver.problem import Combination

Outcome = Literal["optimal", "feasible", "infeasible", "no_answer"]


@dataclass(frozen=True, slots=True)
class LevelResult:
    """A level's reached value with its proven bound; None where nothing was proven.

    ``told_gap`` is what a plan that was read says its gap is, for `solver.check`; ``gap`` is what it is.
    """

    value: int
    bound: int | None = None
    told_gap: float | None = field(default=None, compare=False)

    @property
    def gap(self) -> float | None:
        """|bound - value| / max(1, |value|)."""
        return None if self.bound is None else abs(self.bound - self.value) / max(1, abs(self.value))


@dataclass(frozen=True, slots=True)
class Blocking:
    """A request or group that prefers a combination it could claim by priority."""

    of: str
    combination: Combination


@dataclass(slots=True)
class Plan:
    """A decided night; ``conflict`` holds sentences and only where the outcome is infeasible.

    ``cutoffs`` (``x_cutoffs`` in the file, stable mode): the lowest priority let in, per full resource.
    """

    outcome: Outcome
    mode: Mode = "welfare"
    placements: dict[str, str] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)
    levels: list[LevelResult] = field(default_factory=list)
    blocking: list[Blocking] = field(default_factory=list)
    blocking_bound: int | None = None
    cut_short: bool = False
    prices: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    seed: int = 0
    version: str = VERSION
    conflict: list[str] = field(default_factory=list)
    cutoffs: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The plan as the object of the file format."""
        document: dict[str, Any] = {
            "format": "solver-plan/1",
            "outcome": self.outcome,
            "mode": self.mode,
            "placements": self.placements,
            "unplaced": self.unplaced,
            "levels": [
                {"value": level.value, "bound": level.bound, "gap": level.gap} for level in self.levels
            ],
            "blocking": [{"of": each.of, "combination": dict(each.combination)} for each in self.blocking],
            "blocking_bound": self.blocking_bound,
            "cut_short": self.cut_short,
            "prices": self.prices,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "version": self.version,
        }
        if self.conflict:
            document["conflict"] = self.conflict
        if self.mode == "stable" and self.placements:
            document["x_cutoffs"] = self.cutoffs
        return document


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan whole or not at all.

    Parameters
    ----------
    plan : Plan
        What to write.
    path : str or Path
        ``-`` is standard output; a name that ends in ``.gz`` is compressed.

    Raises
    ------
    OSError
        Where the folder cannot be written; an older file then stays as it was.

    """
    write_document(plan.to_json(), path)


def write_document(document: dict[str, Any], path: str | Path) -> None:
    """Write one JSON document as `write_plan` does."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"
    raw = text.encode("utf-8", "surrogatepass") if text.isascii() else _encode(text, document)
    if str(path) == "-":
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    if target.suffix == ".gz":
        raw = gzip.compress(raw, compresslevel=5, mtime=0)
    if target.exists() and not target.is_file():  # a pipe or /dev/stdout cannot be replaced
        target.write_bytes(raw)
        return
    target = target.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _encode(text: str, document: dict[str, Any]) -> bytes:
    """UTF-8, or plain ASCII with escapes where an id holds half a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return (json.dumps(document, ensure_ascii=True, allow_nan=False) + "\n").encode()
