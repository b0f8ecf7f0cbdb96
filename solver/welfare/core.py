"""The small combinatorial core: most units keep their column, a few hundred are decided exactly, level by level."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.clauses import ENDLESS, NONE, Whole, WholeAnswer, solve_by_clauses
from solver.welfare.integers import is_empty, solve_whole
from solver.welfare.joint import join

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run


@dataclass(frozen=True)
class Core:
    """``free`` bool[U]: units that are decided anew, by the relaxation's columns and full rows;
    ``chosen`` int64[U]: what all others keep; ``start`` int64[U]: a plan that differs from it in these units only.
    ``apart``: others are still open, so rows that no free unit touches need not be full yet.
    ``slack``: how near to the optimum is near enough.
    ``work``: decide by clauses (CP-SAT) within so many deterministic seconds; 0: by branching (HiGHS) within nodes.
    """

    free: Bools
    relaxation: Relaxation
    chosen: Ints
    start: Ints | None = None
    apart: bool = False
    slack: float = 0.0
    work: float = 0.0


@dataclass(frozen=True)
class CoreAnswer:
    """``chosen`` int64[U] of the whole night or None; ``bounds`` per level, valid for this core only."""

    chosen: Ints | None
    impossible: bool = False
    bounds: list[int | None] = field(default_factory=list)


@dataclass
class _Rows:
    """Rows of the core's programme, level rows added as levels close."""

    parts: list[sparse.csr_array]
    lower: list[Ints]
    upper: list[Ints]

    def add(self, value: Ints, least: int = NONE, most: int = ENDLESS) -> None:
        """A level stays between what must be kept of it and what is proven of it."""
        self.parts.append(sparse.csr_array(value[np.newaxis, :]))
        self.lower.append(np.array([least], dtype=np.int64))
        self.upper.append(np.array([most], dtype=np.int64))

    def programme(self, cost: Ints) -> Whole:
        matrix = sparse.vstack(self.parts, format="csr")
        return Whole(cost, matrix, np.concatenate(self.lower), np.concatenate(self.upper))


def solve_core(
    run: Run,
    core: Core,
    levels: list[int],
    floors: list[tuple[int, int]],
    nodes: int,
    cap: int | None = None,
    until: list[int | None] | None = None,
) -> CoreAnswer:
    """Optimise ``levels`` in turn over the core; ``floors``: (level, least total) that must be kept.

    ``cap`` is a proven bound of the first level: the search ends there. ``until``: what each level aims at; the first
    that falls short is the last one optimised.
    """
    model = run.model
    if not core.free.any():
        return CoreAnswer(core.chosen.copy())
    kept, columns = _split(run, core)
    rows = _rows(run, core, columns, kept, floors)
    if rows is None:
        return CoreAnswer(None, impossible=True)
    answer: Ints | None = None
    bounds: list[int | None] = []
    hint = _hint(core, columns)
    for level in levels:
        value = model.levels[level].value[columns]
        rest = int(model.levels[level].value[kept].sum())
        if cap is not None and level == levels[0] and value.any():
            rows.add(value, most=cap - rest)
        if answer is not None and not value.any():
            bounds.append(rest)
            continue
        seconds = run.search_seconds()
        began = time.monotonic()
        found = _solve(run, core, rows.programme(value), hint if answer is None else answer, seconds, nodes)
        run.late |= found.status == "limit" and time.monotonic() - began >= seconds
        bounds.append(None if found.bound is None else found.bound + rest)
        if found.x is None:
            if answer is None:
                return CoreAnswer(None, found.status == "infeasible", bounds)
            break
        answer = found.x
        reached = int(value @ answer)
        rows.add(value, least=reached)
        aim = None if until is None else until[level]
        if aim is not None and reached + rest < aim - run.params.gap * abs(aim):
            break
    assert answer is not None
    return CoreAnswer(_whole(run, core, columns, answer), bounds=bounds)


def solve_together(run: Run, core: Core, levels: list[int], floors: list[tuple[int, int]]) -> CoreAnswer:
    """Optimise ``levels`` one before the other in one search by clauses, as many of them as whole numbers hold.

    Where it ends, each of these has its bound; where it does not, the first alone, and None for the others.
    """
    model = run.model
    kept, columns = _split(run, core)
    rows = _rows(run, core, columns, kept, floors)
    if rows is None:
        return CoreAnswer(None, impossible=True)
    values = [model.levels[level].value[columns] for level in levels]
    joint = join(values, model.column_unit[columns], core.relaxation.must)
    values = values[: len(joint.weights)]
    rests = [int(model.levels[level].value[kept].sum()) for level in levels[: len(values)]]
    programme, hint = rows.programme(joint.cost(values)), _hint(core, columns)
    seconds, began = run.search_seconds(), time.monotonic()
    found = solve_by_clauses(programme, run.params.seed, seconds, core.work, hint)
    run.late |= found.status == "limit" and time.monotonic() - began >= seconds
    bounds: list[int | None] = [None if found.bound is None else joint.bound_first(found.bound) + rests[0]]
    bounds += [None] * (len(values) - 1)
    if found.x is None:
        return CoreAnswer(None, found.status == "infeasible", bounds)
    if found.status == "optimal":
        bounds = [int(value @ found.x) + rest for value, rest in zip(values, rests, strict=True)]
    return CoreAnswer(_whole(run, core, columns, found.x), bounds=bounds)


def _hint(core: Core, columns: Ints) -> Ints | None:
    """int64[columns]: what the plan to begin with chooses of them."""
    return None if core.start is None else np.isin(columns, core.start[core.start >= 0]).astype(np.int64)


def _whole(run: Run, core: Core, columns: Ints, taken: Ints) -> Ints:
    """int64[U]: the plan of a core's answer, and of all others as they are."""
    whole = core.chosen.copy()
    whole[core.free] = -1
    own = columns[taken == 1]
    whole[run.model.column_unit[own]] = own
    return whole


def _solve(
    run: Run, core: Core, programme: Whole, start: Ints | None, seconds: float, nodes: int
) -> WholeAnswer:
    if core.work:
        return solve_by_clauses(programme, run.params.seed, seconds, core.work, start, core.slack)
    return solve_whole(programme, run.params.seed, seconds, nodes, start, core.slack)


def is_impossible(run: Run, core: Core, floors: list[tuple[int, int]]) -> bool:
    """Whether presolving alone shows that the core holds no plan."""
    if not core.free.any():
        return False
    kept, columns = _split(run, core)
    rows = _rows(run, core, columns, kept, floors)
    if rows is None:
        return True
    seconds, began = run.search_seconds(), time.monotonic()
    is_out = is_empty(rows.programme(np.zeros(len(columns), dtype=np.int64)), seconds)
    run.late |= not is_out and time.monotonic() - began >= seconds
    return is_out


def _split(run: Run, core: Core) -> tuple[Ints, Ints]:
    """Columns that are kept, columns to choose from."""
    kept = core.chosen[(core.chosen >= 0) & ~core.free]
    return kept, np.flatnonzero(core.free[run.model.column_unit] & core.relaxation.active)


def _rows(run: Run, core: Core, columns: Ints, kept: Ints, floors: list[tuple[int, int]]) -> _Rows | None:
    """Build the core's rows; None where what is kept already breaks one."""
    model = run.model
    must, equal = core.relaxation.must, core.relaxation.equal
    units, local = np.unique(model.column_unit[columns], return_inverse=True)
    if (core.free & must).sum() > must[units].sum():
        return None
    mask = np.zeros(model.columns, dtype=np.int64)
    mask[kept] = 1
    rest = model.rhs - model.matrix @ mask
    matrix = model.matrix[:, columns].tocsr()
    touched = np.flatnonzero(np.diff(matrix.indptr) > 0)
    untouched = np.ones(len(rest), dtype=np.bool_)
    untouched[touched] = False
    if (rest[untouched] < 0).any() or (not core.apart and (rest[untouched & equal] != 0).any()):
        return None
    pick = sparse.csr_array(
        (np.ones(len(columns), dtype=np.int64), (local, np.arange(len(columns)))),
        shape=(len(units), len(columns)),
    )
    rows = _Rows(
        [pick, matrix[touched]],
        [np.where(must[units], 1, NONE), np.where(equal[touched], rest[touched], NONE)],
        [np.ones(len(units), dtype=np.int64), rest[touched]],
    )
    for level, least in floors:
        value = model.levels[level].value
        outside = int(value[kept].sum())
        if value[columns].any():
            most = _most(run, level)  # clauses conclude much from a level that is known from both sides
            rows.add(value[columns], least - outside, ENDLESS if most is None else max(least, most) - outside)
        elif outside < least:
            return None
    return rows


def _most(run: Run, level: int) -> int | None:
    """What is proven of a level, or reached: what a plan has is certain, and a bound below it no proof."""
    proven = run.bounds[level]
    return proven if proven is None or not run.values else max(proven, run.values[level])
