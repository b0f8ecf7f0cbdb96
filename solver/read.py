"""From a file of ``solver-problem/1`` to a `Problem`, with every fault named by its path. It never guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.problem import Excluded, Group, Level, Option, Problem, Request, Resource, Sum, Worst
from solver.strictjson import Checker, TooManyFaults, kind, load

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "solver-problem/1"

TOP = frozenset({"format", "resources", "groups", "requests", "objective"})
RESOURCE = frozenset({"id", "capacity"})
GROUP = frozenset({"id", "same_site", "all_or_none", "joint"})
REQUEST = frozenset({"id", "class", "group", "must", "held", "pinned", "options", "excluded"})
OPTION = frozenset({"id", "site", "uses", "terms", "priority"})
EXCLUDED = OPTION | {"reason", "data"}
LEVEL = frozenset({"sum", "worst"})


def read_problem(path: str | Path) -> Problem:
    """Read and check a problem.

    Parameters
    ----------
    path : str or Path
        ``-`` is standard input; gzip is recognised.

    Returns
    -------
    Problem
        Checked, ready for `solve`.

    Raises
    ------
    BadInput
        With every fault found (at most 1,000).

    """
    return parse_problem(load(path))


def parse_problem(document: Any) -> Problem:
    """Check a parsed JSON document and turn it into a problem.

    Parameters
    ----------
    document : Any
        What `json` makes of a problem file.

    Returns
    -------
    Problem
        Checked, ready for `solve`.

    Raises
    ------
    BadInput
        With every fault found (at most 1,000).

    """
    reader = _Reader()
    try:
        problem = reader.problem(document)
    except TooManyFaults:
        problem = None
    reader.finish()
    assert problem is not None
    from solver.limits import check_limits  # noqa: PLC0415 - numpy, most of what starting takes, after the signals' ears

    check_limits(problem)
    return problem


class _Reader(Checker):
    def __init__(self) -> None:
        super().__init__()
        self.resources: dict[str, int] = {}
        self.worst_terms: set[str] = set()

    def unique(self, entry: dict[str, Any], path: str, seen: set[str] | dict[str, Any], what: str) -> str:
        if "id" not in entry:  # told already: nothing stands twice because it is missing twice
            return ""
        name = self.text(entry["id"], path + ".id")
        if name and name in seen:
            self.fault(path + ".id", f"the {what} id {name!r} stands twice")
        return name

    def problem(self, document: Any) -> Problem:
        top = self.object(document, "", TOP, ("format", "resources", "requests", "objective"))
        if "format" in top and top["format"] != FORMAT:
            self.fault("format", f"must be {FORMAT!r}, not {kind(top['format'])}")
        resources = []
        for i, item in enumerate(self.list(top.get("resources", []), "resources")):
            path = f"resources[{i}]"
            entry = self.object(item, path, RESOURCE, ("id", "capacity"))
            name = self.unique(entry, path, self.resources, "resource")
            capacity = self.integer(entry.get("capacity", 0), path + ".capacity", 0)
            self.resources[name] = i
            resources.append(Resource(name, capacity))
        objective = self.objective(top)
        groups, joints = self.groups(top)
        names: set[str] = set()
        group_names = {group.id for group in groups}
        requests = []
        for i, item in enumerate(self.list(top.get("requests", []), "requests")):
            request = self.request(item, f"requests[{i}]", names, group_names)
            names.add(request.id)
            requests.append(request)
        if isinstance(top.get("requests"), list):
            self.check_joints(requests, joints)
        return Problem(resources, groups, requests, objective)

    def objective(self, top: dict[str, Any]) -> list[Level]:
        levels: list[Level] = []
        items = self.list(top.get("objective", [None]), "objective")
        if not items:
            self.fault("objective", "must name at least one level")
        for i, item in enumerate(items):
            path = f"objective[{i}]"
            if "objective" not in top:
                break
            entry = self.object(item, path, LEVEL)
            if ("sum" in entry) == ("worst" in entry):
                if isinstance(item, dict):
                    self.fault(path, "must hold either 'sum' or 'worst'")
            elif "sum" in entry:
                weights = self.names(entry["sum"], path + ".sum")
                levels.append(Sum({k: self.integer(v, f"{path}.sum.{k}") for k, v in weights.items()}))
            else:
                term = self.text(entry["worst"], path + ".worst")
                self.worst_terms.add(term)
                levels.append(Worst(term))
        return levels

    def groups(self, top: dict[str, Any]) -> tuple[list[Group], list[tuple[int, Group]]]:
        groups: list[Group] = []
        joints = []
        names: set[str] = set()
        for i, item in enumerate(self.list(top.get("groups", []), "groups")):
            path = f"groups[{i}]"
            entry = self.object(item, path, GROUP, ("id",))
            name = self.unique(entry, path, names, "group")
            names.add(name)
            joint = None
            if "joint" in entry:
                joint = [
                    {
                        member: self.text(option, f"{path}.joint[{j}].{member}")
                        for member, option in self.names(combination, f"{path}.joint[{j}]").items()
                    }
                    for j, combination in enumerate(self.list(entry["joint"], path + ".joint"))
                ]
            group = Group(
                name,
                self.boolean(entry.get("same_site", False), path + ".same_site"),
                self.boolean(entry.get("all_or_none", False), path + ".all_or_none"),
                joint,
            )
            groups.append(group)
            if joint is not None:
                joints.append((i, group))
        return groups, joints

    def request(self, item: Any, path: str, names: set[str], group_names: set[str]) -> Request:
        entry = self.object(item, path, REQUEST, ("id", "options"))
        name = self.unique(entry, path, names, "request")
        label = entry.get("class")
        if "class" in entry and type(label) is not str:
            label = self.integer(label, path + ".class")
        group = None
        if "group" in entry:
            group = self.text(entry["group"], path + ".group")
            if group and group not in group_names:
                self.fault(path + ".group", f"unknown group {group!r}")
        seen: set[str] = set()
        options = [
            self.option(option, f"{path}.options[{j}]", seen)
            for j, option in enumerate(self.list(entry.get("options", []), path + ".options"))
        ]
        held = None
        if "held" in entry:
            held = self.text(entry["held"], path + ".held")
            if held and held not in seen:
                self.fault(path + ".held", f"{held!r} is not among the options")
        pinned = "pinned" in entry and self.boolean(entry["pinned"], path + ".pinned")
        if pinned and held is None:
            self.fault(path + ".pinned", "is set without 'held'")
        excluded: list[Excluded] = []
        if "excluded" in entry:
            for j, option in enumerate(self.list(entry["excluded"], path + ".excluded")):
                excluded.append(self.excluded(option, f"{path}.excluded[{j}]", seen))
        must = "must" in entry and self.boolean(entry["must"], path + ".must")
        return Request(name, options, label, group, must, held, pinned, excluded)

    def option(self, item: Any, path: str, seen: set[str], known: frozenset[str] = OPTION) -> Option:
        entry = self.object(item, path, known, ("id", "site", "uses"))
        name = self.unique(entry, path, seen, "option")
        seen.add(name)
        site = self.text(entry.get("site", "?"), path + ".site")
        uses = self.names(entry.get("uses", {}), path + ".uses")
        for key, amount in uses.items():
            if key not in self.resources:
                self.fault(path + ".uses", f"unknown resource {key!r}")
            if type(amount) is not int or not 0 <= amount <= 2**53:
                self.integer(amount, f"{path}.uses.{key}", 0)
        terms: dict[str, int] = {}
        if "terms" in entry:
            terms = self.names(entry["terms"], path + ".terms")
            for key, value in terms.items():
                if type(value) is not int or not -(2**53) <= value <= 2**53:
                    self.integer(value, f"{path}.terms.{key}")
                elif value < 0 and key in self.worst_terms:
                    self.fault(f"{path}.terms.{key}", f"is negative ({value}), but a 'worst' level reads it")
        priority = self.integer(entry["priority"], path + ".priority") if "priority" in entry else 0
        return Option(name, site, uses, terms, priority)

    def excluded(self, item: Any, path: str, seen: set[str]) -> Excluded:
        option = self.option(item, path, seen, EXCLUDED)
        entry = item if isinstance(item, dict) else {}
        if "reason" not in entry:
            self.fault(path, "'reason' is missing")
        reason = self.text(entry.get("reason", "?"), path + ".reason")
        data = self.free(entry.get("data"), path + ".data")
        return Excluded(option.id, option.site, option.uses, option.terms, option.priority, reason, data)

    def check_joints(self, requests: list[Request], joints: list[tuple[int, Group]]) -> None:
        """Follow each combination's references, but none to where another fault left nothing to read."""
        by_id = {request.id: request for request in reversed(requests)} if joints else {}
        for i, group in joints:
            for j, combination in enumerate(group.joint or ()):
                path = f"groups[{i}].joint[{j}]"
                if not combination:
                    self.fault(path, "must place at least one member")
                for member, option in combination.items():
                    request = by_id.get(member)
                    if request is None and "" in by_id:
                        continue  # it may be the one whose id could not be read
                    if request is None or request.group not in (group.id, ""):
                        self.fault(path, f"{member!r} is not a member of {group.id!r}")
                    elif option and {option, ""}.isdisjoint(each.id for each in request.options):
                        self.fault(path, f"{member!r} has no option {option!r}")
