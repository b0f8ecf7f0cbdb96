"""What has to be decided: the problem of ``solver-problem/1`` as plain data. It neither reads files nor solves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from solver.arrays import Arrays

Label = int | str
Combination = dict[str, str]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that limits: ``capacity`` units, a whole number >= 0."""

    id: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Group:
    """Requests that are decided together; ``joint`` lists the only accepted combinations (member -> option)."""

    id: str
    same_site: bool = False
    all_or_none: bool = False
    joint: Sequence[Combination] | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A place at one site for a request's whole pattern; ``uses`` in units of resources."""

    id: str
    site: str
    uses: Mapping[str, int]
    terms: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Excluded(Option):
    """An option that is not allowed, with its reason; never placed, read by ``explain`` only."""

    reason: str = ""
    data: Any = None


@dataclass(frozen=True, slots=True)
class Request:
    """One who asks for one option out of a few; the order of ``options`` is the order of preference."""

    id: str
    options: Sequence[Option]
    class_: Label | None = None
    group: str | None = None
    must: bool = False
    held: str | None = None
    pinned: bool = False
    excluded: Sequence[Excluded] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """A level that maximises the weighted sum of terms over the placed requests."""

    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Worst:
    """A level that minimises the largest value of one term among the placed requests."""

    term: str


Level = Sum | Worst


@dataclass(frozen=True)
class Problem:
    """A night: resources, groups, requests, and the levels in their order.

    The constructor checks nothing; `solver.read_problem` does. Whoever builds a problem by hand
    may call `solver.limits.check_limits` for the number limits of the format.
    """

    resources: Sequence[Resource]
    groups: Sequence[Group]
    requests: Sequence[Request]
    objective: Sequence[Level]

    @cached_property
    def arrays(self) -> Arrays:
        """The same problem as index arrays, built at first use."""
        from solver.arrays import build_arrays  # noqa: PLC0415 - arrays needs the classes above

        return build_arrays(self)

    @cached_property
    def members(self) -> dict[str, list[Request]]:
        """Members of each group in file order (groups without members included)."""
        found: dict[str, list[Request]] = {group.id: [] for group in self.groups}
        for request in self.requests:
            if request.group is not None:
                found[request.group].append(request)
        return found
