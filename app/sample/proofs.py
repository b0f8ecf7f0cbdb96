"""What is proven about the sample's people, what they consented to, who may fetch a child. Pure.

Some proofs have lapsed, a few consents are missing or withdrawn: the reasons that the office meets have to appear.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from app.models import Consent, Evidence, PickupAuthorisation
from app.models.enums import Channel, ConsentPurpose, EvidenceKind
from app.sample.draws import Draws
from app.sample.names import make_phone
from app.sample.people import People, Someone
from app.sample.rows import Rows

K = EvidenceKind

_SOURCES: Final = {
    K.care_grade: "老年照护统一需求评估（样例）",
    K.cognition: "认知障碍评估（样例）",
    K.low_income: "民政低收入认定（样例）",
    K.minimum_living: "民政低保认定（样例）",
    K.extreme_poverty: "民政特困认定（样例）",
    K.severe_disability: "残疾人证（样例）",
    K.special_care: "优抚证明（样例）",
    K.lost_only_child: "卫健部门认定（样例）",
}
_ELDER_RATES: Final = {
    K.low_income: 0.05,
    K.minimum_living: 0.025,
    K.extreme_poverty: 0.004,
    K.lost_only_child: 0.008,
    K.special_care: 0.012,
    K.severe_disability: 0.018,
}
_CHILD_RATES: Final = {K.low_income: 0.04, K.severe_disability: 0.008, K.custody: 0.008, K.diet: 0.03}
_ALLERGIES: Final = ("花生", "牛奶", "鸡蛋", "海鲜", "青霉素")
_LAPSED_SHARE: Final = 0.07
_NO_CONSENT_SHARE: Final = 0.015
ASSESSMENT_DAYS: Final = 730
"""A care grade is valid for at most two years (V)."""


def build_proofs(rows: Rows, people: People, seed: int, today: date) -> None:
    """Add evidence, consents and pickup authorisations; sets each elder's valid grade."""
    writer = _Writer(rows, Draws(seed, "proofs"), today)
    alone = {id(elder) for elder in people.alone}
    coupled = {id(elder) for pair in people.couples for elder in pair}
    for elder in people.elders:
        writer.add_for_elder(elder, is_alone=id(elder) in alone, is_coupled=id(elder) in coupled)
    for family in people.families:
        writer.add_for_family(family)


class _Writer:
    def __init__(self, rows: Rows, draws: Draws, today: date) -> None:
        self._rows, self._draws, self._today = rows, draws, today

    def add_for_elder(self, elder: Someone, *, is_alone: bool, is_coupled: bool) -> None:
        draws = self._draws
        if draws.chance(0.14 + 0.010 * max(0.0, elder.years - 62)):
            self._add_grade(elder)
        if draws.chance(0.005 + 0.004 * max(0.0, elder.years - 70)):
            elder.has_cognition = True
            self._add(elder, K.cognition, "轻度" if draws.chance(0.6) else "中度")
        for kind, rate in _ELDER_RATES.items():
            if draws.chance(rate):
                self._add(elder, kind)
        if is_alone and draws.chance(0.7):
            self._add(elder, K.lives_alone)
        if is_coupled and elder.years > 70 and draws.chance(0.4):
            self._add(elder, K.only_with_seniors)
        self._add_consents(elder, elder)

    def _add_grade(self, elder: Someone) -> None:
        draws = self._draws
        older = max(0.0, (elder.years - 70) / 25)
        grade = draws.weigh({0: 0.6, 1: 1.0, 2: 1.6, 3: 1.5, 4: 1.0 + older, 5: 0.4 + older, 6: 0.2 + older})
        if draws.chance(_LAPSED_SHARE):
            days_ago = 1 if draws.chance(0.15) else draws.between(2, 240)
            ends = self._today - timedelta(days=days_ago)
        else:
            elder.grade = grade
            ends = self._today + timedelta(days=draws.between(1, ASSESSMENT_DAYS - 1))
        starts = ends - timedelta(days=ASSESSMENT_DAYS - 1)
        self._add(elder, K.care_grade, str(grade), starts=starts, ends=ends)

    def add_for_family(self, family: list[Someone]) -> None:
        draws = self._draws
        parents = family[0].guardians
        both_work = len(parents) == 2 and draws.chance(0.66)
        for child in family:
            if len(parents) == 1:
                self._add(child, K.single_parent)
            if both_work:
                self._add(child, K.both_parents_working)
            if len(family) >= 3:
                self._add(child, K.three_or_more_children)
            if draws.chance(0.07):
                self._add(child, K.allergy, draws.pick(_ALLERGIES))
            for kind, rate in _CHILD_RATES.items():
                if draws.chance(rate):
                    self._add(child, kind)
            self._add_consents(child, parents[0])
            self._add_pickups(child)

    def _add(
        self,
        person: Someone,
        kind: EvidenceKind,
        value: str | None = None,
        *,
        starts: date | None = None,
        ends: date | None = None,
    ) -> None:
        code = f"{person.row['code']}-{kind.value}"
        self._rows.add_sealed(
            Evidence,
            code,
            {"value": value},
            code=code,
            person_id=person.row,
            kind=kind,
            source=_SOURCES.get(kind, "居委会登记（样例）"),
            valid_from=starts or self._today - timedelta(days=self._draws.between(60, 900)),
            valid_to=ends,
        )

    def _add_consents(self, person: Someone, giver: Someone) -> None:
        draws = self._draws
        given = max(self._today - timedelta(days=draws.between(30, 500)), person.row["born_on"])
        purposes = {ConsentPurpose.health_data: 0.94, ConsentPurpose.sharing_with_site: 0.9}
        has_matching = not draws.chance(_NO_CONSENT_SHARE)
        if has_matching:
            withdrawn = draws.chance(0.004)
            self._add_consent(
                person,
                giver,
                ConsentPurpose.matching,
                given,
                given + timedelta(days=20) if withdrawn else None,
            )
        for purpose, rate in purposes.items():
            if has_matching and draws.chance(rate):
                self._add_consent(person, giver, purpose, given, None)

    def _add_consent(
        self, person: Someone, giver: Someone, purpose: ConsentPurpose, given: date, withdrawn: date | None
    ) -> None:
        self._rows.add(
            Consent,
            code=f"{person.row['code']}-{purpose.value}",
            person_id=person.row,
            purpose=purpose,
            given_by_id=giver.row,
            given_on=given,
            valid_to=None,
            withdrawn_on=withdrawn,
            channel=Channel.desk,
        )

    def _add_pickups(self, child: Someone) -> None:
        """Name the verified adults; in a few families only the grandmother, in fewer nobody yet."""
        draws = self._draws
        if child.kept_by_elder:
            adults = [(elder, "祖辈") for elder in child.elders_at_home]
        else:
            adults = [(parent, "父母") for parent in child.guardians]
            adults += [(elder, "祖辈") for elder in child.elders_at_home if draws.chance(0.6)]
        is_verified = not draws.chance(0.01)
        for number, (adult, relation) in enumerate(adults, 1):
            code = f"{child.row['code']}-Q{number}"
            since = self._today - timedelta(days=draws.between(20, 300))
            self._rows.add_sealed(
                PickupAuthorisation,
                code,
                {"phone": make_phone(90_000_000 + number)},
                code=code,
                child_id=child.row,
                adult_id=adult.row,
                adult_name=adult.row["name"],
                relation=relation,
                verified_on=since if is_verified else None,
                valid_from=since,
                valid_to=None,
            )
