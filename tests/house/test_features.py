"""Features use each other's commands, queries and rules; routes and schemas are each feature's own."""

from __future__ import annotations

import ast

from tests.house.source import imported, modules

PRIVATE = ("routes", "schemas", "cli")


def test_no_feature_reaches_into_anothers_routes_or_schemas() -> None:
    reaching, looked_at = [], 0
    for module in modules("app"):
        own = module.path.split("/")[1]
        if own in {"main.py", "cli.py"}:  # put the features together
            continue
        for node in ast.walk(module.tree):
            for name in imported(node):
                parts = name.split(".")
                if parts[0] != "app" or len(parts) < 3:
                    continue
                looked_at += 1
                if parts[2] in PRIVATE and parts[1] != own:
                    reaching.append(f"{module.path} imports {name}")
    assert looked_at
    assert not reaching


def test_no_file_is_named_after_a_layer_that_does_not_exist() -> None:
    paths = [module.path for module in modules("app")]
    assert paths
    forbidden = {
        "service.py",
        "services.py",
        "utils.py",
        "helpers.py",
        "repository.py",
        "common.py",
        "misc.py",
    }
    assert [path for path in paths if path.rsplit("/", 1)[1] in forbidden] == []


def test_session_is_a_session_of_the_database() -> None:
    """A login is a login and a class or sitting is a slot: the word is taken."""
    wrong = [
        f"{module.path}: {node.name}"
        for module in modules("app")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        and not module.path.endswith("/errors.py")  # a situation's name is a sentence: NotForThisService
        and node.name.endswith(("Session", "Service", "Manager", "Helper"))
        and (module.path, node.name) not in {("app/db.py", "ReadSession"), ("app/db.py", "WriteSession")}
        and node.name != "Service"  # what a provider offers (HSDS)
    ]
    assert not wrong
