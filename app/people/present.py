"""Turns a card as it was read into the reply: masked, and for a site's staff reduced to what the site needs."""

from __future__ import annotations

from datetime import date

from app.models import Consent, Household
from app.options.rules import count_years
from app.people.queries import Card, Home
from app.people.replies import CardOut, ConsentOut, EvidenceOut, HomeOut, PickupOut, RelativeOut
from app.people.rules import hide, mask


def show_home(household: Household, home: Home) -> HomeOut:
    """Return where a household lives, the address masked."""
    return HomeOut(
        id=household.id,
        code=household.code,
        compound_id=household.compound_id,
        compound=home.compound,
        building_id=household.building_id,
        building=home.building,
        floor=household.floor,
        address=hide(household.address_box),
        registered_compound_id=household.registered_compound_id,
        version=household.version,
    )


def show_card(card: Card) -> CardOut:
    """Return the card as its reader may see it without giving a reason."""
    person, is_whole = card.seen.person, card.seen.view == "whole"
    return CardOut(
        id=person.id,
        code=person.code,
        view=card.seen.view,
        name=person.name,
        sex=person.sex,
        born_on=person.born_on if is_whole else None,
        age_years=count_years(person.born_on, card.on),
        roles=card.roles,
        stairs=person.stairs,
        mobility=person.mobility,
        id_number=mask(person.id_number) if is_whole else None,
        phone=mask(person.phone),
        health_note=hide(person.health_note_box) if is_whole else None,
        household=show_home(card.household, card.home) if is_whole else None,
        evidence=[
            EvidenceOut(
                id=row.id,
                kind=row.kind,
                source=row.source,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                in_force=_is_in_force(row.valid_from, row.valid_to, card.on),
                value=hide(row.value_box),
            )
            for row in card.evidence
        ],
        is_withheld=card.is_withheld,
        consents=[_show_consent(row, name, card.on) for row, name in card.consents],
        guardians=[
            RelativeOut(
                id=row.id,
                person_id=row.guardian_id,
                name=name,
                relation=row.relation,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row, name in card.guardians
        ],
        wards=[
            RelativeOut(
                id=row.id,
                person_id=row.child_id,
                name=name,
                relation=row.relation,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row, name in card.wards
        ],
        pickups=[
            PickupOut(
                id=row.id,
                adult_name=row.adult_name,
                adult_id=row.adult_id,
                relation=row.relation,
                phone=mask(row.phone),
                verified_on=row.verified_on,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row in card.pickups
        ],
        version=person.version,
    )


def _show_consent(row: Consent, given_by: str, on: date) -> ConsentOut:
    return ConsentOut(
        id=row.id,
        purpose=row.purpose,
        given_by_id=row.given_by_id,
        given_by=given_by,
        given_on=row.given_on,
        valid_to=row.valid_to,
        withdrawn_on=row.withdrawn_on,
        channel=row.channel,
        in_force=row.withdrawn_on is None and _is_in_force(row.given_on, row.valid_to, on),
    )


def _is_in_force(starts_on: date, last_on: date | None, on: date) -> bool:
    return starts_on <= on and (last_on is None or on <= last_on)
