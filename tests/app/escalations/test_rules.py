"""Every state with every act, and who owns what is raised."""

from __future__ import annotations

import pytest

from app.escalations.rules import (
    CHOSEN,
    Act,
    Candidate,
    Outcome,
    State,
    choose_owner,
    find_next_state,
    list_areas,
)
from app.models.enums import EscalationLevel, StaffRole

BLOCK, ROOT = 10, 1


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            State.open,
            {
                Act.assign: State.open,
                Act.close: State.closed,
                Act.rise: State.closed,
                Act.settle: State.closed,
            },
        ),
        (State.closed, {}),
    ],
)
def test_every_act_leads_where_the_table_says_and_no_other_is_possible(
    state: State, expected: dict[Act, State]
) -> None:
    assert {act: to for act in Act if (to := find_next_state(state, act)) is not None} == expected


def test_people_may_not_give_the_programs_own_outcomes() -> None:
    assert set(Outcome) - set(CHOSEN) == {Outcome.risen, Outcome.settled}


def test_blocks_list_belongs_to_its_manager_before_its_adviser() -> None:
    staff = [
        Candidate(1, BLOCK, StaffRole.adviser),
        Candidate(2, BLOCK, StaffRole.manager),
        Candidate(3, ROOT, StaffRole.manager),
    ]
    assert choose_owner(staff, list_areas(EscalationLevel.block, BLOCK, ROOT)) == 2
    assert choose_owner(staff, list_areas(EscalationLevel.subdistrict, BLOCK, ROOT)) == 3


def test_block_without_staff_falls_to_the_subdistrict_and_an_auditor_owns_nothing() -> None:
    staff = [Candidate(4, BLOCK, StaffRole.auditor), Candidate(3, ROOT, StaffRole.coordinator)]
    assert choose_owner(staff, list_areas(EscalationLevel.block, BLOCK, ROOT)) == 3
    assert choose_owner([], list_areas(EscalationLevel.block, BLOCK, ROOT)) is None
