"""Tables only: columns, named constraints, relationships that never load by surprise."""

from app.models.accounts import Login, LoginAttempt, StaffArea, StaffSite, StaffUser
from app.models.areas import Area, AreaAlias, Building, Compound, WalkingGraph
from app.models.attendance import Alarm, AlarmStep, Attendance, RollTick, Staffing, Task
from app.models.audit import AuditHead, AuditRow, IdempotencyKey, Notice, ReadLogRow
from app.models.bookings import Booking, BookingUse, Hold, HoldUse, WaitlistEntry
from app.models.calendars import CalendarDay, CalendarYear, Closure, SchoolTerm
from app.models.care import Consultation, Escalation
from app.models.meals import WalkIn
from app.models.needs import Need, NeedGroup, NeedPattern, NeedPreference
from app.models.people import (
    Consent,
    Evidence,
    Guardianship,
    Household,
    MatchCandidate,
    Person,
    PersonRole,
    PickupAuthorisation,
    Residence,
)
from app.models.placements import Offer, Placement, PlacementException, PlacementUse
from app.models.plans import InheritedFault, Lease, Plan, PlanRun, Proposal, StandbyOrder
from app.models.policies import ImportMapping, Policy, PriceRule, Round
from app.models.providers import CareClass, Provider, Service, ServiceRule, Site
from app.models.reference import ReferenceStamp
from app.models.slots import Slot, SlotCapacity, SlotTemplate, SlotTemplateCapacity
from app.models.visits import VisitStop

__all__ = [
    "Alarm",
    "AlarmStep",
    "Area",
    "AreaAlias",
    "Attendance",
    "AuditHead",
    "AuditRow",
    "Booking",
    "BookingUse",
    "Building",
    "CalendarDay",
    "CalendarYear",
    "CareClass",
    "Closure",
    "Compound",
    "Consent",
    "Consultation",
    "Escalation",
    "Evidence",
    "Guardianship",
    "Hold",
    "HoldUse",
    "Household",
    "IdempotencyKey",
    "ImportMapping",
    "InheritedFault",
    "Lease",
    "Login",
    "LoginAttempt",
    "MatchCandidate",
    "Need",
    "NeedGroup",
    "NeedPattern",
    "NeedPreference",
    "Notice",
    "Offer",
    "Person",
    "PersonRole",
    "PickupAuthorisation",
    "Placement",
    "PlacementException",
    "PlacementUse",
    "Plan",
    "PlanRun",
    "Policy",
    "PriceRule",
    "Proposal",
    "Provider",
    "ReadLogRow",
    "ReferenceStamp",
    "Residence",
    "RollTick",
    "Round",
    "SchoolTerm",
    "Service",
    "ServiceRule",
    "Site",
    "Slot",
    "SlotCapacity",
    "SlotTemplate",
    "SlotTemplateCapacity",
    "StaffArea",
    "StaffSite",
    "StaffUser",
    "Staffing",
    "StandbyOrder",
    "Task",
    "VisitStop",
    "WaitlistEntry",
    "WalkIn",
    "WalkingGraph",
]
