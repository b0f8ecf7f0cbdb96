"""Which tests one worker runs, one after the other: those of a file on one database, so that what they share is made once.

Marks would do (`--dist loadgroup`), but pytest-xdist 3.8 does not see them beside pytest 9.2.
"""

from __future__ import annotations

from xdist.scheduler.loadscope import LoadScopeScheduling

WHOLE = ("tests/browser/", "tests/house/")
"""Folders whose files share what is dear: a served town, the parsed source."""


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # the library carries no types
    """Shares are handed out in the order of collection, whichever worker is free."""

    def _split_scope(self, nodeid: str) -> str:
        return name_share(nodeid)


def name_share(nodeid: str) -> str:
    """Return the name of the share that a test belongs to."""
    file, _, test = nodeid.partition("::")
    for folder in WHOLE:
        if file.startswith(folder):
            return folder
    return f"{file} on postgresql" if "postgresql" in test else file
