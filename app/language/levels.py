"""The levels of the published order by name, as a manager reads them."""

from __future__ import annotations

from typing import Final

from app.language.catalogue import say
from app.language.labels import N_

TITLES: Final[dict[str, str]] = {
    "days": N_("days of care for class {number}"),
    "served": N_("people of class {number} with a place"),
    "waited": N_("months waited"),
    "stay": N_("proposals that stay as they were"),
    "worst_beyond": N_("the longest walk beyond a person's own limit"),
    "beyond": N_("walks beyond people's own limits"),
    "rank": N_("wishes"),
    "metres": N_("metres walked"),
    "draw": N_("order of the draw"),
}


def level_title(name: str, language: str) -> str:
    """Return a level's name in words; `name` is that of a night's report, a class behind it where it has one."""
    if name in TITLES:
        return say(TITLES[name], language)
    term, _, number = name.rpartition("_")
    return say(TITLES[term], language, {"number": number})
