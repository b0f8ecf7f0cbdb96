"""What a row of the matrix says: who may ask, and what somebody of another area gets.

`foreign` says what somebody of another area (or of none) gets; None means that the route is open to the whole
subdistrict. `ids` picks the ids out of a list, in which nothing foreign may stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.models.enums import StaffRole

R = StaffRole
ALL: Final = frozenset(R)
DESK: Final = frozenset({R.adviser, R.coordinator})
BOOKERS: Final = DESK | {R.manager}
READERS: Final = frozenset({R.adviser, R.coordinator, R.manager, R.auditor, R.site})
AREA: Final = READERS - {R.site}
SITE_TOO: Final = BOOKERS | {R.site}

NOT_FOUND: Final = (404, "not_found")
NOT_ALLOWED: Final = (403, "not_allowed")
EDIT: Final = {"If-Match": '"1"'}

Ids = Mapping[str, Any]


def nothing(_ids: Ids) -> None:
    """Give no body."""


@dataclass(frozen=True)
class Row:
    """What one route asks of whom."""

    roles: frozenset[StaffRole]
    foreign: tuple[int, str] | None = NOT_FOUND
    body: Callable[[Ids], Any] = nothing
    headers: Mapping[str, str] | None = None
    ids: Callable[[Any], list[int]] | None = None
    mine: str = ""
    """For lists: the key of the id that the owner must find in it."""
    using: Mapping[str, str] = field(default_factory=dict)
    """Parts of the path that take another id than the one of their name."""
    public: bool = False
    page: bool = False
    """Pages send forms; their errors are asked for as problems here."""
    query: str = ""
    """What follows the path: a list asks for a page that holds everything the other cells made."""
    district: bool = False
    """Only for those in charge of the whole subdistrict: one committee is not enough."""


def each(*path: str) -> Callable[[Any], list[int]]:
    """Return what picks ids out of a list of objects, below a key if there is one."""
    *outer, key = path

    def pick(answer: Any) -> list[int]:
        for name in outer:
            answer = answer[name]
        return [row[key] for row in answer]

    return pick
