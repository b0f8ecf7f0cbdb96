"""A library that decides who gets which place, proves how good the decision is, and says why.

It knows arrays and solving libraries; no date, no wall clock, no database, nothing of the service around it.
"""

from typing import TYPE_CHECKING, Any

from solver.check import Violation, check
from solver.faults import BadInput, Fault
from solver.params import VERSION, Params, Progress
from solver.plan import Blocking, LevelResult, Plan, write_plan
from solver.problem import Excluded, Group, Option, Problem, Request, Resource, Sum, Worst
from solver.read import parse_problem, read_problem
from solver.readplan import parse_plan, read_plan

if TYPE_CHECKING:
    from solver.decide import solve

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


def __getattr__(name: str) -> Any:
    """Load the methods only when somebody solves: reading and checking need no numerical library to start."""
    if name == "solve":
        from solver.decide import solve as found  # noqa: PLC0415 - the point of this function

        return found
    raise AttributeError(f"module 'solver' has no attribute {name!r}")
