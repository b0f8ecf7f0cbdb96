"""Who is decided tonight, in which problem, and in which order: class, whole months waited, drawn number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.models.enums import Mode, NeedRhythm, PlacementState, Reason, RoundState, ServiceKind
from app.options.facts import Need, Person, Refusal
from app.options.rules import count_years, find_grade, list_words
from app.planning.facts import Held, Round, Snapshot
from app.policies.rules import Policies
from app.priority.rules import count_months_waited, draw_number, get_priority_class

LONGEST_WAIT_MONTHS = 120
SURE = frozenset({PlacementState.confirmed, PlacementState.active})
"""Places that somebody may wish to change for another; an offer is answered first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A need in a problem: decided, or there because its promised place counts."""

    need: Need
    person: Person
    class_: int
    months: int
    draw: int
    held: Held | None = None
    is_fixed: bool = False
    """Promised or pinned by hand: the place stays, whatever else happens."""
    is_transfer: bool = False
    """Holds a promised place and would rather be elsewhere: keeps it or gets one it prefers."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The published order, first in line first."""
        return (-self.class_, -self.months, self.draw, self.need.code)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A need that is not decided tonight, and why."""

    need: Need
    refusal: Refusal


@dataclass(frozen=True)
class Share:
    """The entries of one problem."""

    round: Round | None
    entries: Sequence[Entry] = field(default_factory=list)
    kinds: frozenset[ServiceKind] | None = None
    """Which services take part; None for all."""
    cuts_dates: bool = False
    """Whether every date asked for gets a segment of its own: what the welfare problem left is tried on its dates."""

    @property
    def mode(self) -> Mode:
        """How the problem is solved."""
        return Mode.welfare if self.round is None else self.round.mode

    @property
    def name(self) -> str:
        """How the plan's report calls the problem."""
        if self.cuts_dates:
            return "dates"
        return "welfare" if self.round is None else f"round:{self.round.code}"


def list_entries(snapshot: Snapshot) -> Iterator[Entry]:
    """Give every need with its order; who is under way but unknown to the register is left out."""
    for need in snapshot.needs:
        person = snapshot.people.get(need.person_id)
        if person is not None:
            yield make_entry(need, person, snapshot)


def make_entry(need: Need, person: Person, snapshot: Snapshot) -> Entry:
    """Return a need with its place in the published order on the plan's day."""
    on, policies = snapshot.effective_on, snapshot.ground.policies
    held = snapshot.held.get(need.id)
    round_ = snapshot.rounds.get(need.round_id) if need.round_id is not None else None
    in_round = _is_in_round(round_, on)
    if in_round and round_ is not None and need.starts_on < round_.window.starts_on:
        need = replace(need, starts_on=round_.window.starts_on)
    is_promised = held is not None and held.is_promised
    is_transfer = held is not None and need.wants_transfer and held.state in SURE and not held.is_pinned
    return Entry(
        need=need,
        person=person,
        class_=get_class(person, on, _order_of(round_ if in_round else None, policies)),
        # In a round, never by time of entry (domain-rules, Priority).
        months=0 if in_round else min(LONGEST_WAIT_MONTHS, count_months_waited(need.entered_on, on)),
        draw=find_draw(need, policies),
        held=held,
        is_fixed=held is not None and (held.is_pinned or is_promised) and not is_transfer,
        is_transfer=is_transfer,
    )


def keep_place(entry: Entry) -> Entry:
    """Return an entry that stays where it is in this problem: its place counts, its wish to change waits."""
    return replace(entry, is_fixed=True, is_transfer=False) if entry.is_transfer else entry


def get_class(person: Person, on: date, policies: Policies) -> int:
    """Return a person's priority class on a day, 4 the highest."""
    return get_priority_class(
        person.role,
        list_words(person, on),
        find_grade(person, on),
        count_years(person.born_on, on),
        policies,
    )


def _is_in_round(round_: Round | None, on: date) -> bool:
    """Return whether a need still counts as one of its round: until it is cancelled, or published and begun."""
    if round_ is None or round_.window.state is RoundState.cancelled:
        return False
    return round_.window.state is not RoundState.published or on < round_.window.starts_on


def _order_of(round_: Round | None, policies: Policies) -> Policies:
    """Return the policies with the order that a round announced: a later change of them is not for its needs."""
    if round_ is None or not round_.order:
        return policies
    return Policies({**policies.values, **round_.order})


def find_draw(need: Need, policies: Policies) -> int:
    """Return the number drawn once for a need (a round's is drawn when it has closed), or that of the rolling seed."""
    if need.draw_number is not None:
        return need.draw_number
    return draw_number(policies.get("rolling_seed"), need.code)


def split_by_problem(snapshot: Snapshot, entries: Iterable[Entry]) -> tuple[list[Share], list[Waiting]]:
    """Return the problems in the order they are solved (drawn rounds, then everybody else) and who waits.

    A round is a problem of its own, in its mode, from its publishing day until it starts; before that its needs
    wait, and so does whoever would take a place that it keeps. Promised places take part wherever their service's
    kind is decided; who wishes to change and has to wait keeps the place meanwhile.
    """
    on = snapshot.effective_on
    rounds: dict[int, list[Entry]] = {}
    rolling: list[Entry] = []
    waiting: list[Waiting] = []
    fixed: list[Entry] = []
    for entry in entries:
        round_ = snapshot.rounds.get(entry.need.round_id) if entry.need.round_id is not None else None
        soon = find_soon(entry, snapshot)
        in_round = round_ is not None and _is_in_round(round_, on)
        if entry.is_fixed or (
            entry.is_transfer and (soon is not None or in_round or _find_keeper(entry, snapshot) is not None)
        ):
            fixed.append(keep_place(entry))
        elif soon is not None:
            waiting.append(Waiting(entry.need, soon))
        elif round_ is not None and in_round:
            if round_.window.is_decided(on):
                rounds.setdefault(round_.window.id, []).append(entry)
            else:
                waiting.append(Waiting(entry.need, _say_round(round_)))
        elif (keeper := _find_keeper(entry, snapshot)) is not None:
            waiting.append(Waiting(entry.need, _say_round(keeper)))
        else:
            rolling.append(entry)
    shares = []
    for round_id, members in sorted(rounds.items(), key=lambda row: snapshot.rounds[row[0]].code):
        row = snapshot.rounds[round_id]
        kind = row.window.kind
        staying = [keep_place(entry) for entry in rolling if entry.is_transfer]
        same = [entry for entry in [*fixed, *staying] if entry.need.kind is kind]
        shares.append(Share(row, [*members, *same], kinds=frozenset({kind})))
    return [*shares, Share(None, [*rolling, *fixed])], waiting


def find_soon(entry: Entry, snapshot: Snapshot) -> Refusal | None:
    """Refuse a single date inside every service's notice period: the desk gives those away (lifecycle.md)."""
    if entry.need.rhythm is not NeedRhythm.dated:
        return None
    on = entry.need.find_last_date()
    services = snapshot.ground.services.get(entry.need.kind, ())
    notice = min((service.notice_days for service in services), default=0)
    if on is None or on >= snapshot.ground.find_first_day(notice):
        return None
    if on < snapshot.ground.today:  # no desk gives that any more
        return Refusal(Reason.no_option, {"ended_on": on.isoformat()})
    return Refusal(Reason.inside_notice, {"on": on.isoformat()})


def _find_keeper(entry: Entry, snapshot: Snapshot) -> Round | None:
    """Return the undecided round of the kind whose places the need's care would take; it waits for that, too."""
    on = snapshot.effective_on
    for round_ in snapshot.rounds.values():
        window = round_.window
        same = window.kind is entry.need.kind and window.keeps(on) and not window.is_decided(on)
        if same and window.reaches(find_last_day(entry.need)):
            return round_
    return None


def find_last_day(need: Need) -> date | None:
    """Return the last day on which a need asks for care; None: no end."""
    dates = [pattern.occurs_on for pattern in need.patterns if pattern.occurs_on is not None]
    return max(dates) if dates else need.ends_on


def _say_round(round_: Round) -> Refusal:
    data = {"round": round_.code, "publishes_on": round_.window.publishes_on.isoformat()}
    return Refusal(Reason.waits_for_round, data)


def share_dates(entries: Sequence[Entry], promised: Iterable[Entry]) -> Share:
    """Return the problem of single dates that the weekly segments left over, around everything given away."""
    kinds = frozenset(entry.need.kind for entry in entries)
    persons = {entry.person.id for entry in entries}
    near = [each for each in promised if each.need.kind in kinds or each.person.id in persons]
    return Share(None, [*entries, *near], kinds=kinds, cuts_dates=True)
