"""Functions that the solver gives to others tell parameters, results, shapes, units and errors in numpydoc sections."""

from __future__ import annotations

import ast

from tests.house.source import imported, modules


def given_to_others() -> list[tuple[str, ast.FunctionDef]]:
    """Return the solver's functions that are imported from outside the package they stand in."""
    wanted = {
        name
        for module in modules("app", "solver")
        for node in ast.walk(module.tree)
        for name in imported(node)
        if name.startswith("solver.") and name.rpartition(".")[0].rpartition(".")[0] != package(module.path)
    }
    return [
        (f"{module.path}:{node.lineno} {node.name}", node)
        for module in modules("solver")
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and f"{dotted_path(module.path)}.{node.name}" in wanted
    ]


def dotted_path(path: str) -> str:
    """Return the import name of a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package(path: str) -> str:
    """Return the import name of the package that a file stands in."""
    return path.rpartition("/")[0].replace("/", ".")


def test_function_given_to_others_describes_its_parameters_and_its_result() -> None:
    functions = given_to_others()
    assert functions
    faults = []
    for place, function in functions:
        said = ast.get_docstring(function) or ""
        arguments = [
            a.arg for a in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        ]
        if arguments and "\nParameters\n---" not in said:
            faults.append(f"{place}: no Parameters")
        missing = [name for name in arguments if name not in said]
        if missing:
            faults.append(f"{place}: does not name {missing}")
        returns_nothing = function.returns is None or ast.unparse(function.returns) in {"None", "NoReturn"}
        if not returns_nothing and "\nReturns\n---" not in said and "\nYields\n---" not in said:
            faults.append(f"{place}: no Returns")
    assert not faults, "\n".join(faults)
