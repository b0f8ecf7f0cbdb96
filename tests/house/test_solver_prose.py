"""The functions that the solver gives to others tell parameters, results, shapes, units and errors in numpydoc sections."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from types import FunctionType

import solver
from tests.house.source import imported, modules


def given_to_others() -> list[FunctionType]:
    """Return the functions that the package exports, and whatever else of it the service imports."""
    wanted = {f"solver.{name}" for name in solver.__all__}
    wanted |= {
        name
        for module in modules("app")
        for node in ast.walk(module.tree)
        for name in imported(node)
        if name.startswith("solver.")
    }
    found = [find(name) for name in sorted(wanted)]
    return list({f.__qualname__ + f.__module__: f for f in found if isinstance(f, FunctionType)}.values())


def find(name: str) -> object:
    """Return what an import name stands for."""
    owner, _, last = name.rpartition(".")
    return getattr(import_module(owner), last)


def test_function_given_to_others_describes_its_parameters_and_its_result() -> None:
    functions = given_to_others()
    assert functions
    faults = []
    for function in functions:
        said = inspect.getdoc(function) or ""
        signature = inspect.signature(function)
        place = f"{function.__module__}.{function.__name__}"
        if signature.parameters and "\nParameters\n---" not in said:
            faults.append(f"{place}: no Parameters")
        missing = [name for name in signature.parameters if name not in said]
        if missing:
            faults.append(f"{place}: does not name {missing}")
        if signature.return_annotation not in {None, "None", "NoReturn"} and "\nReturns\n---" not in said:
            faults.append(f"{place}: no Returns")
    assert not faults, "\n".join(faults)
