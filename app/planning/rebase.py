"""Rebases a plan on what was booked, during the solve or before: bookings win, proposals skip a date or make room.

A place may skip the dates its class leaves out, at most two (lifecycle.md); beyond that the last in the published
order makes room, with a reason. Groups that go together make room together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, insert, select, update

from app.consents.queries import list_barred, list_lost_consent
from app.db import WriteSession
from app.ledger.commands import Conflict, list_conflicts
from app.models import Need, NeedGroup, Placement, PlacementException, PlacementUse, Proposal, Slot
from app.models.enums import ExceptionKind, PlacementState, ProposalOutcome, Reason
from app.planning.own_bookings import list_own_dates
from app.policies.queries import get_policy

MOST_PASSES = 10
"""Each pass clears what it found; a drop can only free capacity, so later passes are short and few."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A date that a placement leaves out because one-off bookings fill it."""

    placement_id: int
    on: date


@dataclass(frozen=True, slots=True)
class User:
    """A placement of the plan in a slot that is too full."""

    placement_id: int
    need_id: int
    amount: int
    order: tuple[int, int, int, str]
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Room:
    """What making room took; `is_clear` says that everything that is left fits."""

    skipped: Sequence[Skipped]
    dropped: int
    is_clear: bool


def make_room(session: WriteSession, plan_id: int, mine: Select[int]) -> Room:
    """Let the plan's placements skip dates or make room until all that remain fit."""
    skips, dropped = _leave_own_dates(session, plan_id)
    is_clear = False
    for _ in range(MOST_PASSES):
        conflicts = list_conflicts(session, mine)
        is_clear = not conflicts
        if is_clear:
            break
        new, going = _choose(session, mine, conflicts, skips)
        if new:
            session.execute(insert(PlacementException), [_make_exception(each) for each in new])
        dropped += drop(session, plan_id, list_together(session, plan_id, going), Reason.full)
    kept = set(session.scalars(mine)) if skips else set()
    skipped = [Skipped(id_, on) for id_, days in sorted(skips.items()) for on in sorted(days) if id_ in kept]
    return Room(skipped, dropped, is_clear)


def _leave_own_dates(session: WriteSession, plan_id: int) -> tuple[dict[int, set[date]], int]:
    """Let places skip the dates on which their person is booked elsewhere; return what is skipped, and how many went."""
    own = list_own_dates(session, plan_id)
    skips: dict[int, set[date]] = defaultdict(set)
    if not own:
        return skips, 0
    most = int(get_policy(session, "most_skipped_dates", min(min(days) for days in own.values())))
    single = set(
        session.scalars(
            select(Placement.id).where(Placement.id.in_(list(own)), Placement.starts_on == Placement.ends_on)
        )
    )
    going = {id_ for id_, days in own.items() if len(days) > most or id_ in single}
    together = list_together(session, plan_id, going)
    skips |= {id_: days for id_, days in own.items() if id_ not in together}
    new = [Skipped(id_, on) for id_, days in sorted(skips.items()) for on in sorted(days)]
    if new:
        session.execute(insert(PlacementException), [_make_exception(each) for each in new])
    return skips, drop(session, plan_id, together, Reason.double_booked)


def _choose(
    session: WriteSession, mine: Select[int], conflicts: Sequence[Conflict], skips: dict[int, set[date]]
) -> tuple[list[Skipped], set[int]]:
    """Choose, capacity by capacity and last in the order first, who skips the date and who makes room."""
    users = _list_users(session, mine, conflicts)
    most = int(get_policy(session, "most_skipped_dates", next(iter(users.values()))[0]))
    going: set[int] = set()
    new: list[Skipped] = []
    for conflict in conflicts:
        on, here = users[conflict.slot_id, conflict.kind]
        gone = [each for each in here if each.placement_id in going or on in skips[each.placement_id]]
        excess = conflict.taken + conflict.wanted - conflict.capacity - sum(each.amount for each in gone)
        staying = [each for each in here if each not in gone]
        for user in sorted(staying, key=lambda each: each.order, reverse=True):
            if excess <= 0:
                break
            excess -= user.amount
            if len(skips[user.placement_id]) < most and user.starts_on != user.ends_on:
                skips[user.placement_id].add(on)
                new.append(Skipped(user.placement_id, on))
            else:
                going.add(user.placement_id)
    return [each for each in new if each.placement_id not in going], going


def _make_exception(skip: Skipped) -> dict[str, Any]:
    return {
        "placement_id": skip.placement_id,
        "on_date": skip.on,
        "kind": ExceptionKind.skipped,
        "frees_place": True,
    }


def _list_users(
    session: WriteSession, mine: Select[int], conflicts: Sequence[Conflict]
) -> dict[tuple[int, Any], tuple[date, list[User]]]:
    """Return, for each capacity in conflict, its date and the plan's placements that use it."""
    slots = {
        row.id: (row.template_id, row.occurs_on)
        for row in session.execute(
            select(Slot.id, Slot.template_id, Slot.occurs_on).where(
                Slot.id.in_({each.slot_id for each in conflicts})
            )
        )
    }
    by_use: dict[tuple[int, Any], list[User]] = defaultdict(list)
    for row in session.execute(
        select(
            PlacementUse.template_id,
            PlacementUse.kind,
            PlacementUse.amount,
            Placement.id,
            Placement.need_id,
            Placement.starts_on,
            Placement.ends_on,
            Proposal.data,
            Need.code,
        )
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .join(Proposal, Proposal.placement_id == Placement.id)
        .join(Need, Need.id == Placement.need_id)
        .where(
            Placement.id.in_(mine),
            Proposal.plan_id == Placement.plan_id,
            PlacementUse.template_id.in_({template_id for template_id, _ in slots.values()}),
        )
    ):
        order = (-row.data["class"], -row.data["months_waited"], row.data["draw"], row.code)
        user = User(row.id, row.need_id, row.amount, order, row.starts_on, row.ends_on)
        by_use[row.template_id, row.kind].append(user)
    found = {}
    for conflict in conflicts:
        template_id, on = slots[conflict.slot_id]
        here = [
            user
            for user in by_use[template_id, conflict.kind]
            if user.starts_on <= on and (user.ends_on is None or on <= user.ends_on)
        ]
        found[conflict.slot_id, conflict.kind] = (on, here)
    return found


def list_together(session: WriteSession, plan_id: int, going: Iterable[int]) -> list[int]:
    """Add those who go together with somebody who makes room: nobody of all-or-none is placed alone."""
    ids = set(going)
    if not ids:
        return []
    groups = (
        select(Need.group_id)
        .join(Placement, Placement.need_id == Need.id)
        .join(NeedGroup, NeedGroup.id == Need.group_id)
        .where(Placement.id.in_(ids), NeedGroup.all_or_none)
    )
    together = session.scalars(
        select(Placement.id)
        .join(Need, Need.id == Placement.need_id)
        .where(
            Placement.plan_id == plan_id,
            Placement.state.in_((PlacementState.draft, PlacementState.proposed)),
            Need.group_id.in_(groups),
        )
    )
    return sorted(ids | set(together))


def drop_barred(session: WriteSession, plan_id: int, mine: Select[int], on: date) -> int:
    """Drop places of people who, or whose guardian, took the consent back since the night read it, and who goes along."""
    people = select(Placement.person_id).where(Placement.id.in_(mine))
    count = 0
    for reason, list_those in (
        (Reason.guardian_consent_missing, list_barred),
        (Reason.consent_missing, list_lost_consent),
    ):
        those = list_those(session, people, on)
        if those:
            theirs = select(Placement.id).where(Placement.id.in_(mine), Placement.person_id.in_(those))
            going = list_together(session, plan_id, session.scalars(theirs))
            count += drop(session, plan_id, going, reason)
    return count


def drop(session: WriteSession, plan_id: int, placement_ids: Sequence[int], reason: Reason) -> int:
    """Withdraw placements of this plan that cannot stand; their proposals become displaced, with the reason."""
    if not placement_ids:
        return 0
    session.execute(
        update(Placement)
        .where(Placement.id.in_(placement_ids))
        .values(state=PlacementState.withdrawn, version=Placement.version + 1, ended_reason=reason.value)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Proposal)
        .where(Proposal.plan_id == plan_id, Proposal.placement_id.in_(placement_ids))
        .values(outcome=ProposalOutcome.displaced, reason=reason)
        .execution_options(synchronize_session=False)
    )
    return len(placement_ids)
