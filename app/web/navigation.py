"""Which pages a role finds in the bar above every page, in order; the address decides nothing, the routes do."""

from __future__ import annotations

from typing import Final

from app.language.labels import N_
from app.models.enums import StaffRole

ALL: Final = frozenset(StaffRole)
MANAGING: Final = frozenset({StaffRole.manager, StaffRole.auditor})
"""The desks find the same pages by the links of the first page."""

ENTRIES: Final[tuple[tuple[str, str, frozenset[StaffRole]], ...]] = (
    ("/", N_("Tonight's plan"), ALL),
    (
        "/coordinator",
        N_("Today's board"),
        frozenset({StaffRole.coordinator, StaffRole.site, StaffRole.manager}),
    ),
    ("/desk", N_("Desk"), frozenset({StaffRole.adviser, StaffRole.coordinator})),
    ("/kitchen", N_("Kitchen"), frozenset({StaffRole.coordinator, StaffRole.site, StaffRole.manager})),
    ("/visits", N_("Run sheets"), frozenset({StaffRole.coordinator, StaffRole.site})),
    ("/escorts", N_("Escort groups"), frozenset({StaffRole.coordinator, StaffRole.site})),
    (
        "/closures",
        N_("Closures"),
        frozenset({StaffRole.adviser, StaffRole.coordinator, StaffRole.manager}),
    ),
    ("/plan/proposals", N_("Person by person"), MANAGING),
    ("/coverage", N_("Coverage"), MANAGING),
    ("/unmet", N_("Unmet needs"), MANAGING),
    ("/shopping", N_("Shopping list"), MANAGING),
    ("/notices", N_("Notices"), MANAGING),
    ("/rounds", N_("Rounds"), MANAGING | {StaffRole.coordinator}),
    ("/map", N_("Map"), ALL),
)
"""Address, text, roles."""


def list_entries(role: StaffRole) -> list[tuple[str, str]]:
    """Return (address, English text) of what a role's bar shows."""
    return [(address, text) for address, text, roles in ENTRIES if role in roles]
