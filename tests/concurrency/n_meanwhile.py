"""N4 and N5: people book while the night solves, and while it publishes; nobody loses anything, nobody waits long."""

from __future__ import annotations

import random
import secrets
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from app.actor import system_actor
from app.clock import now, today
from app.errors import DomainError
from app.ledger.commands import release, take
from app.models import (
    Booking,
    BookingUse,
    CareClass,
    Compound,
    Placement,
    PlacementUse,
    Plan,
    PlanRun,
    Proposal,
    Service,
    Slot,
    SlotCapacity,
    SlotTemplate,
)
from app.models.enums import (
    BookingState,
    CapacityKind,
    Origin,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    RunState,
    ServiceKind,
    WishPart,
)
from app.planning.draft import refresh_draft_statistics
from app.planning.publish import publish_plan
from app.slots.commands import change_capacity, extend_horizon
from tests.concurrency.clients import FORK, run_together
from tests.concurrency.nights import finish, last_run, list_night_faults, start_night, wait_for_step
from tests.concurrency.outcome import Outcome
from tests.concurrency.town import make_class, make_needs, make_people, make_service

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

    from app.db import WriteSession
    from tests.concurrency.stage import Stage

CLIENTS = 8
BOOKED = 400
"""Bookings tried while a plan is published."""
BAR_MS = {"sqlite": 2_000, "postgresql": 500}
"""The publish transaction's bar at 20,000 placements, on two cores that do nothing else."""


def run_n4(on: Stage, *, acts: int = 1_000) -> Outcome:
    """Book, cancel and cut capacities during the solve: all of it survives, what gives way says why."""
    out = Outcome("N4", on.kind)
    began = time.monotonic()
    wishes = _prepare(on, acts)
    gate = on.data / "gate-n4"
    night = start_night(on, gate=gate)
    out.expect(
        wait_for_step(on, night, ("solve",), last_run(on.database) - 1), "the night never came to solve"
    )
    kept, cut = _act(on, wishes, out)
    gate.unlink()
    code, said = finish(on, night)
    out.expect(code == 0, f"the night ended with {code}: {said[-300:]}")
    with on.database.reading() as session:
        booked = select(Booking.id).where(Booking.state == BookingState.booked)
        there = set(session.scalars(booked))
        above = session.scalar(
            select(func.count())
            .select_from(SlotCapacity)
            .where(SlotCapacity.taken > SlotCapacity.capacity + SlotCapacity.overfull)
        )
        caps = dict(
            session.execute(
                select(SlotCapacity.slot_id, SlotCapacity.capacity).where(
                    SlotCapacity.slot_id.in_(list(cut)), SlotCapacity.kind == CapacityKind.places
                )
            ).all()
        )
        mute = session.scalar(
            select(func.count())
            .select_from(Proposal)
            .where(Proposal.outcome == ProposalOutcome.displaced, Proposal.reason == Reason.placed)
        )
    out.expect(kept <= there, f"{len(kept - there)} bookings are gone")
    out.expect(above == 0, f"{above} slots are above their capacity")
    out.expect(caps == cut, "a capacity cut was undone")
    out.expect(mute == 0, f"{mute} displaced proposals give no reason")
    out.violations += list_night_faults(on.database)
    out.seconds = time.monotonic() - began
    return out


def _prepare(on: Stage, acts: int) -> list[tuple[int, int, int]]:
    """Return (need, person, slot) for bookings on dates the night plans; the people are the race's own."""

    def work(session: WriteSession) -> list[tuple[int, int, int]]:
        compound = session.scalars(select(Compound.area_id).order_by(Compound.area_id)).first()
        assert compound is not None
        people = make_people(session, compound, acts)
        days = [today() + timedelta(days=7 + i) for i in range(14)]
        slots = session.execute(
            select(Slot.id, Slot.occurs_on)
            .join(CareClass, CareClass.id == Slot.class_id)
            .join(Service, Service.id == CareClass.service_id)
            .where(
                Slot.occurs_on.in_(days),
                Service.kind.in_((ServiceKind.day_care, ServiceKind.after_school, ServiceKind.nursery)),
            )
            .order_by(Slot.id)
        ).all()
        draw = random.Random(4)
        chosen = [draw.choice(slots) for _ in people]
        needs = [
            make_needs(session, [person], slot.occurs_on)[0]
            for person, slot in zip(people, chosen, strict=True)
        ]
        return [(need, person, slot.id) for need, person, slot in zip(needs, people, chosen, strict=True)]

    return on.database.write(work)


def _act(on: Stage, wishes: list[tuple[int, int, int]], out: Outcome) -> tuple[set[int], dict[int, int]]:
    """Let eight threads book (one in four cancels again, one in twenty cuts); return kept bookings and new capacities."""
    kept: set[int] = set()
    cut: dict[int, int] = {}
    lock = threading.Lock()

    def work(part: list[tuple[int, int, int]]) -> None:
        for number, (need_id, person_id, slot_id) in enumerate(part):
            begun = time.perf_counter()
            try:
                made = on.database.write(lambda s, n=need_id, p=person_id, t=slot_id: _book(s, n, p, t))
                if number % 4 == 3:
                    on.database.write(lambda s, b=made, t=slot_id: _cancel(s, b, t))
                else:
                    with lock:
                        kept.add(made)
                done = "booked"
            except DomainError as error:
                done = error.code
            if number % 20 == 19:
                _cut(on, slot_id, cut, lock)
            with lock:
                out.attempts += 1
                out.latencies.append(time.perf_counter() - begun)
                if done == "booked":
                    out.successes += 1
                else:
                    out.refusals[done] += 1

    threads = [threading.Thread(target=work, args=(wishes[i::CLIENTS],)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return kept, cut


def _book(session: WriteSession, need_id: int, person_id: int, slot_id: int) -> int:
    take(session, slot_id, {CapacityKind.places: 1})
    booking = Booking(
        code=f"N4-{need_id}",
        need_id=need_id,
        person_id=person_id,
        slot_id=slot_id,
        origin=Origin.desk,
        booked_at=now(),
        uses=[BookingUse(kind=CapacityKind.places, amount=1)],
    )
    session.add(booking)
    session.flush()
    return booking.id


def _cancel(session: WriteSession, booking_id: int, slot_id: int) -> None:
    release(session, slot_id, {CapacityKind.places: 1})
    booking = session.get_one(Booking, booking_id)
    booking.state, booking.cancelled_at = BookingState.cancelled, now()


def _cut(on: Stage, slot_id: int, cut: dict[int, int], lock: threading.Lock) -> None:
    def work(session: WriteSession) -> int:
        row = session.get_one(SlotCapacity, (slot_id, CapacityKind.places))
        capacity = max(row.taken, row.capacity - 1)
        change_capacity(session, system_actor(), slot_id, CapacityKind.places, capacity, "race")
        return capacity

    with lock:  # two cuts of one slot: the later one counts, in the record and here
        try:
            cut[slot_id] = on.database.write(work)
        except DomainError:
            return


def run_n5(on: Stage, *, placements: int = 20_000) -> Outcome:
    """Publish so many placements in one transaction while others book; nobody sees an error."""
    out = Outcome("N5", on.kind)
    plan_id = on.database.write(lambda session: _draft(session, placements))
    on.database.write(refresh_draft_statistics)
    wishes = _prepare(on, BOOKED)
    stop = FORK.Event()
    # A night and the desks are processes of their own: in one they would wait for each other's turn to run.
    booked, (proposed, displaced, out.seconds) = run_together(
        [lambda: _book_until(on, wishes, stop), lambda: _publish(on, plan_id, stop)]
    )
    out.attempts, out.successes = booked.attempts, booked.successes
    out.refusals, out.latencies, out.violations = booked.refusals, booked.latencies, booked.violations
    out.expect(
        proposed == placements,
        f"{proposed} of {placements} were published ({displaced} displaced)",
    )
    out.violations += list_night_faults(on.database)
    if out.seconds * 1000 > BAR_MS[on.kind]:
        print(
            f"    the publish transaction took {out.seconds * 1000:.0f} ms; the bar is {BAR_MS[on.kind]} ms",
            flush=True,
        )
    return out


def _book_until(on: Stage, wishes: list[tuple[int, int, int]], stop: Event) -> Outcome:
    """Book one wish after the other until all are done or the plan is out."""
    out = Outcome("N5", on.kind)
    database = on.open()
    for need_id, person_id, slot_id in wishes:
        if stop.is_set():
            break
        begun = time.perf_counter()
        try:
            database.write(lambda s, n=need_id, p=person_id, t=slot_id: _book(s, n, p, t))
            out.successes += 1
        except DomainError as error:
            out.refusals[error.code] += 1
        except Exception as fault:  # noqa: BLE001 - any other fault is what the bar looks for
            out.violations.append(f"{type(fault).__name__} while publishing")
        out.attempts += 1
        out.latencies.append(time.perf_counter() - begun)
    database.dispose()
    return out


def _publish(on: Stage, plan_id: int, stop: Event) -> tuple[int, int, float]:
    """Return how many were proposed and displaced, and the seconds of the transaction."""
    database = on.open()
    time.sleep(0.3)
    began = time.monotonic()
    try:
        done = database.write(lambda session: publish_plan(session, plan_id, "race", None, now()))
    finally:
        stop.set()
    seconds = time.monotonic() - began
    database.dispose()
    return done.proposed, done.displaced, seconds


def _draft(session: WriteSession, number: int) -> int:
    """Write a draft of so many weekly placements in one large synthetic class, as the night's draft step does."""
    compound = session.scalars(select(Compound.area_id).order_by(Compound.area_id)).first()
    assert compound is not None
    service_id = make_service(session, compound, sends_offers=False)
    class_id = make_class(session, service_id, number + BOOKED)  # who books meanwhile may book here, too
    extend_horizon(session, today())
    templates = session.scalars(
        select(SlotTemplate.id).where(SlotTemplate.class_id == class_id, SlotTemplate.weekday.in_((0, 2, 4)))
    ).all()
    people = make_people(session, compound, number)
    on = today() + timedelta(days=10)
    needs = make_needs(session, people, on)
    # The town's nights must go on after this plan: it takes effect on their day, as their next version.
    effective_on, version = session.execute(
        select(Plan.effective_on, Plan.version).order_by(Plan.effective_on.desc(), Plan.version.desc())
    ).first() or (on, 0)
    run = PlanRun(
        effective_on=effective_on,
        state=RunState.drafted,
        holder="race",
        token=0,
        heartbeat_at=now(),
        started_at=now(),
    )
    session.add(run)
    session.flush()
    plan = Plan(
        run_id=run.id,
        effective_on=effective_on,
        version=version + 1,
        state=PlanState.draft,
        made_at=now(),
        needs_decided=number,
        placed=number,
    )
    session.add(plan)
    session.flush()
    prefix = secrets.token_hex(3)
    session.execute(
        insert(Placement),
        [
            {
                "code": f"N5-{prefix}-{need}",
                "need_id": need,
                "person_id": person,
                "class_id": class_id,
                "weekdays": 0b10101,
                "part": WishPart.morning,
                "starts_on": on,
                "state": PlacementState.draft,
                "origin": Origin.plan,
                "plan_id": plan.id,
            }
            for need, person in zip(needs, people, strict=True)
        ],
    )
    ids = list(
        session.scalars(select(Placement.id).where(Placement.plan_id == plan.id).order_by(Placement.id))
    )
    session.execute(
        insert(PlacementUse),
        [
            {"placement_id": id_, "template_id": template, "kind": CapacityKind.places, "amount": 1}
            for id_ in ids
            for template in templates
        ],
    )
    session.execute(
        insert(Proposal),
        [
            {
                "plan_id": plan.id,
                "need_id": need,
                "outcome": ProposalOutcome.placed,
                "reason": Reason.placed,
                "placement_id": id_,
                "data": {},
            }
            for need, id_ in zip(needs, ids, strict=True)
        ],
    )
    return plan.id
