"""The words that columns may hold: one StrEnum each, name = value, the same in code, API and screen."""

from __future__ import annotations

from enum import StrEnum


class AreaKind(StrEnum):
    """The three levels of the platform, and the compounds in which people live."""

    subdistrict = "subdistrict"
    block = "block"
    committee = "committee"
    compound = "compound"


class Datum(StrEnum):
    """Which coordinate system a point came in; stored points are always WGS-84."""

    wgs84 = "wgs84"
    gcj02 = "gcj02"
    bd09 = "bd09"


class Sex(StrEnum):
    """As on the ID card."""

    female = "female"
    male = "male"


class Stairs(StrEnum):
    """How a person gets down the stairs; `no` above the ground floor without a lift is homebound."""

    alone = "alone"
    stick = "stick"
    with_help = "with_help"
    no = "no"


class Mobility(StrEnum):
    """How a person moves on the level."""

    walks = "walks"
    walking_aid = "walking_aid"
    wheelchair = "wheelchair"


class Role(StrEnum):
    """What a person is to CareMatch; a person may be registered without either."""

    elder = "elder"
    child = "child"


class EvidenceKind(StrEnum):
    """What a dated proof says about a person."""

    care_grade = "care_grade"
    cognition = "cognition"
    low_income = "low_income"
    minimum_living = "minimum_living"
    extreme_poverty = "extreme_poverty"
    lives_alone = "lives_alone"
    only_with_seniors = "only_with_seniors"
    lost_only_child = "lost_only_child"
    special_care = "special_care"
    severe_disability = "severe_disability"
    single_parent = "single_parent"
    both_parents_working = "both_parents_working"
    three_or_more_children = "three_or_more_children"
    allergy = "allergy"
    diet = "diet"
    custody = "custody"


class ConsentPurpose(StrEnum):
    """What a consent allows: one purpose each (PIPL)."""

    matching = "matching"
    health_data = "health_data"
    sharing_with_site = "sharing_with_site"
    photos = "photos"


class ServiceKind(StrEnum):
    """The rows of what the subdistrict runs."""

    day_care = "day_care"
    canteen = "canteen"
    home_visit = "home_visit"
    nursery = "nursery"
    after_school = "after_school"
    holiday_class = "holiday_class"
    children_centre = "children_centre"
    family_centre = "family_centre"


class Mode(StrEnum):
    """How places are given: best for all by levels, or without justified envy."""

    welfare = "welfare"
    stable = "stable"


class CapacityKind(StrEnum):
    """What a slot may run out of."""

    places = "places"
    carer_minutes = "carer_minutes"
    carer_units = "carer_units"
    visit_minutes = "visit_minutes"
    meals = "meals"
    seats = "seats"
    drops = "drops"
    escorts = "escorts"


class RoundState(StrEnum):
    """Where a round stands: its commitment is public before its window opens, its draw comes after it closed."""

    planned = "planned"
    announced = "announced"
    open = "open"
    closed = "closed"
    drawn = "drawn"
    published = "published"
    cancelled = "cancelled"


class CalendarClass(StrEnum):
    """Which days a service runs on."""

    every_day = "every_day"
    workdays = "workdays"
    school_days = "school_days"
    school_holidays = "school_holidays"


class Part(StrEnum):
    """A cell of the day that can be booked; a wish for a longer part covers several cells."""

    morning = "morning"
    afternoon = "afternoon"
    lunch = "lunch"
    dinner = "dinner"
    wave_1630 = "wave_1630"
    wave_1700 = "wave_1700"
    wave_1800 = "wave_1800"
    sitting = "sitting"


class WishPart(StrEnum):
    """The part of the day that a need asks for."""

    full_day = "full_day"
    morning = "morning"
    afternoon = "afternoon"
    lunch = "lunch"
    dinner = "dinner"
    wave_1630 = "wave_1630"
    wave_1700 = "wave_1700"
    wave_1800 = "wave_1800"
    sitting = "sitting"


class EndRule(StrEnum):
    """When a nursery place ends by age."""

    none = "none"
    at_36_months = "at_36_months"
    end_of_nursery_year = "end_of_nursery_year"


class RuleKind(StrEnum):
    """What an eligibility rule of a service demands."""

    min_age_years = "min_age_years"
    max_age_years = "max_age_years"
    min_age_months = "min_age_months"
    max_age_months = "max_age_months"
    min_care_grade = "min_care_grade"
    max_care_grade = "max_care_grade"
    needs_cognition = "needs_cognition"
    excludes_cognition = "excludes_cognition"
    lives_in_area = "lives_in_area"
    weekly_hours_quota = "weekly_hours_quota"
    monthly_meals_quota = "monthly_meals_quota"


class DayKind(StrEnum):
    """What the State Council's notice says about a date."""

    holiday = "holiday"
    swapped_workday = "swapped_workday"


class YearState(StrEnum):
    """Whether a year's calendar has been published."""

    published = "published"
    not_published = "not_published"


class SchoolPeriod(StrEnum):
    """Whether schools teach or are on holiday."""

    term = "term"
    holidays = "holidays"


class NeedState(StrEnum):
    """Where a need stands: open until placed, booked or withdrawn."""

    open = "open"
    placed = "placed"
    withdrawn = "withdrawn"
    ended = "ended"


class NeedRhythm(StrEnum):
    """Every week on the same weekdays, or once on a date."""

    weekly = "weekly"
    dated = "dated"


class GroupKind(StrEnum):
    """Why needs belong together."""

    siblings = "siblings"
    twins = "twins"
    couple = "couple"


class PlacementState(StrEnum):
    """lifecycle.md: proposed, offered, confirmed, active, ended; the rest are ways of ending.

    `draft` belongs to a plan that is not published: it sets nothing aside.
    """

    draft = "draft"
    proposed = "proposed"
    offered = "offered"
    confirmed = "confirmed"
    active = "active"
    ended = "ended"
    declined = "declined"
    expired = "expired"
    withdrawn = "withdrawn"


class Origin(StrEnum):
    """Who brought a placement or booking into the record."""

    plan = "plan"
    desk = "desk"
    imported = "imported"
    standby = "standby"
    urgent = "urgent"


class OfferAnswer(StrEnum):
    """What became of an offer."""

    accepted = "accepted"
    declined = "declined"
    expired = "expired"
    withdrawn = "withdrawn"


class Channel(StrEnum):
    """How a person said yes or no."""

    desk = "desk"
    phone = "phone"
    visit = "visit"
    online = "online"
    system = "system"


class ExceptionKind(StrEnum):
    """Why a weekly placement does not occupy its slot on one date."""

    absent = "absent"
    holiday_stay = "holiday_stay"
    hospital = "hospital"
    skipped = "skipped"


class BookingState(StrEnum):
    """One dated booking."""

    booked = "booked"
    attended = "attended"
    no_show = "no_show"
    cancelled = "cancelled"


class HoldState(StrEnum):
    """A short reservation while somebody decides."""

    live = "live"
    used = "used"
    released = "released"
    expired = "expired"


class WaitlistState(StrEnum):
    """One entry of a waitlist."""

    waiting = "waiting"
    served = "served"
    left = "left"


class RollMark(StrEnum):
    """What a tick of the roll says; `cleared` takes the ticks before it back."""

    cleared = "cleared"
    collected = "collected"
    present = "present"
    absent = "absent"
    handed_over = "handed_over"


class AlarmKind(StrEnum):
    """What is wrong: a child not at the gate, somebody not there, not fetched, not answering; a roll not taken."""

    gate = "gate"
    missing = "missing"
    unclaimed = "unclaimed"
    unanswered = "unanswered"
    roll = "roll"


class AlarmState(StrEnum):
    """Which step an alarm stands at; `closed` has an outcome."""

    call = "call"
    contact = "contact"
    committee = "committee"
    manager = "manager"
    closed = "closed"


class AlarmOutcome(StrEnum):
    """How an alarm ended."""

    arrived = "arrived"
    excused = "excused"
    with_family = "with_family"
    emergency = "emergency"
    no_show = "no_show"
    false_alarm = "false_alarm"


class TaskKind(StrEnum):
    """What an adviser is asked to look into."""

    three_no_shows = "three_no_shows"
    consent_gone = "consent_gone"


class SlotState(StrEnum):
    """Whether a dated slot takes bookings."""

    open = "open"
    closed = "closed"


class RunState(StrEnum):
    """One execution of the night."""

    running = "running"
    published = "published"
    drafted = "drafted"
    held_back = "held_back"
    no_plan = "no_plan"
    failed = "failed"
    abandoned = "abandoned"


class PlanState(StrEnum):
    """A plan is whole or not there; at most one is published."""

    draft = "draft"
    published = "published"
    superseded = "superseded"
    rejected = "rejected"
    rolled_back = "rolled_back"


class ProposalOutcome(StrEnum):
    """What the night decided for one need."""

    placed = "placed"
    kept = "kept"
    moved = "moved"
    unplaced = "unplaced"
    displaced = "displaced"
    held_back = "held_back"


class StaffRole(StrEnum):
    """What a member of staff may do."""

    adviser = "adviser"
    coordinator = "coordinator"
    site = "site"
    manager = "manager"
    auditor = "auditor"
    admin = "admin"


class LoginKind(StrEnum):
    """A browser's login (cookie and CSRF token) or a program's bearer token."""

    browser = "browser"
    token = "token"  # noqa: S105


class CandidateState(StrEnum):
    """A near match of an imported row, waiting for a person to decide."""

    waiting = "waiting"
    same = "same"
    different = "different"


class EscalationLevel(StrEnum):
    """Where an unmet need has risen to."""

    committee = "committee"
    block = "block"
    subdistrict = "subdistrict"


class NoticeState(StrEnum):
    """One row of the outbox."""

    waiting = "waiting"
    sent = "sent"
    failed = "failed"


class Reason(StrEnum):
    """Why an option is or is not a person's: one vocabulary for rules, solver, checker, API and screen."""

    placed = "placed"
    less_preferred = "less_preferred"
    full = "full"
    group = "group"
    outweighed = "outweighed"
    too_far = "too_far"
    no_way_down = "no_way_down"
    too_young = "too_young"
    too_old = "too_old"
    care_grade_too_low = "care_grade_too_low"
    care_grade_too_high = "care_grade_too_high"
    care_grade_missing = "care_grade_missing"
    care_grade_expired = "care_grade_expired"
    needs_cognition_flag = "needs_cognition_flag"
    not_for_cognition = "not_for_cognition"
    outside_area = "outside_area"
    consent_missing = "consent_missing"
    guardian_consent_missing = "guardian_consent_missing"
    not_on_these_days = "not_on_these_days"
    smaller_pattern = "smaller_pattern"
    closed = "closed"
    calendar_not_published = "calendar_not_published"
    beyond_horizon = "beyond_horizon"
    quota_used_up = "quota_used_up"
    not_wished = "not_wished"
    no_option = "no_option"
    double_booked = "double_booked"
    not_step_free = "not_step_free"
    carer_not_suited = "carer_not_suited"
    no_pickup_adult = "no_pickup_adult"
    waits_for_round = "waits_for_round"
    escort_missing = "escort_missing"
    inside_notice = "inside_notice"
    need_changed = "need_changed"
