"""Writes a plan under its own id, unseen by anybody: proposals, placements as drafts, faults found, standby order.

Short transactions, each fenced; a run killed here leaves rows that set nothing aside, and the next run discards them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select, update

from app.db import Database, WriteSession, refresh_statistics
from app.models import InheritedFault, Placement, PlacementUse, Plan, PlanRun, Proposal, StandbyOrder
from app.models.enums import Origin, PlacementState, PlanState, ProposalOutcome, RunState
from app.planning.gates import Findings
from app.planning.lease import Run, fence
from app.planning.outcome import NEW
from app.planning.reasons import Decision
from app.planning.standby import Standby

CHUNK = 1_000
MOST_FAULTS = 5_000
T = TypeVar("T")


@dataclass(frozen=True)
class Draft:
    """What a plan row says about the night."""

    effective_on: date
    solver_version: str
    seconds: float
    gap: float | None
    problems: Sequence[Mapping[str, Any]]
    prices: Mapping[str, Any]
    decisions: Sequence[Decision]
    findings: Findings
    held_back: frozenset[int] = frozenset()
    """Needs whose part of the plan a gate held back."""
    standby: Sequence[Standby] = field(default_factory=list)


def write_draft(database: Database, run: Run, draft: Draft, now: datetime) -> int:
    """Write the plan with everything below it and return its id."""
    plan_id, version = database.write(lambda session: _write_plan(session, run, draft, now))
    decisions = sorted(draft.decisions, key=lambda each: each.entry.need.code)
    prefix = f"P{draft.effective_on:%y%m%d}v{version}"
    numbered = list(enumerate(decisions, 1))
    for chunk in _cut(numbered):
        database.write(
            partial(_write_chunk, run=run, plan_id=plan_id, prefix=prefix, chunk=chunk, draft=draft)
        )
    database.write(lambda session: _write_rest(session, run, plan_id, draft))
    database.write(refresh_draft_statistics)
    return plan_id


def refresh_draft_statistics(session: WriteSession) -> None:
    """Let the database plan publishing for the rows that a draft has just added."""
    for table in (Placement, PlacementUse, Proposal):
        refresh_statistics(session, table)


def discard_drafts(session: WriteSession, run: Run) -> int:
    """Discard what runs that never ended left half written; drafts that a manager may still approve stay."""
    fence(session, run)
    whole = select(PlanRun.id).where(
        PlanRun.state.in_((RunState.drafted, RunState.held_back, RunState.published))
    )
    left = list(
        session.scalars(select(Plan.id).where(Plan.state == PlanState.draft, Plan.run_id.not_in(whole)))
    )
    for plan_id in left:
        discard(session, plan_id)
    return len(left)


def discard(session: WriteSession, plan_id: int) -> None:
    """Reject a draft and remove the placements that it would have made; nobody ever saw or was promised them."""
    session.execute(update(Proposal).where(Proposal.plan_id == plan_id).values(placement_id=None))
    mine = select(Placement.id).where(Placement.plan_id == plan_id, Placement.state == PlacementState.draft)
    session.execute(delete(PlacementUse).where(PlacementUse.placement_id.in_(mine)))
    session.execute(
        delete(Placement).where(Placement.plan_id == plan_id, Placement.state == PlacementState.draft)
    )
    session.execute(update(Plan).where(Plan.id == plan_id).values(state=PlanState.rejected))


def _write_plan(session: WriteSession, run: Run, draft: Draft, now: datetime) -> tuple[int, int]:
    fence(session, run)
    version = 1 + (
        session.scalar(select(func.max(Plan.version)).where(Plan.effective_on == draft.effective_on)) or 0
    )
    outcomes = [each.outcome for each in draft.decisions]
    moved = sum(_is_moved(each) for each in draft.decisions)
    plan = Plan(
        run_id=run.id,
        effective_on=draft.effective_on,
        version=version,
        state=PlanState.draft,
        made_at=now,
        solver_version=draft.solver_version,
        needs_decided=len(outcomes),
        placed=outcomes.count(ProposalOutcome.placed),
        kept=outcomes.count(ProposalOutcome.kept),
        moved=moved,
        unplaced=outcomes.count(ProposalOutcome.unplaced),
        gap=draft.gap,
        seconds=draft.seconds,
        gates=draft.findings.count(),
        problems=list(draft.problems),
        prices=dict(draft.prices),
    )
    session.add(plan)
    session.flush()
    return plan.id, version


def _is_moved(decision: Decision) -> bool:
    """A place set aside that is changed or given up counts as moved, never as revoked (lifecycle.md)."""
    lost = decision.outcome is ProposalOutcome.unplaced and decision.entry.held is not None
    return lost or decision.outcome is ProposalOutcome.moved


def _write_chunk(
    session: WriteSession,
    *,
    run: Run,
    plan_id: int,
    prefix: str,
    chunk: Sequence[tuple[int, Decision]],
    draft: Draft,
) -> None:
    fence(session, run)
    staged = [
        (f"{prefix}-{number:05d}", each)
        for number, each in chunk
        if each.outcome in NEW and each.entry.need.id not in draft.held_back
    ]
    if staged:
        session.execute(insert(Placement), [_make_placement(plan_id, code, each) for code, each in staged])
        codes = [code for code, _ in staged]
        ids = {
            row.code: row.id
            for row in session.execute(select(Placement.id, Placement.code).where(Placement.code.in_(codes)))
        }
        uses = [row for code, each in staged for row in _make_uses(ids[code], each)]
        if uses:
            session.execute(insert(PlacementUse), uses)
    else:
        ids = {}
    of_need = {each.entry.need.id: ids[code] for code, each in staged}
    session.execute(insert(Proposal), [_make_proposal(plan_id, each, of_need, draft) for _, each in chunk])


def _make_placement(plan_id: int, code: str, decision: Decision) -> dict[str, Any]:
    place = decision.place
    assert place is not None
    return {
        "code": code,
        "need_id": decision.entry.need.id,
        "person_id": decision.entry.person.id,
        "class_id": place.care_class.id,
        "weekdays": place.weekdays,
        "part": place.part,
        "starts_on": place.starts_on,
        "ends_on": place.ends_on,
        "state": PlacementState.draft,
        "origin": Origin.plan,
        "plan_id": plan_id,
        "is_transfer": decision.entry.is_transfer,
    }


def _make_uses(placement_id: int, decision: Decision) -> Iterator[dict[str, Any]]:
    assert decision.place is not None
    for cell, amounts in decision.place.cells:
        for kind, amount in amounts.items():
            yield {"placement_id": placement_id, "template_id": cell.id, "kind": kind, "amount": amount}


def _make_proposal(
    plan_id: int, decision: Decision, of_need: Mapping[int, int], draft: Draft
) -> dict[str, Any]:
    place, held = decision.place, decision.entry.held
    need = decision.entry.need
    data: dict[str, Any] = {
        "options": list(decision.options),
        "problem": decision.task,
        "class": decision.entry.class_,
        "months_waited": decision.entry.months,
        "draw": decision.entry.draw,
    }
    if place is not None:
        if place.way is not None:
            data |= {"minutes": place.way.person_minutes, "cost_metres": place.way.cost_metres}
        if place.adult:
            data["handed_to"] = place.adult
    else:
        full = [row["service"] for row in decision.options if row["reason"] == "full" and "class" in row]
        data |= {"waits_for": full[0]} if full else {}
    if held is not None and (place is None or not place.is_held):
        data["replaces"] = held.code
    outcome = decision.outcome
    if need.id in draft.held_back and outcome in NEW:
        outcome = ProposalOutcome.held_back
    placement_id = of_need.get(need.id)
    if placement_id is None and place is not None and place.is_held and held is not None:
        placement_id = held.id
    return {
        "plan_id": plan_id,
        "need_id": need.id,
        "outcome": outcome,
        "reason": decision.reason,
        "placement_id": placement_id,
        "class_id": None if place is None else place.care_class.id,
        "weekdays": 0 if place is None else place.weekdays,
        "part": None if place is None else place.part,
        "starts_on": None if place is None else place.starts_on,
        "metres": None if place is None else place.metres,
        "need_version": need.version,
        "data": data,
    }


def _write_rest(session: WriteSession, run: Run, plan_id: int, draft: Draft) -> None:
    fence(session, run)
    if draft.findings.inherited:
        session.execute(
            insert(InheritedFault),
            [
                {
                    "plan_id": plan_id,
                    "code": fault.gate,
                    "subject": fault.subject,
                    "owner": fault.owner,
                    "data": dict(fault.data),
                }
                for fault in draft.findings.inherited[:MOST_FAULTS]
            ],
        )
    if draft.standby:
        session.execute(
            insert(StandbyOrder),
            [
                {"plan_id": plan_id, "class_id": each.class_id, "rank": each.rank, "need_id": each.need_id}
                for each in draft.standby
            ],
        )


def _cut(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK))
