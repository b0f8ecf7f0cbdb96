"""The one reason that stands for a need: what binds at the nearest site meant for the person, never a site for others."""

from __future__ import annotations

import pytest

from app.models.enums import Reason
from app.options.build import Choice, Excluded
from app.options.facts import Refusal
from app.planning.reasons import choose_reason
from tests.app.options.builders import make_service

R = Reason


@pytest.mark.parametrize(
    ("nearest_first", "reason"),
    [
        ([[R.needs_cognition_flag], [R.too_far], [R.too_far]], R.too_far),
        ([[R.needs_cognition_flag], [R.care_grade_missing], [R.too_far]], R.care_grade_missing),
        ([[R.needs_cognition_flag], [R.care_grade_too_high, R.too_far]], R.care_grade_too_high),
        ([[R.not_for_cognition, R.too_far], [R.too_far]], R.too_far),
        ([[R.care_grade_missing, R.too_far], [R.too_far]], R.too_far),
        ([[R.needs_cognition_flag], [R.needs_cognition_flag, R.too_far]], R.needs_cognition_flag),
        ([], R.no_option),
    ],
)
def test_a_site_for_other_people_explains_nothing(nearest_first: list[list[Reason]], reason: Reason) -> None:
    service = make_service()
    excluded = [Excluded(service, [Refusal(each) for each in reasons], None, 1) for reasons in nearest_first]
    assert choose_reason([], Choice((), excluded)) is reason


def test_a_full_place_speaks_before_every_site_out_of_reach() -> None:
    excluded = [Excluded(make_service(), [Refusal(Reason.too_far)], None, 1)]
    assert choose_reason([{"reason": "full"}], Choice((), excluded)) is Reason.full
