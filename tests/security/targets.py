"""Rows of every kind in one committee, so that each route of the matrix has something of its own to act on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.ledger.commands import occupy
from app.models import (
    Alarm,
    Area,
    Booking,
    CareClass,
    Closure,
    Consent,
    Consultation,
    Escalation,
    Evidence,
    Guardianship,
    Hold,
    HoldUse,
    Need,
    Notice,
    Offer,
    Person,
    PickupAuthorisation,
    PlacementException,
    Plan,
    Site,
    SlotCapacity,
    SlotTemplate,
    Task,
    WaitlistEntry,
    WalkIn,
)
from app.models.bookings import BookingUse
from app.models.enums import (
    AlarmKind,
    AlarmState,
    AreaKind,
    CapacityKind,
    EscalationLevel,
    ExceptionKind,
    NoticeState,
    PlacementState,
    PlanState,
    ServiceKind,
    TaskKind,
)
from tests.factories.needs import make_dated_need, make_need
from tests.factories.people import make_guardianship, make_pickup
from tests.factories.placements import make_placement
from tests.factories.plans import make_plan, make_proposal
from tests.factories.providers import make_service, make_slot
from tests.factories.rounds import make_round
from tests.factories.towns import make_half

ABSENT = date(2026, 12, 14)


def make_targets(
    session: Session, adviser_id: int, committee_id: int | None = None, site_id: int | None = None
) -> dict[str, Any]:
    """Make a person with a row of every kind; returns ids by the names that paths use."""
    half = make_half(session, with_secrets=False, committee_id=committee_id, site_id=site_id)
    elder = session.get_one(Person, half.elder_id)
    need = session.get_one(Need, half.need_id)
    care_class = session.get_one(CareClass, half.class_id)
    template = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id)).one()
    session.refresh(template, ["capacities"])
    other_slot = make_slot(session, template, date(2026, 12, 7), taken=1)
    waiting, dated = make_need(session, elder), make_dated_need(session, elder, date(2026, 12, 7))
    placement = make_placement(session, need, care_class, [template], state=PlacementState.confirmed)
    told = make_need(session, elder)
    offered = make_placement(session, told, care_class, [template], state=PlacementState.offered)
    at = now()
    session.add(Offer(placement_id=offered.id, sent_at=at, expires_at=at + timedelta(days=2)))
    rows: dict[str, Any] = {
        "booking_id": Booking(
            code=f"T-{dated.id}",
            need_id=dated.id,
            person_id=elder.id,
            slot_id=other_slot.id,
            booked_at=at,
            uses=[BookingUse(kind=CapacityKind.places, amount=1)],
        ),
        "hold_id": Hold(
            need_id=waiting.id,
            person_id=elder.id,
            slot_id=half.slot_id,
            expires_at=at + timedelta(minutes=10),
            uses=[HoldUse(kind=CapacityKind.places, amount=1)],
        ),
        "entry_id": WaitlistEntry(need_id=waiting.id, service_id=half.service_id, entered_at=at),
        "escalation_id": Escalation(
            need_id=waiting.id,
            level=EscalationLevel.block,
            raised_on=date(2026, 11, 2),
            due_on=date(2026, 11, 9),
        ),
        "closure_id": Closure(
            code=f"T-{dated.id}",
            site_id=half.site_id,
            starts_on=date(2027, 2, 1),
            ends_on=date(2027, 2, 2),
            reason="检修",
        ),
        "walk_in_id": WalkIn(slot_id=half.slot_id, ticked_at=at),
        "notice_id": Notice(
            key=f"offer:T-{dated.id}",
            person_id=elder.id,
            template="offer",
            state=NoticeState.failed,
            due_at=at,
            tries=8,
        ),
        "task_id": Task(
            key=f"T-{dated.id}",
            kind=TaskKind.three_no_shows,
            person_id=elder.id,
            raised_at=at,
            due_on=ABSENT,
        ),
        "alarm_id": Alarm(
            slot_id=half.slot_id,
            person_id=elder.id,
            kind=AlarmKind.missing,
            state=AlarmState.call,
            raised_at=at,
            due_at=at,
        ),
        "consultation_id": Consultation(
            person_id=elder.id, adviser_id=adviser_id, held_at=at, follow_up_on=date(2026, 1, 5)
        ),
    }
    canteen = make_service(session, ServiceKind.canteen, session.get_one(Site, half.site_id))
    session.execute(update(SlotCapacity).where(SlotCapacity.slot_id == half.slot_id).values(taken=1))
    session.add_all(rows.values())
    session.add(PlacementException(placement_id=placement.id, on_date=ABSENT, kind=ExceptionKind.absent))
    guardian = session.get_one(Person, half.guardian_id)
    rows["guardianship_id"] = make_guardianship(session, elder, session.get_one(Person, half.child_id))
    rows["pickup_id"] = make_pickup(session, elder, guardian)
    rows["evidence_id"] = first(session, Evidence, Evidence.person_id == elder.id)
    rows["consent_id"] = first(session, Consent, Consent.person_id == elder.id)
    if session.scalar(select(Plan.id).where(Plan.state == PlanState.published)) is None:
        make_plan(session, PlanState.published, effective_on=date(2026, 1, 1))
    plan, asked = make_plan(session), make_need(session, elder)
    proposed = make_placement(session, asked, care_class, [template], state=PlacementState.proposed)
    rows["proposal_id"] = make_proposal(session, plan, asked, proposed)
    rows["round_id"] = make_round(session)
    session.flush()
    # What is in force is counted: an act that frees a place finds it taken, as in every record the program made.
    occupy(session, [placement.id, offered.id, proposed.id], may_overfill=True)
    assert isinstance(rows["guardianship_id"], Guardianship)
    assert isinstance(rows["pickup_id"], PickupAuthorisation)
    return {
        **{name: row.id for name, row in rows.items()},
        "district": session.scalars(select(Area.code).where(Area.kind == AreaKind.subdistrict)).one(),
        "placement_need_id": need.id,
        "boss_id": adviser_id,
        "canteen_id": canteen.id,
        "offered_id": offered.id,
        "offered_need_id": told.id,
        "booking_need_id": dated.id,
        "committee": half.committee,
        "committee_id": half.committee_id,
        "site": half.site,
        "site_id": half.site_id,
        "area_id": half.compound_id,
        "compound_id": half.compound_id,
        "household_id": half.household_id,
        "person_id": half.elder_id,
        "guardian_id": half.guardian_id,
        "need_id": waiting.id,
        "service_id": half.service_id,
        "class_id": half.class_id,
        "slot_id": half.slot_id,
        "placement_id": placement.id,
        "plan_id": plan.id,
        "on": ABSENT.isoformat(),
        "paper": "roll",
        "paper_form": "pdf",
    }


def first(session: Session, model: Any, condition: Any) -> Any:
    """Return the first row that fits."""
    return session.scalars(select(model).where(condition).order_by(model.id).limit(1)).one()
