"""Whole faces: the bound that a decided face proves holds for every plan on it, whichever way the earlier level is kept."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from solver import Params
from solver.welfare import faces
from solver.welfare.model import build_model
from solver.welfare.relax import LevelRow, Relaxation
from solver.welfare.state import Run, is_feasible, level_values
from tests.solver.tiny import tiny_problem


def list_plans(model):
    """Every plan of a tiny model as int64[U] with its values."""
    spans = [[-1, *range(model.unit_start[unit], model.unit_start[unit + 1])] for unit in range(model.units)]
    for choice in product(*spans):
        chosen = np.array(choice, dtype=np.int64)
        if is_feasible(model, chosen):
            yield chosen, level_values(model, chosen)


def search(seed: int):
    """Decide the second level of a tiny night whose first is kept at its best; None where it has no such levels."""
    model = build_model(tiny_problem(seed, 5).arrays)
    sums = [level for level, each in enumerate(model.levels) if not each.worst]
    plans = list(list_plans(model))
    if len(sums) < 2 or not plans:
        return None
    first, second = sums[:2]
    most = max(values[first] for _, values in plans)
    kept = [(chosen, values) for chosen, values in plans if values[first] == most]
    run = Run(model, Params(time_limit=30))
    run.offer(min(kept, key=lambda each: each[1][second])[0])
    face = Relaxation(
        model,
        np.ones(model.columns, dtype=np.bool_),
        model.unit_must.copy(),
        model.equal.copy(),
        [LevelRow(first, model.levels[first].value, most)],
    )
    best = max(values[second] for _, values in kept)
    cap = sum(int(np.abs(model.levels[second].value).sum()) for _ in range(2))
    return best, faces.search_whole(run, face, second, cap), run.values[second]


@pytest.mark.parametrize("way", ["joined with a weight", "joined with one too small", "kept by a row"])
def test_bound_of_a_whole_face_is_its_best_value(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "kept by a row":
        monkeypatch.setattr(faces, "LEAST_WEIGHT", 10**12)
    elif way == "joined with one too small":
        monkeypatch.setattr(faces, "LEAST_WEIGHT", 1)
        monkeypatch.setattr(faces, "LARGEST", 30.0)
    decided = 0
    for seed in range(120):
        found = search(seed)
        if found is None:
            continue
        best, bound, reached = found
        if bound is None:  # nobody on the face has a choice
            assert reached == best, f"seed {seed}: something was left to decide"
            continue
        assert bound == best, f"seed {seed}: the bound {bound} of a face whose best is {best}"
        decided += 1
    assert decided > 30
