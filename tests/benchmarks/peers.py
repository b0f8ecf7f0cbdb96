"""What anybody would pick instead, each with its usual settings; imported only in a process of its own."""

from __future__ import annotations

import time

import numpy as np

from tests.benchmarks.matrix import write_programme


def run_highs(draft, limit, *, whole):
    """HiGHS on the whole model: the relaxation alone, or to a proven gap of 1e-4."""
    import highspy

    began = time.monotonic()
    programme = write_programme(draft)
    matrix = programme.rows.tocsc()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(programme.worth), len(programme.low)
    lp.col_cost_ = programme.worth
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_lower_, lp.col_upper_ = programme.floor, np.ones(lp.num_col_)
    lp.row_lower_ = np.nan_to_num(programme.low, neginf=-highspy.kHighsInf)
    lp.row_upper_ = programme.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", float(limit))
    highs.setOptionValue("threads", 2)
    highs.setOptionValue("mip_rel_gap", 1e-4)
    highs.passModel(lp)
    highs.run()
    info = highs.getInfo()
    seconds = time.monotonic() - began
    if not whole:
        return {
            "seconds": seconds,
            "value": None,
            "bound": int(np.floor(info.objective_function_value + 1e-6)),
        }
    found = abs(info.objective_function_value) < 1e19
    value = round(info.objective_function_value) if found else None
    bound = int(np.floor(info.mip_dual_bound + 1e-6)) if abs(info.mip_dual_bound) < 1e19 else None
    return {"seconds": seconds, "value": value, "bound": bound}


def run_scipy(draft, limit):
    """`scipy.optimize.milp`, to the same gap."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    began = time.monotonic()
    programme = write_programme(draft)
    result = milp(
        -programme.worth,
        integrality=np.ones(len(programme.worth)),
        bounds=Bounds(programme.floor, 1),
        constraints=LinearConstraint(programme.rows, programme.low, programme.high),
        options={"time_limit": limit, "mip_rel_gap": 1e-4},
    )
    value = None if result.x is None else round(-result.fun)
    bound = None if result.mip_dual_bound is None else int(np.floor(-result.mip_dual_bound + 1e-6))
    return {"seconds": time.monotonic() - began, "value": value, "bound": bound}


def run_cpsat(draft, limit):
    """CP-SAT on the whole model, two workers."""
    from ortools.sat.python import cp_model

    began = time.monotonic()
    programme = write_programme(draft)
    model = cp_model.CpModel()
    literals = [model.new_bool_var("") for _ in programme.worth]
    rows = programme.rows
    for i in range(rows.shape[0]):
        part = slice(rows.indptr[i], rows.indptr[i + 1])
        total = cp_model.LinearExpr.weighted_sum(
            [literals[j] for j in rows.indices[part]], rows.data[part].astype(np.int64).tolist()
        )
        if np.isfinite(programme.low[i]):
            model.add(total >= int(programme.low[i]))
        model.add(total <= int(programme.high[i]))
    for j in np.flatnonzero(programme.floor).tolist():
        model.add(literals[j] == 1)
    model.maximize(cp_model.LinearExpr.weighted_sum(literals, programme.worth.astype(np.int64).tolist()))
    return solve_cpsat(model, limit, began)


def solve_cpsat(model, limit, began):
    """Run to the same gap; value and bound of a maximised objective."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.relative_gap_limit = 1e-4
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {
        "seconds": time.monotonic() - began,
        "value": round(solver.objective_value) if found else None,
        "bound": int(np.floor(solver.best_objective_bound + 1e-6)) if found else None,
    }
