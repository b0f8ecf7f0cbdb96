"""Turns a need's candidates into the solver's options: which segments each uses, what each is worth. No session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.models.enums import CapacityKind, NeedRhythm, ServiceKind, WishPart
from app.options.build import Candidate, Choice, build_choice, list_cells
from app.options.facts import CareClass, Cell, Pattern, Service, Standing
from app.options.rules import check_class, check_service
from app.options.stages import Stage, list_stages
from app.options.walks import Way
from app.planning.entries import Entry
from app.planning.facts import Held, Snapshot
from app.planning.household import Household
from app.planning.segments import Fixed, Segment, Segments

DAY = timedelta(days=1)
Uses = dict[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """One option of a need in a problem, with all that publishing needs."""

    id: str
    service: Service
    care_class: CareClass
    weekdays: int
    part: WishPart
    starts_on: date
    ends_on: date | None
    uses: Uses
    terms: dict[str, int]
    stage: Stage | None
    """The stretch in the first class; None for a place that the record has already."""
    amounts: Mapping[CapacityKind, int]
    pattern_rank: int
    is_held: bool = False
    adult: str = ""
    way: Way | None = None
    """On foot, the person's or the visiting team's; None for what is brought."""

    @property
    def metres(self) -> int | None:
        """Metres on foot; None where nobody walks them, or nobody measured: never a nought that nobody walks."""
        return None if self.way is None else self.way.metres

    @property
    def cells(self) -> list[tuple[Cell, dict[CapacityKind, int]]]:
        """Cells of the first stage with the amounts used of each kind: what the placement's own rows will say."""
        if self.stage is None:
            return []
        return [
            (cell, {kind: amount for kind, amount in self.amounts.items() if kind in cell.capacities})
            for cell in list_cells(self.stage)
        ]


class Span:
    """The segments of one kind that a stage runs through."""

    def __init__(self, kind: CapacityKind, segments: Sequence[Segment]) -> None:
        self.kind, self.segments = kind, segments
        self.ids = [segment.id for segment in segments]
        self.least_free = min((each.capacity - each.promised for each in segments), default=0)


@dataclass(frozen=True)
class Builder:
    """What options are built from: the record, the segments, the household cells, the draw as small ranks."""

    snapshot: Snapshot
    segments: Segments
    household: Household
    draw_rank: Mapping[int, int]
    weeks: int
    _spans: dict[Any, list[Span]] = field(default_factory=dict)

    def list_places(self, entry: Entry) -> tuple[list[Place], Choice]:
        """Return a need's options in order of preference, and the choice they come from (for the reasons)."""
        if entry.is_fixed and entry.held is not None:
            choice = Choice((), ())
            return list(self._give_held(entry, entry.held, ())), choice
        choice = build_choice(entry.need, entry.person, self.snapshot.ground)
        places: list[Place] = []
        for candidate in choice.candidates:
            places += self._give_candidate(entry, candidate)
        if entry.held is not None:
            places = self._with_held(entry, entry.held, choice, places)
        return places, choice

    def _with_held(self, entry: Entry, held: Held, choice: Choice, places: list[Place]) -> list[Place]:
        """Put the held place where the person ranks it; a transfer keeps only what it prefers to it."""
        same = [each for each in places if _is_same(each, held)]
        if not same and not entry.is_transfer:
            return places  # no longer eligible there: a proposal is not a promise
        kept = list(self._give_held(entry, held, choice.candidates))
        if entry.is_transfer:
            preferred = [each for each in places if self._is_preferred(entry, each, held)]
            return [*(keep_both(each, old) for each in preferred for old in kept), *kept]
        at = places.index(same[0])
        rest = [each for each in places if not _is_same(each, held)]
        return [*rest[:at], *kept, *rest[at:]]

    def _is_preferred(self, entry: Entry, place: Place, held: Held) -> bool:
        service = self.snapshot.service_of_class.get(held.class_id)
        now = entry.need.get_rank(service.id) if service is not None else len(entry.need.wishes) + 1
        return entry.need.get_rank(place.service.id) < now

    def _give_candidate(self, entry: Entry, candidate: Candidate) -> Iterator[Place]:
        uses = self._use_stages(candidate.stages, candidate.amounts)
        if not uses:
            return  # not one date of the window runs
        yield from self._vary(entry, candidate, candidate.stages, uses, 0)
        later = self._find_later_start(candidate)
        if later is not None:
            later = candidate.service.find_open_day(later, self.snapshot.ground.ends_on)
            stages, ends_on = list_stages(
                entry.need,
                entry.person,
                candidate.service,
                candidate.care_class,
                candidate.pattern,
                later,
                self.snapshot.ground.policies,
            )
            if self._is_refused(entry, candidate.service, stages[0].care_class, later):
                return  # whom the rules take today they may refuse by then: too old, a grade that ends
            late = (later - candidate.starts_on).days // 7
            moved = replace(candidate, starts_on=later, ends_on=ends_on, stages=stages)
            yield from self._vary(
                entry, moved, stages, self._use_stages(stages, candidate.amounts), max(1, late)
            )

    def _is_refused(self, entry: Entry, service: Service, care_class: CareClass, on: date) -> bool:
        policies = self.snapshot.ground.policies
        return bool(
            check_service(entry.person, service, on, policies) or check_class(entry.person, care_class, on)
        )

    def _vary(
        self, entry: Entry, candidate: Candidate, stages: Sequence[Stage], uses: Uses, late: int
    ) -> Iterator[Place]:
        own = self.household.list_half_days(entry.person.id, entry.person.code, list_cells(stages[0]))
        own |= self._use_allowance(
            entry,
            candidate.service,
            candidate.pattern.weekdays or 1 << candidate.starts_on.weekday(),
            candidate.starts_on,
            candidate.ends_on,
        )
        name = f"{candidate.care_class.code}:{candidate.pattern.weekdays}:{candidate.pattern.part}"
        if late:
            name += f"@{candidate.starts_on.isoformat()}"
        for adult, handover in self.household.list_handovers(
            entry, candidate.pattern.part, candidate.pattern.days
        ):
            yield Place(
                id=f"{name}+{adult}" if adult else name,
                service=candidate.service,
                care_class=candidate.care_class,
                weekdays=candidate.pattern.weekdays,
                part=candidate.pattern.part,
                starts_on=candidate.starts_on,
                ends_on=candidate.ends_on,
                uses={**uses, **own, **handover},
                terms=self._weigh(entry, candidate, late),
                stage=stages[0],
                amounts=candidate.amounts,
                pattern_rank=candidate.pattern.rank,
                adult=adult,
                way=candidate.trip.way,
            )

    def _use_allowance(
        self, entry: Entry, service: Service, weekdays: int, first: date, last: date | None
    ) -> dict[str, int]:
        standing = Standing(weekdays, first, last)
        policies = self.snapshot.ground.policies
        return self.household.use_allowance(entry.person, entry.need, service, standing, policies)

    def _weigh(self, entry: Entry, candidate: Candidate, late: int) -> dict[str, int]:
        terms = {
            f"days_{entry.class_}": len(candidate.pattern.days) * self._count_weeks(entry, late),
            f"served_{entry.class_}": 1,
            "waited": entry.months,
            "beyond": candidate.bands,
            "rank": candidate.rank,
            "pattern": candidate.pattern.rank - 1,
            "late": late,
            "metres": candidate.trip.metres,
            "draw": self.draw_rank.get(entry.need.id, 0),
        }
        return {name: value for name, value in terms.items() if value}

    def _count_weeks(self, entry: Entry, late: int) -> int:
        """Return the weeks that count as met: a single date is one day, a later start meets fewer.

        Who changes places goes to the old one until then.
        """
        if entry.need.rhythm is NeedRhythm.dated:
            return 1
        return self.weeks if entry.is_transfer else max(1, self.weeks - late)

    def _list_spans(self, stage: Stage) -> list[Span]:
        """Return the segments of a stage by kind; thousands of needs share few stages."""
        key = (stage.care_class.id, stage.keys, stage.starts_on, stage.ends_on)
        if key not in self._spans:
            by_kind: dict[CapacityKind, list[Segment]] = {}
            for cell in list_cells(stage):
                for kind in cell.capacities:
                    found = self.segments.find(cell.id, kind, stage.starts_on, stage.ends_on)
                    by_kind.setdefault(kind, []).extend(found)
            self._spans[key] = [Span(kind, found) for kind, found in by_kind.items()]
        return self._spans[key]

    def _use_stages(self, stages: Sequence[Stage], amounts: Mapping[CapacityKind, int]) -> Uses:
        uses: Uses = {}
        for number, stage in enumerate(stages):
            for span in self._list_spans(stage):
                amount = amounts.get(span.kind, 0)
                if number and span.kind is CapacityKind.carer_units:
                    amount = stage.care_class.unit_use
                if amount:
                    uses.update(dict.fromkeys(span.ids, amount))
        return uses

    def _find_later_start(self, candidate: Candidate) -> date | None:
        """Return the first later day from which promised use leaves room, if there is none at first."""
        if candidate.service.kind is ServiceKind.home_visit or candidate.pattern.occurs_on is not None:
            return None  # another carer is the better answer; a single date has no later one
        blocked = [
            segment.dates[-1]
            for stage in candidate.stages
            for span in self._list_spans(stage)
            if span.least_free < candidate.amounts.get(span.kind, 0)
            for segment in span.segments
            if segment.capacity - segment.promised < candidate.amounts[span.kind]
        ]
        if not blocked:
            return None
        later = max(blocked) + DAY
        first = candidate.stages[0]
        if first.ends_on is not None and later > first.ends_on:
            return None
        # Use without an end blocks a cell to its last date in the window: a start after that date would only be a
        # place that nobody has looked at, so every cell must still have a date.
        wanted = [(cell.id, kind) for cell in list_cells(first) for kind in cell.capacities]
        is_free = all(self.segments.find(*each, later, first.ends_on) for each in wanted)
        return later if wanted and is_free else None

    def _give_held(self, entry: Entry, held: Held, candidates: Sequence[Candidate]) -> Iterator[Place]:
        """Give the place as the record has it: its own uses, so that what is promised counts as it is."""
        service = self.snapshot.service_of_class.get(held.class_id)
        care_class = self.snapshot.class_by_id.get(held.class_id)
        if service is None or care_class is None:
            return
        uses: Uses = {}
        for use in list_fixed(entry, held, self.snapshot):
            for segment in self.segments.find(use.cell_id, use.kind, use.starts_on, use.ends_on):
                uses[segment.id] = uses.get(segment.id, 0) + use.amount
        cells = [
            self.snapshot.cell_by_id[cell_id]
            for cell_id, _, _ in held.uses
            if cell_id in self.snapshot.cell_by_id
        ]
        uses |= self.household.list_half_days(entry.person.id, entry.person.code, cells)
        if not held.is_promised:  # what is promised is taken off the allowance itself
            uses |= self._use_allowance(entry, service, held.weekdays, held.starts_on, held.ends_on)
        pattern = Pattern(1, held.weekdays, held.part)
        adult, handover = self.household.list_handovers(entry, held.part, pattern.days)[0]
        like = next(
            (
                c
                for c in candidates
                if c.care_class.id == held.class_id
                and c.pattern.weekdays == held.weekdays
                and c.pattern.part == held.part
            ),
            None,
        )
        terms = (
            self._weigh(entry, like, 0)
            if like is not None
            else {
                f"days_{entry.class_}": len(pattern.days) * self._count_weeks(entry, 0),
                f"served_{entry.class_}": 1,
                "rank": entry.need.get_rank(service.id),
            }
        )
        yield Place(
            id=f"{care_class.code}:{held.weekdays}:{held.part}",
            service=service,
            care_class=care_class,
            weekdays=held.weekdays,
            part=held.part,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
            uses={**uses, **handover},
            # Who wishes to leave gains nothing by staying; everybody else keeps what was set aside where it costs nobody.
            terms=terms | ({} if entry.is_fixed or entry.is_transfer else {"stay": 1}),
            stage=None,
            amounts={},
            pattern_rank=like.pattern.rank if like is not None else 1,
            is_held=True,
            adult=adult,
            way=like.trip.way if like is not None else None,
        )


def keep_both(place: Place, old: Place) -> Place:
    """Return a place that somebody would change to, with what the old one uses: that is free only after the yes."""
    uses = dict(place.uses)
    for name, amount in old.uses.items():
        # Slots have '@date' in their name. People's time and allowance have not: nobody is in both places at once.
        uses[name] = uses.get(name, 0) + amount if "@" in name else max(amount, uses.get(name, 0))
    return replace(place, uses=uses)


def _is_same(place: Place, held: Held) -> bool:
    return (place.care_class.id, place.weekdays, place.part) == (held.class_id, held.weekdays, held.part)


def list_fixed(entry: Entry, held: Held, snapshot: Snapshot) -> Iterator[Fixed]:
    """Give what a held place uses from when to when; a child who moves up uses the next class from that day."""
    for cell_id, kind, amount in held.uses:
        yield Fixed(cell_id, kind, amount, held.starts_on, held.ends_on)
    service = snapshot.service_of_class.get(held.class_id)
    care_class = snapshot.class_by_id.get(held.class_id)
    if service is None or care_class is None or care_class.age_to_months is None or held.ends_on is None:
        return
    stages, ends_on = list_stages(
        entry.need,
        entry.person,
        service,
        care_class,
        Pattern(1, held.weekdays, held.part),
        held.starts_on,
        snapshot.ground.policies,
    )
    if ends_on != held.ends_on:
        return
    for stage in stages[1:]:
        for cell in list_cells(stage):
            for kind in cell.capacities:
                amount = {CapacityKind.places: 1, CapacityKind.carer_units: stage.care_class.unit_use}.get(
                    kind, 0
                )
                if amount:
                    yield Fixed(cell.id, kind, amount, stage.starts_on, stage.ends_on)
