"""The example of docs/solver.md runs as it stands there, and does what the text says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solver.city import solve_arrays
from solver.params import Params

PAGE = Path(__file__).parents[2] / "docs" / "solver.md"


def test_the_array_example_runs():
    source = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(compile(source, str(PAGE), "exec"), names)
    plan, night = names["plan"], names["night"]
    assert plan.outcome == "optimal"
    placed = names["placed"]
    assert plan.levels[0].value == len(placed) > 1_000
    assert (np.bincount(night.site[placed], minlength=12) <= night.capacity).all()
    with pytest.raises(ValueError, match="welfare mode only"):
        solve_arrays(night, Params("stable"))
