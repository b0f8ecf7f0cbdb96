"""What each notice says, in English; the catalogue has the Chinese. No health data, no name, no service's own name.

A service may be called after a diagnosis: a text names the kind of service and the site only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.language.catalogue import LANGUAGES, say
from app.language.labels import N_

TEXTS: Final[Mapping[str, str]] = {
    "offer": N_(
        "CareMatch: there is a place for you in {kind} at {site}, {pattern}, from {starts_on}. Please tell the desk by {until} whether you take it. Offer {code}"
    ),
    "offer_reminder": N_(
        "CareMatch: your place in {kind} at {site} is kept until {until} only. Please tell the desk whether you take it. Offer {code}"
    ),
    "offer_expired": N_(
        "CareMatch: the offer of {kind} at {site} ran out without an answer and went to the next in line. Your waiting time is kept; the desk is glad to help. Offer {code}"
    ),
    "booking_confirmed": N_("CareMatch: booked for {on}, {hours}: {kind} at {site}. Number {code}"),
    "booking_moved": N_("CareMatch: your booking is now on {on}, {hours}: {kind} at {site}. Number {code}"),
    "booking_cancelled": N_(
        "CareMatch: {site} is closed on {on}; your booking ({kind}) is cancelled. The desk will find you another date. Number {code}"
    ),
    "placement_skips": N_(
        "CareMatch: {site} is closed from {first_on} to {last_on}. Your place in {kind} is kept; please do not come on those days. Number {code}"
    ),
    "placement_runs_again": N_(
        "CareMatch: {site} is open again from {first_on}, although it was announced to be closed until {last_on}. Your place in {kind} runs as usual; if you have other plans, please tell the desk. Number {code}"
    ),
    "round_published": N_(
        "CareMatch: the list of the round “{name}” is published. Look under the code {code}, or ask at the desk."
    ),
    "round_withdrawn": N_(
        "CareMatch: the list of the round “{name}” is withdrawn and does not hold. Your draw number stays; the list will be published again. Code {code}"
    ),
    "alarm_raised": N_("CareMatch: an alarm waits for you ({code}). Please open the alarms page at once."),
    "escalation_raised": N_(
        "CareMatch: {count} unmet needs reached the list of your level on {code}. Each needs an outcome by {due_on}."
    ),
    "plan_published": N_(
        "CareMatch: the plan for {on} is published: {proposed} proposed, {offered} offered, {displaced} displaced."
    ),
}
"""By template; figures in braces come from app/notices/facts.py or from the notice's own data."""

TITLES: Final[Mapping[str, str]] = {
    "offer": N_("Place offered"),
    "offer_reminder": N_("Offer about to run out"),
    "offer_expired": N_("Offer ran out"),
    "booking_confirmed": N_("Booking confirmed"),
    "booking_moved": N_("Booking moved"),
    "booking_cancelled": N_("Booking cancelled by a closure"),
    "placement_skips": N_("Closed days"),
    "placement_runs_again": N_("Open again"),
    "round_published": N_("Round published"),
    "round_withdrawn": N_("List of a round withdrawn"),
    "alarm_raised": N_("Alarm raised"),
    "escalation_raised": N_("Unmet needs raised"),
    "plan_published": N_("Plan published"),
}


def write_texts(template: str, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the text by language; `facts` are by language, too. Raises KeyError for an unknown template."""
    return {language: say(TEXTS[template], language, facts[language]) for language in LANGUAGES}
