"""One night from lease to report: the order of the steps and what ends it early. Each step lives in its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from sqlalchemy import select, update

from app import clock
from app.actor import system_actor
from app.bookings.sweep import sweep
from app.db import Database, WriteSession
from app.models import Need as NeedRow
from app.models import Plan, PlanRun
from app.models.enums import NeedRhythm, PlacementState, PlanState, ProposalOutcome, Reason, RunState
from app.options.facts import Need
from app.planning.child import SOLVER, Limits, check_plan, solve
from app.planning.complete import complete
from app.planning.draft import Draft, discard_drafts, write_draft
from app.planning.entries import (
    Entry,
    Share,
    Waiting,
    keep_place,
    list_entries,
    share_dates,
    split_by_problem,
)
from app.planning.errors import LeaseHeld, LeaseLost, NoPlan
from app.planning.facts import Held, Snapshot
from app.planning.gates import Findings, check_gates, find_connected
from app.planning.lease import End, Heart, Run, close_run, end_run, fence, take_lease
from app.planning.pending import make_pending_need
from app.planning.places import Place
from app.planning.problem import Task, build_task
from app.planning.publish import check_day, publish_plan
from app.planning.reasons import Decision, decide
from app.planning.report import add_published, describe_problem, find_gap, make_report
from app.planning.snapshot import take_snapshot
from app.planning.standby import Standby, list_standby, merge_standby
from app.planning.start import make_start
from solver import VERSION
from solver import Plan as SolverPlan

PUBLISHED, HELD_BACK, NO_PLAN, OWN_FAULT, LEASE_HELD = 0, 3, 4, 5, 75
STEPS: Final = ("sweep", "snapshot", "problem", "solve", "check", "draft", "publish", "report")


@dataclass(frozen=True)
class Wanted:
    """What is asked of a night."""

    effective_on: date
    once: bool = False
    draft_only: bool = False
    seconds: float | None = None
    solver: Sequence[str] = SOLVER
    folder: Path = Path()


@dataclass
class Result:
    """How a night ended: exit code, a word, the report."""

    exit_code: int
    code: str
    report: dict[str, Any] = field(default_factory=dict)


Watch = Callable[[str, float], None]


def run_night(database: Database, wanted: Wanted, watch: Watch) -> Result:
    """Run a night and say how it ended; situations are results, own faults are raised after the run was closed.

    Raises `PlanOver` or `PlanOutdated` before anything is worked out for a day of which no plan can be published.
    """
    if wanted.once and _is_published(database, wanted.effective_on):
        return Result(PUBLISHED, "already_published", {"effective_on": wanted.effective_on.isoformat()})
    if not wanted.draft_only:
        with database.reading() as session:
            check_day(session, wanted.effective_on, clock.today())
    try:
        run = database.write(
            lambda session: take_lease(session, clock.process_label(), wanted.effective_on, clock.now())
        )
    except LeaseHeld as held:
        return Result(LEASE_HELD, held.code, {"holder": held.data["holder"], "detail": held.sentence("en")})
    state, result = RunState.failed, Result(OWN_FAULT, "own_fault")
    try:
        with Heart(database, run).beating() as heart:
            result = _Night(database, wanted, run, heart, watch).run()
        state = _STATE[result.code]
    except NoPlan as fault:
        state = RunState.no_plan
        result = Result(NO_PLAN, str(fault.data["reason"]), {"detail": fault.sentence("en")})
    except LeaseLost as fault:
        result = Result(OWN_FAULT, fault.code, {"detail": fault.sentence("en")})
    except KeyboardInterrupt:
        state, result = RunState.no_plan, Result(NO_PLAN, "stopped")
    finally:
        end = End(state, result.code, result.report | {"code": result.code})
        database.write(lambda session: end_run(session, run, end, clock.now()))
    # Asked to stop, or without its lease, when the plan was in force already: then it ended as that says.
    return _find_published(database, run) or result


_STATE: Final = {
    "published": RunState.published,
    "drafted": RunState.drafted,
    "waits_for_approval": RunState.drafted,
    "held_back": RunState.held_back,
}


def _is_published(database: Database, effective_on: date) -> bool:
    with database.reading() as session:
        found = session.scalar(
            select(Plan.id).where(Plan.state == PlanState.published, Plan.effective_on == effective_on)
        )
        return found is not None


def _find_published(database: Database, run: Run) -> Result | None:
    """Return how a run ended that has published; nothing else closes one in these states."""
    with database.reading() as session:
        row = session.get_one(PlanRun, run.id)
        if row.state not in {RunState.published, RunState.held_back}:
            return None
        return Result(_find_exit_code(row.code), row.code, dict(row.report))


def _find_exit_code(code: str) -> int:
    return HELD_BACK if code == "held_back" else PUBLISHED


def give_seconds(task: Task, seconds: float) -> float:
    """Return the solver's deadline: the policy's up to 7,000 needs, beyond it in proportion, at most 2.5 times."""
    return seconds * min(2.5, max(1.0, len(task.problem.requests) / 7_000))


@dataclass
class _Worked:
    """What the problems of a night have decided so far."""

    decisions: list[Decision] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    prices: dict[str, Any] = field(default_factory=dict)
    skippable: dict[int, frozenset[date]] = field(default_factory=dict)
    standby: list[Standby] = field(default_factory=list)


class _Night:
    """The steps of one run; what one step leaves for the next is local to `run`."""

    def __init__(self, database: Database, wanted: Wanted, run: Run, heart: Heart, watch: Watch) -> None:
        self._database, self._wanted, self._run, self._heart, self._watch = (
            database,
            wanted,
            run,
            heart,
            watch,
        )
        self._seconds: dict[str, float] = {}
        self._began = monotonic()

    def run(self) -> Result:
        with self._step("sweep"):
            sweep(self._database, clock.now())
            self._database.write(lambda session: discard_drafts(session, self._run))
        with self._step("snapshot"), self._database.reading() as session:
            snapshot = take_snapshot(session, self._wanted.effective_on)
        decisions, findings, draft, waiting = self._decide(snapshot)
        held_back: frozenset[int] = frozenset()
        if findings.caused:
            faulty = [abs(need_id) for fault in findings.caused for need_id in fault.needs]
            held_back = frozenset(find_connected(decisions, faulty))
        report = make_report(
            decisions,
            waiting,
            findings,
            draft.problems,
            promised=sum(held.is_promised for held in snapshot.held.values()),
            is_graph=snapshot.ground.reach.is_graph,
        )
        with self._step("draft"):
            self._keep_draws(decisions)
            draft = replace(draft, held_back=held_back, seconds=self._spent())
            plan_id = write_draft(self._database, self._run, draft, clock.now())
        code = "held_back" if findings.caused else "published"
        is_approved = snapshot.ground.policies.get("publish") == "automatic"
        if self._wanted.draft_only or not is_approved:
            code = "drafted" if self._wanted.draft_only else "waits_for_approval"
            with self._database.reading() as session:
                result = self._sum_up(session.get_one(Plan, plan_id), code, report, self._seconds)
        else:
            with self._step("publish"):
                work = partial(self._publish, plan_id=plan_id, code=code, report=report)
                result = self._database.write(work)
        self._watch("report", 1.0)
        return result

    def _decide(self, snapshot: Snapshot) -> tuple[list[Decision], Findings, Draft, list[Waiting]]:
        shares, waiting = split_by_problem(snapshot, list_entries(snapshot))
        worked = _Worked()
        for share in shares:
            self._work(snapshot, share, worked)
        late = [each.entry for each in worked.decisions if _is_left_on_its_date(each)]
        if late:
            decided = {each.entry.need.id for each in worked.decisions}
            promised = [
                keep_place(each)
                for each in list_entries(snapshot)
                if each.is_fixed or (each.is_transfer and each.need.id not in decided)
            ]
            worked.decisions = [each for each in worked.decisions if not _is_left_on_its_date(each)]
            self._work(snapshot, share_dates(late, promised), worked)
        decisions = worked.decisions
        with self._step("check"):
            findings = check_gates(snapshot, decisions, worked.skippable)
        draft = Draft(
            effective_on=self._wanted.effective_on,
            solver_version=VERSION,
            seconds=0.0,
            gap=find_gap(worked.problems),
            problems=worked.problems,
            prices=worked.prices,
            decisions=decisions,
            findings=findings,
            standby=merge_standby(worked.standby, snapshot.ground.policies.get("standby_length")),
        )
        return decisions, findings, draft, waiting

    def _work(self, snapshot: Snapshot, share: Share, worked: _Worked) -> None:
        """Build, solve, judge and explain one problem; what earlier ones gave away is promised to it."""
        taken = _carry(worked.decisions, snapshot)
        if share.kinds is not None:
            persons = {each.person.id for each in share.entries}
            taken = [each for each in taken if each.need.kind in share.kinds or each.person.id in persons]
        seen = replace(
            snapshot, held={**snapshot.held, **{e.need.id: e.held for e in taken if e.held is not None}}
        )
        with self._step("problem"):
            task = build_task(seen, replace(share, entries=[*share.entries, *taken]))
        with self._step("solve"):
            plan = self._solve(task, snapshot)
            completed = complete(task, plan)
            if completed is not plan:
                check_plan(task, completed)
        with self._step("check"):
            found = decide(task, completed)
        worked.decisions += found
        worked.problems.append(describe_problem(task, completed))
        worked.prices[share.name] = plan.prices
        if not share.cuts_dates:
            worked.skippable |= task.segments.skippable
            length = snapshot.ground.policies.get("standby_length")
            worked.standby += list_standby(task, found, length)

    def _solve(self, task: Task, snapshot: Snapshot) -> SolverPlan:
        policies = snapshot.ground.policies
        limits = Limits(
            seconds=self._wanted.seconds or give_seconds(task, float(policies.get("solver_seconds"))),
            memory_mib=int(policies.get("solver_memory_mib")),
            command=self._wanted.solver,
        )
        start = make_start(task, snapshot.prices.get(task.share.name, {}))
        self._wanted.folder.mkdir(parents=True, exist_ok=True)
        return solve(task, self._wanted.folder, limits, start, self._note)

    def _note(self, step: str, share: float) -> None:
        self._heart.note(share)
        self._watch(f"solve: {step}", share)

    def _keep_draws(self, decisions: Sequence[Decision]) -> None:
        """Keep each need's drawn number from the first night that uses it."""
        new = [
            {"id": each.entry.need.id, "draw_number": each.entry.draw}
            for each in decisions
            if each.entry.need.draw_number is None
        ]

        def work(session: WriteSession) -> None:
            fence(session, self._run)
            if new:
                session.execute(update(NeedRow), new)

        self._database.write(work)

    def _publish(self, session: WriteSession, plan_id: int, code: str, report: Mapping[str, Any]) -> Result:
        """Publish, and close the run with it: whatever ends it from here on finds it closed as it was."""
        begun = monotonic()
        fence(session, self._run)
        done = publish_plan(session, plan_id, system_actor("nightly").label, None, clock.now())
        plan = session.get_one(Plan, plan_id)
        plan.seconds = self._spent()
        seconds = self._seconds | {"publish": monotonic() - begun}
        result = self._sum_up(plan, code, add_published(report, done), seconds)
        close_run(session, self._run, End(_STATE[code], code, result.report), clock.now())
        return result

    def _sum_up(
        self, plan: Plan, code: str, report: Mapping[str, Any], seconds: Mapping[str, float]
    ) -> Result:
        own = {
            "code": code,
            "effective_on": plan.effective_on.isoformat(),
            "version": plan.version,
            "plan_id": plan.id,
            "placed": plan.placed,
            "unplaced": plan.unplaced,
            "seconds": round(self._spent(), 2),
            "seconds_by_step": {step: round(spent, 2) for step, spent in seconds.items()},
        }
        return Result(_find_exit_code(code), code, {**report, **own})

    def _spent(self) -> float:
        return monotonic() - self._began

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        share = STEPS.index(name) / len(STEPS)
        self._heart.enter(name, share)
        self._watch(name, share)
        begun = monotonic()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + monotonic() - begun
        if self._heart.is_lost:
            raise LeaseLost


def _is_left_on_its_date(decision: Decision) -> bool:
    """Whether a single date found no room in a weekly segment: on the date itself there may be some."""
    is_dated = decision.entry.need.rhythm is NeedRhythm.dated
    return is_dated and decision.outcome is ProposalOutcome.unplaced and decision.reason is Reason.full


def _carry(decisions: Sequence[Decision], snapshot: Snapshot) -> list[Entry]:
    """Return what earlier problems of the night gave away, as promised places of the next one."""
    carried: list[Entry] = []
    for decision in decisions:
        place, entry = decision.place, decision.entry
        if place is None or decision.outcome is ProposalOutcome.unplaced:
            continue
        if place.is_held and entry.held is not None:
            carried.append(replace(entry, is_fixed=True, is_transfer=False))
            continue
        if entry.is_transfer:  # the old place stays until the person has said yes
            carried.append(keep_place(entry))
        need = make_pending_need(entry.need) if entry.is_transfer else entry.need
        held = _promise(need, place, snapshot)
        carried.append(replace(entry, need=need, held=held, is_fixed=True, is_transfer=False))
    return carried


def _promise(need: Need, place: Place, snapshot: Snapshot) -> Held:
    """Return a place given away tonight as one that is held."""
    known = snapshot.held.get(need.id)
    return Held(
        id=0,
        code="",
        need_id=need.id,
        person_id=need.person_id,
        class_id=place.care_class.id,
        weekdays=place.weekdays,
        part=place.part,
        starts_on=place.starts_on,
        ends_on=place.ends_on,
        state=PlacementState.proposed if known is None else known.state,
        is_pinned=True,
        plan_id=None,
        uses=[(cell.id, kind, amount) for cell, amounts in place.cells for kind, amount in amounts.items()],
    )
