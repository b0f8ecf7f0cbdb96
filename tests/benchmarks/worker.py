"""One measurement in a process of its own: ``python -m tests.benchmarks.worker RUNNER INSTANCE LIMIT``, JSON out."""

from __future__ import annotations

import functools
import importlib
import json
import resource
import sys

from tests.benchmarks.instances import draw

RUNNERS = {
    "this solver": ("ours", "run_file", {}),
    "this solver, exactly": ("ours", "run_file", {"gap": 0.0}),
    "this solver, all levels": ("ours", "run_levels", {}),
    "this solver, stable": ("ours", "run_stable", {}),
    "this solver, arrays": ("ours", "run_arrays", {}),
    "this solver, 1 % changed": ("ours", "run_warm", {}),
    "adviser's question": ("ours", "run_question", {}),
    "HiGHS LP": ("peers", "run_highs", {"whole": False}),
    "HiGHS MIP": ("peers", "run_highs", {"whole": True}),
    "SciPy milp": ("peers", "run_scipy", {}),
    "CP-SAT, whole model": ("peers", "run_cpsat", {}),
    "CP-SAT, joint choices": ("peers_stable", "run_joint_choices", {}),
    "matching (Gale-Shapley)": ("peers_stable", "run_gale_shapley", {}),
}


def main(arguments):
    runner, instance, limit = arguments
    module, name, settings = RUNNERS[runner]
    run = functools.partial(getattr(importlib.import_module(f"tests.benchmarks.{module}"), name), **settings)
    result = run(draw(instance), float(limit))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps(result | {"peak_mib": peak // 1024}))


if __name__ == "__main__":
    main(sys.argv[1:])
