"""Places that people of the sample already have, with the faults that any first import holds.

The rules of the night decide who may have which place, so that nothing is wrong but what is made wrong on purpose:
lapsed grades, twins apart, an over-full class.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select, update

from app.db import WriteSession
from app.models import Evidence, Need, Placement, PlacementUse
from app.models.enums import (
    CapacityKind,
    Channel,
    EvidenceKind,
    GroupKind,
    NeedState,
    Origin,
    PlacementState,
    RuleKind,
    ServiceKind,
)
from app.options.build import Candidate, build_choice, list_cells
from app.options.facts import Need as NeedFacts
from app.options.facts import Person as PersonFacts
from app.options.ground import load_ground
from app.options.load import load_needs
from app.options.people import load_people
from app.options.rules import check_class, check_service, find_month_birthday
from app.sample.draws import Draws
from app.sample.needs import FOR_CHILDREN, Asked
from app.sample.rows import Row, Rows
from app.sample.wishes import PLACED

LAPSED_GRADES: Final = 3
OVERFULL_BY: Final = 2
NOON: Final = time(12)
_PIN_REASONS: Final = ("家属接送时间固定，与中心约定（样例）", "过渡期由同一照护员服务（样例）")


def place_existing(
    session: WriteSession,
    asked: dict[ServiceKind, list[Asked]],
    *,
    scale: float,
    seed: int,
    today: date,
    now: datetime,
) -> dict[str, int]:
    """Write the placements that exist and return how many rows each table got."""
    placer = _Placer(session, seed, today, now)
    for kind, count in PLACED.items():
        placer.place_kind(_gather(asked[kind]), kind, round(count * scale))
    placer.write()
    placer.let_grades_lapse()
    return {
        "placement": len(placer.rows.tables[Placement]),
        "placement_use": len(placer.rows.tables[PlacementUse]),
    }


def _gather(asked: Sequence[Asked]) -> list[list[Asked]]:
    """Return weekly needs by group, in order: people who belong together are placed together."""
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        if one.is_weekly:
            group = one.row["group_id"]
            groups.setdefault(one.row["code"] if group is None else group["code"], []).append(one)
    return list(groups.values())


class _Placer:
    def __init__(self, session: WriteSession, seed: int, today: date, now: datetime) -> None:
        self._session, self._today, self._now = session, today, now
        self._draws = Draws(seed, "placements")
        self._ground = load_ground(session, today)
        wanted = (Need.kind.in_(list(PLACED))) & (Need.state == NeedState.open)
        self._needs = {need.id: need for need in load_needs(session, wanted)}
        self._people = load_people(session, select(Need.person_id).where(wanted), today)
        self._used: Counter[tuple[int, CapacityKind]] = Counter()
        self._busy: set[tuple[int, int, bool]] = set()  # person, weekday, after noon
        self._changes: list[dict[str, object]] = []
        self._graded: list[int] = []  # persons placed where the rules demand a grade
        self.rows = Rows(str(seed))

    def place_kind(self, groups: list[list[Asked]], kind: ServiceKind, count: int) -> None:
        """Give `count` needs of a kind a place; the faults come first, while everybody is still there to choose."""
        queue = self._draws.shuffle(groups)
        placed = 0
        if kind is ServiceKind.after_school:
            placed += self._split_twins(queue)
        if kind is ServiceKind.nursery:
            placed += self._overfill_a_class(queue, count)
        for group in queue:
            if placed >= count:
                return
            if len(group) <= count - placed:
                placed += self._place_together(group)

    def _place_together(self, group: list[Asked]) -> int:
        """Place everybody of a group at one site, or nobody; returns how many."""
        choices = [self._choose(one) for one in group]
        if not all(choices):
            return 0
        for service_id in dict.fromkeys(one.service.id for one in choices[0][:24]):
            picked: list[Candidate] = []
            taken: Counter[tuple[int, CapacityKind]] = Counter()
            for choice in choices:
                found = self._find_fitting(choice, taken, service_id)
                if found is None:
                    break
                picked.append(found)
                taken.update(dict(_list_uses(found)))
            if len(picked) == len(group):
                for one, candidate in zip(group, picked, strict=True):
                    self._add(one, candidate)
                return len(group)
        return 0

    def _split_twins(self, queue: list[list[Asked]]) -> int:
        """Place one pair of twins at two sites: an inherited fault."""
        for group in queue:
            if len(group) != 2 or group[0].group is not GroupKind.twins:
                continue
            first, second = (self._choose(one) for one in group)
            pair = next(
                ((a, b) for a in first for b in second if a.service.site_id != b.service.site_id), None
            )
            if pair is not None:
                queue.remove(group)
                for one, candidate in zip(group, pair, strict=True):
                    self._add(one, candidate)
                return 2
        return 0

    def _overfill_a_class(self, queue: list[list[Asked]], count: int) -> int:
        """Fill the smallest class that can be overfilled, two above its places: an inherited fault."""
        by_class: dict[int, list[tuple[list[Asked], Candidate]]] = defaultdict(list)
        for group in queue:
            if len(group) == 1:
                seen: set[int] = set()
                for candidate in self._choose(group[0]):
                    if candidate.care_class.id not in seen and candidate.pattern.weekdays == 31:
                        seen.add(candidate.care_class.id)
                        by_class[candidate.care_class.id].append((group, candidate))
        ways = [
            (size, class_id)
            for class_id, found in by_class.items()
            if (size := _find_most_places(found[0][1]) + OVERFULL_BY) <= min(len(found), count)
        ]
        if not ways:
            return 0
        size, class_id = min(ways)
        for group, candidate in by_class[class_id][:size]:
            queue.remove(group)
            self._add(group[0], candidate)
        return size

    def _choose(self, one: Asked) -> list[Candidate]:
        """Return what the rules allow both today and on the first day that the night could give, best first."""
        need, person = self._facts(one)
        tomorrow, policies = self._today + timedelta(days=1), self._ground.policies
        return [
            candidate
            for candidate in build_choice(need, person, self._ground).candidates
            if not check_service(person, candidate.service, tomorrow, policies)
            and not check_class(person, candidate.care_class, tomorrow)
            and self._busy.isdisjoint(_list_halves(person, candidate))
        ]

    def _facts(self, one: Asked) -> tuple[NeedFacts, PersonFacts]:
        need = self._needs[one.row["id"]]
        return need, self._people[need.person_id]

    def _find_fitting(
        self, choice: list[Candidate], taken: Counter[tuple[int, CapacityKind]], service_id: int
    ) -> Candidate | None:
        for candidate in choice:
            if candidate.service.id == service_id and all(
                self._used[key] + taken[key] + amount <= capacity
                for key, amount, capacity in _list_uses_with_capacity(candidate)
            ):
                return candidate
        return None

    def _add(self, one: Asked, candidate: Candidate) -> None:
        need, person = self._facts(one)
        starts_on = self._draw_start(person, candidate)
        is_pinned = self._draws.chance(0.04)
        row = self.rows.add(
            Placement,
            code=one.row["code"].replace("-N", "-L"),
            need_id=need.id,
            person_id=need.person_id,
            class_id=candidate.care_class.id,
            weekdays=candidate.pattern.weekdays,
            part=candidate.pattern.part,
            starts_on=starts_on,
            ends_on=candidate.ends_on or self._draw_end(),
            state=PlacementState.active if starts_on <= self._today else PlacementState.confirmed,
            origin=Origin.imported,
            is_pinned=is_pinned,
            pin_reason=self._draws.pick(_PIN_REASONS) if is_pinned else "",
            confirmed_at=self._now - timedelta(days=max(1, (self._today - starts_on).days + 7)),
            confirmed_by="监护人" if need.kind in FOR_CHILDREN else "本人",
            confirmed_channel=Channel.desk,
            site_confirmed_at=self._now - timedelta(days=1) if candidate.service.site_confirms else None,
            ended_reason="",
            version=1,
        )
        self._add_uses(row, candidate)
        self._busy |= _list_halves(person, candidate)
        if any(rule.kind is RuleKind.min_care_grade for rule in candidate.service.rules):
            self._graded.append(need.person_id)
        self._changes.append(
            {
                "id": need.id,
                "state": NeedState.placed,
                "starts_on": starts_on,
                "entered_on": starts_on - timedelta(days=self._draws.between(10, 120)),
                "wants_transfer": one.group is None and self._draws.chance(0.02),
            }
        )

    def _add_uses(self, row: Row, candidate: Candidate) -> None:
        for (template_id, kind), amount in _list_uses(candidate):
            self._used[template_id, kind] += amount
            self.rows.add(PlacementUse, placement_id=row, template_id=template_id, kind=kind, amount=amount)

    def _draw_start(self, person: PersonFacts, candidate: Candidate) -> date:
        if self._draws.chance(0.08):
            return self._today + timedelta(days=self._draws.between(1, 9))
        days = 75 if candidate.service.kind in FOR_CHILDREN else 300
        starts_on = self._today - timedelta(days=self._draws.between(5, days))
        months = candidate.care_class.age_from_months
        return starts_on if months is None else max(starts_on, find_month_birthday(person.born_on, months))

    def _draw_end(self) -> date | None:
        return self._today + timedelta(days=self._draws.between(12, 75)) if self._draws.chance(0.03) else None

    def write(self) -> None:
        """Insert the placements with their uses and mark their needs as placed."""
        self.rows.write(self._session)
        self._session.execute(update(Need), self._changes)

    def let_grades_lapse(self) -> None:
        """Let the grades of a few people end yesterday who have a place where one is demanded."""
        self._session.execute(
            update(Evidence)
            .where(
                Evidence.person_id.in_(self._graded[:LAPSED_GRADES]),
                Evidence.kind == EvidenceKind.care_grade,
            )
            .values(valid_to=self._today - timedelta(days=1))
            .execution_options(synchronize_session=False)
        )


def _list_halves(person: PersonFacts, candidate: Candidate) -> set[tuple[int, int, bool]]:
    """Return the halves of the week's days that a place takes of a person, before and after noon; meals take none."""
    if candidate.service.kind is ServiceKind.canteen:
        return set()
    return {(person.id, cell.weekday, cell.starts_at >= NOON) for cell in list_cells(candidate.stages[0])}


def _list_uses(candidate: Candidate) -> list[tuple[tuple[int, CapacityKind], int]]:
    return [(key, amount) for key, amount, _ in _list_uses_with_capacity(candidate)]


def _list_uses_with_capacity(candidate: Candidate) -> Iterator[tuple[tuple[int, CapacityKind], int, int]]:
    """Give (template, kind), amount and capacity of every cell that the place covers at first."""
    for cell in list_cells(candidate.stages[0]):
        for kind, amount in candidate.amounts.items():
            if kind in cell.capacities:
                yield (cell.id, kind), amount, cell.capacities[kind]


def _find_most_places(candidate: Candidate) -> int:
    """Return the most places that a cell of the candidate's class has."""
    cells = list_cells(candidate.stages[0])
    return max(cell.capacities.get(CapacityKind.places, 0) for cell in cells)
