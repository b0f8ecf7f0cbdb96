"""Who acts: a signed-in member of staff, or the command line. No web, no database: queries and rules may use it."""

from __future__ import annotations

from dataclasses import dataclass

from app.models.enums import StaffRole

DESK = frozenset({StaffRole.adviser, StaffRole.coordinator})
"""Roles that sit at a desk: they record people and needs, and book."""
AREA_READERS = frozenset({StaffRole.adviser, StaffRole.coordinator, StaffRole.manager, StaffRole.auditor})
"""Roles that see the people of their areas."""
PEOPLE_READERS = AREA_READERS | {StaffRole.site}
"""Roles that see people at all; `site` only those its sites expect. `admin` sees none."""


@dataclass(frozen=True)
class Actor:
    """One actor with role and scope.

    `area_ids` holds the user's areas *and all below them* down to the compounds; `site_ids` the user's sites.
    The system actor (command line, night) has no user id and sees everything.
    """

    user_id: int | None
    name: str
    role: StaffRole
    area_ids: frozenset[int] = frozenset()
    site_ids: frozenset[int] = frozenset()
    language: str = "zh"
    display_name: str = ""
    login_id: int | None = None
    is_system: bool = False

    @property
    def label(self) -> str:
        """How the audit chain names this actor."""
        return "system" if self.is_system else f"user:{self.user_id}"


def system_actor(name: str = "system") -> Actor:
    """Return the actor of the command line and of the night."""
    return Actor(user_id=None, name=name, role=StaffRole.admin, is_system=True)
