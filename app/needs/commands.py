"""Record, change and withdraw needs; placing and booking is other features' work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from app.actor import Actor
from app.audit.commands import record
from app.clock import today
from app.codes import make_code
from app.consents.queries import check_may_process
from app.db import WriteSession
from app.errors import StaleVersion
from app.models import Need, NeedPattern, NeedPreference, Service, Site, WaitlistEntry
from app.models.enums import NeedState, ServiceKind, WaitlistState
from app.needs.errors import (
    NeedClosed,
    NeedEndsBeforeStart,
    NeedInUse,
    UnknownGate,
    UnknownService,
)
from app.needs.queries import count_uses, get_need, list_patterns
from app.needs.rules import Pattern, check_patterns, check_wanted, to_bits
from app.needs.twice import check_not_twice
from app.people.queries import get_whole_person
from app.policies.queries import load_policies
from app.priority.rules import draw_number
from app.rounds.queries import find_open_round


def record_need(
    session: WriteSession,
    actor: Actor,
    person_id: int,
    values: Mapping[str, Any],
    patterns: Sequence[Pattern],
    service_ids: Sequence[int],
    *,
    is_another: bool = False,
) -> Need:
    """Record what a person asks for; its draw number is drawn here, once, from the published rolling seed.

    While a round of the kind takes needs in, a need whose care would reach into its period enters it, and gets its
    number when the round is drawn. Who asks for the same a second time would wait, and be drawn, twice: that takes an
    express `is_another`.

    Raises `NotFound` (person), `NeedKnown`, `GuardianConsentMissing`, `RhythmDiffers`, `PartDoesNotFit`, `UnknownService`,
    `UnknownGate`, `WantedInThePast`, `NeedEndsBeforeStart`.
    """
    person = get_whole_person(session, actor, person_id, to_edit=True)  # two desks at once see each other
    on = today()
    policies = load_policies(session, on)
    check_may_process(session, [person.id], on)
    need = Need(code=make_code("N"), person_id=person.id, entered_on=on, **values)
    check_patterns(need.kind, need.rhythm, patterns)
    check_wanted(need.starts_on, patterns, on)
    _check_details(session, need)
    if not is_another:
        check_not_twice(session, need, patterns)
    last_on = max((p.occurs_on for p in patterns if p.occurs_on is not None), default=need.ends_on)
    round_ = find_open_round(session, need.kind, on, last_on)
    if round_ is None:
        need.draw_number = draw_number(policies.get("rolling_seed"), need.code)
    else:
        need.round_id = round_.id
    session.add(need)
    session.flush()
    _set_patterns(session, need, patterns)
    _set_preferences(session, need, service_ids)
    record(session, actor.label, "need.record", f"need:{need.code}", {"kind": need.kind})
    return get_need(session, actor, need.id)


@dataclass(frozen=True)
class Change:
    """What is to change about a need; None leaves patterns or wishes as they are."""

    values: Mapping[str, Any]
    patterns: Sequence[Pattern] | None = None
    service_ids: Sequence[int] | None = None
    is_another: bool = False
    """A second need for the same days is meant."""


def edit_need(session: WriteSession, actor: Actor, need_id: int, version: int, change: Change) -> Need:
    """Change an open need; the wish of one that has a place stays until the place ends.

    Who makes its days those of another need says so (`is_another`), as for a new one.
    Raises `NotFound`, `StaleVersion`, `NeedClosed`, `NeedInUse` and what `record_need` raises.
    """
    values, patterns, service_ids = change.values, change.patterns, change.service_ids
    need = get_need(session, actor, need_id, to_edit=True)  # before its person, as desks and publishing lock
    # A site sees the need, and does not change it; two desks at once see each other.
    get_whole_person(session, actor, need.person_id, to_edit=True)
    if need.version != version:
        raise StaleVersion(version=need.version)
    if need.state in {NeedState.withdrawn, NeedState.ended}:
        raise NeedClosed(state=need.state)
    check_may_process(session, [need.person_id], today())
    known = {need.starts_on, *(row.occurs_on for row in need.patterns if row.occurs_on is not None)}
    check_wanted(values.get("starts_on", need.starts_on), patterns or (), today(), known)
    if patterns is not None:
        check_patterns(need.kind, need.rhythm, patterns)
        uses = count_uses(session, need.id)
        if uses.any:
            raise NeedInUse(placements=uses.placements, bookings=uses.bookings, holds=uses.holds)
        _set_patterns(session, need, patterns)
    for name, value in values.items():
        setattr(need, name, value)
    _check_details(session, need)
    changes_days = patterns is not None or not values.keys().isdisjoint({"starts_on", "ends_on"})
    if changes_days and not change.is_another:
        check_not_twice(session, need, list_patterns(need) if patterns is None else patterns)
    if service_ids is not None:
        _set_preferences(session, need, service_ids)
    need.version += 1
    session.flush()
    named = [*values, *(["patterns"] if patterns is not None else [])]
    named += ["preferences"] if service_ids is not None else []
    record(
        session,
        actor.label,
        "need.edit",
        f"need:{need.code}",
        {"fields": sorted(named), "version": need.version},
    )
    session.expire(need, ["patterns", "preferences"])
    return get_need(session, actor, need.id)


def withdraw_need(session: WriteSession, actor: Actor, need_id: int, version: int) -> Need:
    """Withdraw a need that holds no place; it leaves every waitlist. Raises `NotFound`, `StaleVersion`, `NeedInUse`."""
    need = get_need(session, actor, need_id, to_edit=True)
    get_whole_person(session, actor, need.person_id)  # a site sees the need, and does not change it
    if need.version != version:
        raise StaleVersion(version=need.version)
    if need.state in {NeedState.withdrawn, NeedState.ended}:
        raise NeedClosed(state=need.state)
    uses = count_uses(session, need.id)
    if uses.any:
        raise NeedInUse(placements=uses.placements, bookings=uses.bookings, holds=uses.holds)
    waiting = select(WaitlistEntry).where(
        WaitlistEntry.need_id == need.id, WaitlistEntry.state == WaitlistState.waiting
    )
    for entry in session.scalars(waiting):
        entry.state = WaitlistState.left
    need.state = NeedState.withdrawn
    need.version += 1
    session.flush()
    record(session, actor.label, "need.withdraw", f"need:{need.code}", {"version": need.version})
    return need


def _check_details(session: WriteSession, need: Need) -> None:
    if need.ends_on is not None and need.ends_on < need.starts_on:
        raise NeedEndsBeforeStart(starts_on=need.starts_on.isoformat(), ends_on=need.ends_on.isoformat())
    if need.gate_site_id is None:
        return
    with session.no_autoflush:
        site = session.get(Site, need.gate_site_id)
    if site is None or not site.is_school_gate:
        raise UnknownGate(site_id=need.gate_site_id)


def _set_patterns(session: WriteSession, need: Need, patterns: Sequence[Pattern]) -> None:
    session.execute(delete(NeedPattern).where(NeedPattern.need_id == need.id))
    session.add_all(
        NeedPattern(
            need_id=need.id,
            rank=rank,
            weekdays=to_bits(pattern.weekdays),
            part=pattern.part,
            occurs_on=pattern.occurs_on,
        )
        for rank, pattern in enumerate(patterns, 1)
    )
    session.flush()


def _set_preferences(session: WriteSession, need: Need, service_ids: Sequence[int]) -> None:
    for service_id in service_ids:
        if _find_kind(session, service_id) is not need.kind:
            raise UnknownService(service_id=service_id, kind=need.kind)
    session.execute(delete(NeedPreference).where(NeedPreference.need_id == need.id))
    session.add_all(
        NeedPreference(need_id=need.id, rank=rank, service_id=service_id)
        for rank, service_id in enumerate(dict.fromkeys(service_ids), 1)
    )
    session.flush()


def _find_kind(session: WriteSession, service_id: int) -> ServiceKind | None:
    return session.scalar(select(Service.kind).where(Service.id == service_id, Service.is_active))
