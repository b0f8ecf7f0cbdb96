"""What becomes of an offer: pure. The placement's own states are in rules.py; an offer is one telling of it.

| from | act      | to        | when                                                       |
|------|----------|-----------|------------------------------------------------------------|
| none | send     | open      | the person is told; there are some working days to answer  |
| open | accept   | accepted  | the person or guardian says yes in time                    |
| open | decline  | declined  | the person or guardian says no in time                     |
| open | expire   | expired   | nobody answered in time                                    |
| open | withdraw | withdrawn | the site said no, or the placement was recalled            |

Nothing leads out of an answer: whoever is offered a place again is sent another offer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.models.enums import OfferAnswer


class OfferAct(StrEnum):
    """What can be done to an offer that was sent."""

    accept = "accept"
    decline = "decline"
    expire = "expire"
    withdraw = "withdraw"


TRANSITIONS: Final[dict[tuple[OfferAnswer | None, OfferAct], OfferAnswer]] = {
    (None, OfferAct.accept): OfferAnswer.accepted,
    (None, OfferAct.decline): OfferAnswer.declined,
    (None, OfferAct.expire): OfferAnswer.expired,
    (None, OfferAct.withdraw): OfferAnswer.withdrawn,
}
"""None: the offer is open."""


def find_answer(answer: OfferAnswer | None, act: OfferAct) -> OfferAnswer | None:
    """Return the answer that an act makes of an offer, or None where it has one already."""
    return TRANSITIONS.get((answer, act))
