"""Reads price rules, list prices, and what of a month's quotas a person has used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking, Household, Need, PriceRule, Slot
from app.models import Person as PersonRow
from app.models.enums import ServiceKind, WishPart
from app.options.facts import Person
from app.options.rules import count_years, find_grade, list_words
from app.policies.rules import Policies
from app.prices.rules import Bill, Payer, Quote, Rule, Tally, price


@dataclass(frozen=True)
class PriceList:
    """All that pricing one kind of service for one person needs; asks the database no more."""

    kind: ServiceKind
    rules: Sequence[Rule]
    person: Person
    is_registered_here: bool
    policies: Policies
    earlier: Sequence[tuple[date, WishPart | None]]
    """Dates of the person's live bookings of this kind in the months asked about."""

    def quote(
        self, on: date, part: WishPart, minutes: int | None, *, service_id: int, channel: str = "dine_in"
    ) -> Quote | None:
        """Return the price of one day, meal or visit; None where the list has no price for it."""
        full = self._find_list_price(part, minutes)
        if full is None:
            return None
        payer = Payer(
            years=count_years(self.person.born_on, on),
            evidence=frozenset(list_words(self.person, on)),
            grade=find_grade(self.person, on),
            is_registered_here=self.is_registered_here,
        )
        tally = Tally()
        for day, _ in self.earlier:
            if (day.year, day.month) == (on.year, on.month) and day < on:
                price(Bill(day, full, service_id, channel), payer, self.rules, tally)
        return price(Bill(on, full, service_id, channel), payer, self.rules, tally)

    def _find_list_price(self, part: WishPart, minutes: int | None) -> int | None:
        prices = self.policies.get("list_price_fen").get(self.kind.value, {})
        if "hour" in prices:
            return int(prices["hour"]) * (minutes or 60) // 60
        fen = prices.get(part.value, prices.get("any"))
        return None if fen is None else int(fen)


def load_price_list(
    session: Session, person: Person, kind: ServiceKind, policies: Policies, month: date
) -> PriceList:
    """Return the price list of a kind for a person, with what the person has had in the month."""
    rows = session.scalars(
        select(PriceRule).where(
            PriceRule.kind == kind, or_(PriceRule.valid_to.is_(None), PriceRule.valid_to >= month)
        )
    )
    rules = [
        Rule(
            code=row.code,
            conditions=row.conditions,
            percent_off=row.percent_off,
            amount_off_fen=row.amount_off_fen,
            per_day_cap_fen=row.per_day_cap_fen,
            per_month_quota=row.per_month_quota,
            stacking_order=row.stacking_order,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
            service_id=row.service_id,
        )
        for row in rows
    ]
    registered = session.execute(
        select(Household.registered_compound_id)
        .join(PersonRow, PersonRow.household_id == Household.id)
        .where(PersonRow.id == person.id)
    ).scalar_one_or_none()
    earlier = session.execute(
        select(Slot.occurs_on)
        .join(Booking, Booking.slot_id == Slot.id)
        .join(Need, Need.id == Booking.need_id)
        .where(
            Booking.person_id == person.id,
            Booking.state.in_(LIVE_BOOKINGS),
            Need.kind == kind,
            Slot.occurs_on >= month.replace(day=1),
        )
        .order_by(Slot.occurs_on)
    )
    # Every compound of the record lies in the subdistrict; somebody registered elsewhere names none.
    return PriceList(
        kind, rules, person, registered is not None, policies, [(row.occurs_on, None) for row in earlier]
    )
