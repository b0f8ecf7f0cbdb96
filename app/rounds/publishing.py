"""Publishes a round's list: by code, signed, with the secret; part of the act that publishes the plan that decided it.

The list stands and falls with its plan: rolling the plan back withdraws the list, which then says so itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import undefer

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.clock import now, today
from app.db import WriteSession
from app.errors import NotFound
from app.models import CareClass, Need, Plan, Proposal, Round
from app.models.enums import PlanState, ProposalOutcome, Reason, RoundState
from app.notices.commands import Draft, put
from app.priority.rules import draw_number
from app.rounds.commands import lock_round
from app.rounds.commitment import digest, hash_entries, make_seed, sign
from app.rounds.errors import RoundNotDecided, RoundNotPossible, SecretMissing
from app.rounds.listing import LIST, Entry, Outcome, count_bands, find_cutoffs, make_rows
from app.rounds.queries import get_commitment, get_entries, get_order, list_undecided, load_classes
from app.rounds.rules import Act, find_next_state

GIVEN = frozenset({ProposalOutcome.placed, ProposalOutcome.kept, ProposalOutcome.moved})
LEFT = frozenset({ProposalOutcome.unplaced, ProposalOutcome.displaced})
NOT_YET = frozenset({Reason.calendar_not_published, Reason.beyond_horizon})
"""Refusals that say nothing about the order: a list made of them would tell everybody no for want of a calendar."""


def publish_lists(session: WriteSession, plan_id: int) -> list[str]:
    """Publish the list of every drawn round that a plan in force has decided; returns the codes of the rounds.

    A round of which a gate held a part back, or whose period has no published calendar, is left drawn: a later night
    decides it.
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound
    told = []
    for row in list_undecided(session, plan.effective_on):
        try:
            publish(session, system_actor("nightly"), row.id)
        except (RoundNotDecided, SecretMissing):
            continue
        told.append(row.code)
    return told


def publish(session: WriteSession, actor: Actor, round_id: int) -> Round:
    """Publish the list from the plan in force. Raises `RoundNotPossible`, `RoundNotDecided`, `SecretMissing`."""
    row = lock_round(session, round_id)
    to = find_next_state(row.state, Act.publish)
    if to is None:
        raise RoundNotPossible(round=row.code, state=row.state, act=Act.publish)
    plan = session.scalars(
        select(Plan).where(Plan.state == PlanState.published, Plan.effective_on >= row.publishes_on)
    ).first()
    codes = get_entries(session, row.id) or []
    if plan is None:
        raise RoundNotDecided(round=row.code, publishes_on=row.publishes_on.isoformat(), undecided=len(codes))
    if row.hidden_secret is None or row.hidden_list_key is None:
        raise SecretMissing(round=row.code)
    entries = _list_entries(session, row, plan, codes)
    row.published_list = _make_list(row, entries, plan.effective_on, codes)
    row.secret = row.hidden_secret
    row.state = RoundState(to)
    row.version += 1
    session.flush()
    _tell_people(session, row, codes)
    told = {"rows": len(entries), "list_sha256": digest(row.published_list)}
    record(session, actor.label, "round.publish", f"round:{row.code}", told)
    return row


def withdraw_lists(
    session: WriteSession, actor: Actor, plan: Plan, need_ids: Sequence[int], reason: str
) -> list[str]:
    """Withdraw the lists that a plan being rolled back decided, or whose places (of these needs) it takes back.

    The round is drawn again and keeps its places; its numbers stay, and the next night decides. Returns the codes.
    """
    decided = exists().where(
        Proposal.plan_id == plan.id, Proposal.need_id == Need.id, Need.round_id == Round.id
    )
    rows = session.scalars(
        select(Round)
        .where(Round.state == RoundState.published, Round.starts_on > plan.effective_on, decided)
        .order_by(Round.code)
        .options(undefer(Round.published_list))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    touched = set(session.scalars(select(Need.round_id).where(Need.id.in_(need_ids))))
    told = []
    for row in rows:
        listed = row.published_list
        if listed is None:
            continue
        if listed["effective_on"] == plan.effective_on.isoformat() or row.id in touched:
            _withdraw(session, actor, row, listed, reason)
            told.append(row.code)
    return told


def _withdraw(session: WriteSession, actor: Actor, row: Round, listed: dict[str, Any], reason: str) -> None:
    to = find_next_state(row.state, Act.withdraw)
    assert to is not None, row.state
    document = {key: value for key, value in listed.items() if key != "signature"}
    document["withdrawn"] = {"on": today().isoformat(), "reason": reason}
    key = row.hidden_list_key
    # Without the key (an imported round) the old signature stays and does not fit: the list is refused all the same.
    row.published_list = document | {"signature": listed["signature"] if key is None else sign(key, document)}
    row.state = RoundState(to)
    row.version += 1
    session.flush()
    _tell_people(session, row, get_entries(session, row.id) or [], "round_withdrawn")
    told = {"reason": reason, "list_sha256": digest(listed)}
    record(session, actor.label, "round.withdraw", f"round:{row.code}", told)


def _tell_people(
    session: WriteSession, row: Round, codes: list[str], template: str = "round_published"
) -> None:
    """Tell everybody who took part that the list is out, or is not any more; what it says of them stands in it alone."""
    needs = session.execute(select(Need.code, Need.person_id).where(Need.code.in_(codes)).order_by(Need.id))
    data = {"name": row.name_zh}
    # Told once a list: the next one of the same round, after a roll-back, is other news.
    more = (row.version,)
    put(
        session,
        [Draft(template, one.code, person_id=one.person_id, data=data, more=more) for one in needs],
        now(),
    )


def _list_entries(session: WriteSession, row: Round, plan: Plan, codes: list[str]) -> list[Entry]:
    """Return what became of everybody who took part. Raises `RoundNotDecided` while somebody is not decided."""
    classes = load_classes(session, row.id, plan.effective_on, get_order(row))
    found = session.execute(
        select(
            Need.code,
            Need.draw_number,
            Proposal.outcome,
            Proposal.reason,
            CareClass.code.label("class_code"),
        )
        .outerjoin(Proposal, (Proposal.need_id == Need.id) & (Proposal.plan_id == plan.id))
        .outerjoin(CareClass, CareClass.id == Proposal.class_id)
        .where(Need.round_id == row.id)
        .order_by(Need.code)
    ).all()
    rows = {each.code: each for each in found if each.code in set(codes)}
    undecided = [
        each.code for each in rows.values() if each.code in classes and each.outcome not in GIVEN | LEFT
    ]
    if undecided:
        raise RoundNotDecided(
            round=row.code, publishes_on=row.publishes_on.isoformat(), undecided=len(undecided)
        )
    # Whoever was erased since took part all the same: the code stays, and its number follows from the seed.
    seed = make_seed(str(row.hidden_secret), str(row.public_number))
    gone = [
        Entry(code, draw_number(seed, code), None, Outcome.withdrawn) for code in set(codes) - rows.keys()
    ]
    return [*(_make_entry(each, classes) for each in rows.values()), *gone]


def _make_entry(each: Any, classes: dict[str, int]) -> Entry:
    if each.code not in classes:
        return Entry(each.code, each.draw_number, None, Outcome.withdrawn)
    if each.outcome in GIVEN:
        return Entry(each.code, each.draw_number, classes[each.code], Outcome.placed, each.class_code)
    return Entry(each.code, each.draw_number, classes[each.code], Outcome.waiting)


def _make_list(row: Round, entries: list[Entry], effective_on: date, codes: list[str]) -> dict[str, Any]:
    rows = make_rows(entries)
    document: dict[str, Any] = {
        "format": LIST,
        "commitment": get_commitment(row),
        "secret": row.hidden_secret,
        "public_number": row.public_number,
        "public_number_source": row.public_number_source,
        "public_number_on": None if row.public_number_on is None else row.public_number_on.isoformat(),
        "entries_sha256": hash_entries(codes),
        "effective_on": effective_on.isoformat(),
        "bands": count_bands(rows),
        "rows": rows,
        "cutoffs": find_cutoffs(rows),
    }
    return document | {"signature": sign(row.hidden_list_key, document)}
