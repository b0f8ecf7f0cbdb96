"""Eligibility: which rules of a service a person meets on a day, each refusal with its figures. Pure.

Ages are of the day on which care starts; a grade counts while it is valid; consent must be live on the day of the
decision. A rule counts on the days it is in force (domain-rules.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from app.models.enums import ConsentPurpose, EndRule, EvidenceKind, Mobility, Reason, RuleKind
from app.options.facts import CareClass, Claimant, Person, Refusal, Rule, Service
from app.policies.rules import Policies


def count_years(born_on: date, on: date) -> int:
    """Return the age in whole years; a 29 February birthday counts from 1 March in common years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def count_months(born_on: date, on: date) -> int:
    """Return the age in whole months."""
    return (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)


def find_month_birthday(born_on: date, months: int) -> date:
    """Return the first day on which a person is `months` months old (`count_months` turns there)."""
    year, month = divmod(born_on.year * 12 + born_on.month - 1 + months, 12)
    month += 1
    try:
        return date(year, month, born_on.day)
    except ValueError:  # the 31st of a shorter month: the day after its last
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, 1)


def find_last_day(born_on: date, rule: EndRule, policies: Policies) -> date | None:
    """Return the last day of a nursery place by the service's end rule; None where age ends nothing."""
    if rule is EndRule.none:
        return None
    third = find_month_birthday(born_on, 36)
    if rule is EndRule.at_36_months:
        return third - timedelta(days=1)
    month, day = map(int, policies.get("nursery_year_ends").split("-"))
    ends = date(third.year, month, day)
    return ends if ends >= third else date(third.year + 1, month, day)


def find_grade(person: Claimant, on: date) -> int | None:
    """Return the care grade valid on a day, the highest where two proofs overlap."""
    grades = [
        int(proof.value)
        for proof in person.proofs
        if proof.kind == EvidenceKind.care_grade and proof.value is not None and proof.is_valid(on)
    ]
    return max(grades, default=None)


def has_proof(person: Person, kind: EvidenceKind, on: date) -> bool:
    """Return whether a proof of this kind is valid on a day."""
    return any(proof.kind == kind and proof.is_valid(on) for proof in person.proofs)


def list_words(person: Claimant, on: date) -> set[str]:
    """Return the kinds of evidence valid on a day: what the priority class reads."""
    return {proof.kind for proof in person.proofs if proof.is_valid(on)}


def check_consent(person: Person, today: date, policies: Policies) -> list[Refusal]:
    """Refuse where nobody has allowed the matching; for those under 14 only a guardian can."""
    live = [
        leave for leave in person.leaves if leave.purpose is ConsentPurpose.matching and leave.is_live(today)
    ]
    years = count_years(person.born_on, today)
    if years < policies.get("guardian_consent_under_years"):
        if any(leave.by_guardian for leave in live):
            return []
        return [Refusal(Reason.guardian_consent_missing, {"years": years})]
    if any(leave.by_self or leave.by_guardian for leave in live):
        return []
    return [Refusal(Reason.consent_missing)]


def check_service(person: Person, service: Service, on: date, policies: Policies) -> list[Refusal]:
    """Return every rule of the service that the person does not meet on the day care starts."""
    found = [
        refusal
        for rule in service.rules
        if rule.is_valid(on)
        for refusal in _check_rule(person, rule, on, policies)
    ]
    last = find_last_day(person.born_on, service.end_rule, policies)
    if last is not None and on > last:
        found.append(Refusal(Reason.too_old, {"last_day": last.isoformat()}))
    if person.mobility is Mobility.wheelchair and not service.is_step_free:
        found.append(Refusal(Reason.not_step_free))
    if service.is_closed(on):
        found.append(Refusal(Reason.closed, {"on": on.isoformat()}))
    return found


def check_class(person: Person, care_class: CareClass, on: date) -> list[Refusal]:
    """Refuse a class for other ages; ages in months on the day care starts."""
    months = count_months(person.born_on, on)
    low, high = care_class.age_from_months, care_class.age_to_months
    if low is not None and months < low:
        return [Refusal(Reason.too_young, {"months": months, "from_months": low})]
    if high is not None and months >= high:
        return [Refusal(Reason.too_old, {"months": months, "to_months": high})]
    return []


def _check_rule(person: Person, rule: Rule, on: date, policies: Policies) -> Iterator[Refusal]:
    match rule.kind:
        case RuleKind.min_age_years | RuleKind.max_age_years:
            yield from _check_age(count_years(person.born_on, on), rule, "years")
        case RuleKind.min_age_months | RuleKind.max_age_months:
            yield from _check_age(count_months(person.born_on, on), rule, "months")
        case RuleKind.min_care_grade | RuleKind.max_care_grade:
            yield from _check_grade(person, rule, on)
        case RuleKind.weekly_hours_quota:
            yield from _check_entitled(person, on, policies)
        case RuleKind.needs_cognition if not has_proof(person, EvidenceKind.cognition, on):
            yield Refusal(Reason.needs_cognition_flag)
        case RuleKind.excludes_cognition if has_proof(person, EvidenceKind.cognition, on):
            yield Refusal(Reason.not_for_cognition)
        case RuleKind.lives_in_area:
            wanted = {str(code) for code in rule.data.get("areas", ())}
            if not wanted & person.area_codes:
                yield Refusal(Reason.outside_area, {"areas": sorted(wanted)})


def _check_age(age: int, rule: Rule, unit: str) -> Iterator[Refusal]:
    if rule.kind in {RuleKind.min_age_years, RuleKind.min_age_months}:
        if age < rule.value:
            yield Refusal(Reason.too_young, {unit: age, f"from_{unit}": rule.value})
    elif age > rule.value:
        yield Refusal(Reason.too_old, {unit: age, f"to_{unit}": rule.value})


def _check_entitled(person: Person, on: date, policies: Policies) -> Iterator[Refusal]:
    grade = find_grade(person, on)
    if grade is None:
        yield _missing_grade(person, on, None)
    elif str(grade) not in policies.get("weekly_care_hours"):
        yield Refusal(Reason.care_grade_too_low, {"grade": grade})


def _check_grade(person: Person, rule: Rule, on: date) -> Iterator[Refusal]:
    grade = find_grade(person, on)
    if rule.kind is RuleKind.max_care_grade:
        # Who was never assessed is not above any grade.
        if grade is not None and grade > rule.value:
            yield Refusal(Reason.care_grade_too_high, {"grade": grade, "to_grade": rule.value})
    elif grade is None:
        if rule.value > 0:
            yield _missing_grade(person, on, rule.value)
    elif grade < rule.value:
        yield Refusal(Reason.care_grade_too_low, {"grade": grade, "from_grade": rule.value})


def _missing_grade(person: Person, on: date, needed: int | None) -> Refusal:
    ended = [
        proof.valid_to
        for proof in person.proofs
        if proof.kind == EvidenceKind.care_grade and proof.valid_to is not None and proof.valid_to < on
    ]
    data = {} if needed is None else {"from_grade": needed}
    if ended:
        return Refusal(Reason.care_grade_expired, data | {"expired_on": max(ended).isoformat()})
    return Refusal(Reason.care_grade_missing, data)
