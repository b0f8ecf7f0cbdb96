"""One true sentence per reason, with the figures of the case; the most telling variant whose figures are there is taken.

`app/language/reasons.py` chooses and fills them. A variant never claims what its figures do not say.
"""

from __future__ import annotations

from typing import Final

from app.language.labels import N_
from app.models.enums import Reason

SENTENCES: Final[dict[Reason, tuple[str, ...]]] = {
    Reason.placed: (N_("Has this place."),),
    Reason.less_preferred: (N_("Got a place that ranks higher among the wishes."),),
    Reason.full: (
        N_(
            "Full on {on}: of {capacity} ({kind}) {left} are left and {wanted} are needed; the next date with enough is {next_on}."
        ),
        N_(
            "Full on {on}: of {capacity} ({kind}) {left} are left and {wanted} are needed; not enough until {until_on}."
        ),
        N_(
            "Full on {on}: of {capacity} ({kind}) {taken} are taken and {kept} kept for urgent cases; the next free date is {next_on}."
        ),
        N_(
            "Full on {on}: of {capacity} ({kind}) {taken} are taken and {kept} kept for urgent cases; none is free until {until_on}."
        ),
        N_("Full on {on}: {taken} of {capacity} ({kind}) are taken; the next free date is {next_on}."),
        N_("Full on {on}: {taken} of {capacity} ({kind}) are taken, and none is free until {until_on}."),
        N_("No place free: {short_by} too few in the fullest cell of the week."),
        N_("No place free."),
    ),
    Reason.group: (N_("A place is free, but not for all who belong together."),),
    Reason.outweighed: (N_("By the published order the place does more for others who wait."),),
    Reason.too_far: (
        N_(
            "The walk of {metres} m counts as {cost_metres} m with stairs and pace, {over_metres} m over the limit of {limit_metres} m."
        ),
        N_("The way is {cost_metres} m, {over_metres} m over the limit of {limit_metres} m."),
        N_("Beyond the limit of {limit_metres} m, or no way on foot leads there."),
        N_("No way on foot leads there within reach."),
    ),
    Reason.no_way_down: (
        N_("Lives on floor {floor} without a lift and cannot take the stairs; a lift would change this."),
        N_("Cannot take the stairs, and there is no lift."),
    ),
    Reason.too_young: (
        N_("{months} months old; taken from {from_months} months on."),
        N_("{years} years old; taken from {from_years} on."),
        N_("Younger than the service takes."),
    ),
    Reason.too_old: (
        N_("{months} months old; taken until {to_months} months."),
        N_("{years} years old; taken up to {to_years}."),
        N_("By age a place there would have ended on {last_day}."),
        N_("Older than the service takes."),
    ),
    Reason.care_grade_too_low: (
        N_("Care grade {grade}; the service takes grade {from_grade} and above."),
        N_("Care grade {grade} carries no hours of long-term-care insurance."),
        N_("The care grade is below what the service asks for."),
    ),
    Reason.care_grade_too_high: (
        N_("Care grade {grade}; the service takes up to grade {to_grade}."),
        N_("The care grade is above what the service can care for."),
    ),
    Reason.care_grade_missing: (
        N_("No care assessment yet; the service takes grade {from_grade} and above. Ask for an assessment."),
        N_("No care assessment yet, and the service asks for one."),
    ),
    Reason.care_grade_expired: (
        N_("The care assessment ended on {expired_on}; it has to be renewed first."),
        N_("The care assessment has expired; it has to be renewed first."),
    ),
    Reason.needs_cognition_flag: (
        N_("The service is only for people with a cognition finding; none is on record."),
    ),
    Reason.not_for_cognition: (N_("The service does not take people with a cognition finding."),),
    Reason.outside_area: (N_("The service is only for people of its own area."),),
    Reason.consent_missing: (N_("The person has not yet agreed to the matching; ask and note it first."),),
    Reason.guardian_consent_missing: (
        N_("{years} years old: a guardian has to agree to the matching first."),
        N_("A guardian has to agree to the matching first."),
    ),
    Reason.not_on_these_days: (
        N_("The service does not run on: {missing}."),
        N_("The service does not run on the days asked for."),
    ),
    Reason.smaller_pattern: (N_("Only fewer days than asked for would fit."),),
    Reason.closed: (N_("Closed on {on}."), N_("Closed.")),
    Reason.calendar_not_published: (
        N_("The calendar of {year} is not published yet; nothing can be promised there."),
    ),
    Reason.beyond_horizon: (N_("Bookings are open until {last_day} only."),),
    Reason.quota_used_up: (
        N_("Of {meals} meals a month {left_meals} are left in {month}; {wanted_meals} are asked for."),
        N_(
            "Of {hours} hours a week of long-term care {left_minutes} minutes are left; {wanted_minutes} are asked for."
        ),
        N_("The person's hours a week or meals a month are used up."),
    ),
    Reason.not_wished: (
        N_(
            "The conditions are met, but {fits_behind} other places or teams come first, and this one is not among the wishes."
        ),
        N_(
            "Not looked at: {nearer_sites} other places or teams come first that take the person, and this one is not among the wishes."
        ),
        N_("Not among the wishes."),
    ),
    Reason.no_option: (
        N_("The need ended on {ended_on}."),
        N_("No service of this kind can take the person."),
    ),
    Reason.double_booked: (
        N_("Has something else at that time ({with})."),
        N_("Has something else at that time."),
    ),
    Reason.not_step_free: (N_("Uses a wheelchair; the site has steps."),),
    Reason.carer_not_suited: (N_("The carer lacks a skill or does not match the wish."),),
    Reason.no_pickup_adult: (N_("No named and verified adult can fetch the child at that time."),),
    Reason.waits_for_round: (
        N_("Places are given in a round; its list is published on {publishes_on}."),
        N_("Places are given when the round closes."),
    ),
    Reason.escort_missing: (N_("Has to be accompanied, and the service has nobody who goes along."),),
    Reason.inside_notice: (N_("{on} is too soon for the night's plan; the desk gives such a place."),),
    Reason.need_changed: (
        N_("The wish was changed after the night had read it; the next night decides on it as it is now."),
    ),
}
"""By reason, the variant with the most figures first; the last is true whatever the figures."""
