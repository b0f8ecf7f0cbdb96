"""A library that decides who gets which place, proves how good the decision is, and says why.

It knows arrays and solving libraries; no date, no wall clock, no database, nothing of the service around it.
"""

from solver.check import Violation, check
from solver.faults import BadInput, Fault
from solver.params import VERSION, Params, Progress
from solver.plan import Blocking, LevelResult, Plan, write_plan
from solver.problem import Excluded, Group, Option, Problem, Request, Resource, Sum, Worst
from solver.read import parse_problem, read_problem
from solver.readplan import parse_plan, read_plan
from solver.solve import solve

__all__ = [
    "VERSION",
    "BadInput",
    "Blocking",
    "Excluded",
    "Fault",
    "Group",
    "LevelResult",
    "Option",
    "Params",
    "Plan",
    "Problem",
    "Progress",
    "Request",
    "Resource",
    "Sum",
    "Violation",
    "Worst",
    "check",
    "parse_plan",
    "parse_problem",
    "read_plan",
    "read_problem",
    "solve",
    "write_plan",
]
