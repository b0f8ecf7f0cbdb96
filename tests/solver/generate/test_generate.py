"""Drawn problems are problems of the format, the same for the same seed, and of the size asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from solver.check import check
from solver.generate import (
    NightShape,
    draw_assignment,
    draw_night,
    draw_round,
    draw_unit_demand,
    to_arrays,
    to_document,
)
from solver.generate.__main__ import KINDS, generate, main
from solver.generate.round import RoundShape
from solver.plan import Plan
from solver.read import parse_problem


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_a_problem_and_repeats(kind):
    document = generate(kind, 60, 7)
    problem = parse_problem(document)
    assert len(problem.requests) == 60
    assert generate(kind, 60, 7) == document
    assert generate(kind, 60, 8) != document


@pytest.mark.parametrize("kind", ["night", "night-several", "night-loose", "night-nearest", "night-people"])
def test_held_places_of_a_night_fit_together(kind):
    document = generate(kind, 2000, 1)
    problem = parse_problem(document)
    held = {request.id: request.held for request in problem.requests if request.held is not None}
    assert len(held) > 200
    apart = {request.id for request in problem.requests if request.id not in held}
    plan = Plan("feasible", placements=held, unplaced=sorted(apart))
    found = {violation.code for violation in check(problem, plan)}
    assert "over_capacity" not in found


def test_pinned_members_of_a_group_do_not_contradict_its_rules():
    draft = draw_night(NightShape(5000), 2)
    pinned = np.flatnonzero(draft.pinned & (draft.group >= 0))
    for group in np.unique(draft.group[pinned]).tolist():
        members = pinned[draft.group[pinned] == group]
        if draft.same_site[group]:
            assert len(set(draft.site[draft.held[members]].tolist())) == 1


def test_the_published_order_has_a_level_per_class_twice():
    objective = draw_night(NightShape(100, levels="published")).objective
    assert [next(iter(level["sum"])) for level in objective[:4]] == [
        "days_1",
        "served_1",
        "days_2",
        "served_2",
    ]
    assert {"worst": "beyond"} in objective


def test_arrays_and_document_are_the_same_problem():
    draft = draw_night(NightShape(300, levels="published", several=True), 5)
    ours, read = to_arrays(draft), parse_problem(to_document(draft)).arrays
    assert ours.capacity.tolist() == read.capacity.tolist()
    assert ours.request_start.tolist() == read.request_start.tolist()
    assert ours.use_resource.tolist() == read.use_resource.tolist()
    assert ours.held.tolist() == read.held.tolist()
    for one, other in zip(ours.levels, read.levels, strict=True):
        assert one.value.tolist() == other.value.tolist()


def test_classical_kinds_have_their_shape():
    assert len(draw_unit_demand(100, 5).site) == 500
    draft = draw_assignment("D", 20, 4)
    assert draft.must.all()
    with pytest.raises(ValueError, match="unknown type 'X'"):
        draw_assignment("X", 20, 4)


def test_a_round_lets_everybody_keep_what_they_hold():
    document = draw_round(RoundShape(400, 20, transfers=0.5))
    left = {resource["id"]: resource["capacity"] for resource in document["resources"]}
    for request in document["requests"]:
        if "held" in request:
            (resource,) = next(o for o in request["options"] if o["id"] == request["held"])["uses"]
            left[resource] -= 1
    assert min(left.values()) >= 0


def test_the_command_writes_a_file(tmp_path):
    target = tmp_path / "night.json"
    assert main(["night", "--requests", "20", "--seed", "1", "--out", str(target)]) == 0
    assert json.loads(target.read_text())["format"] == "solver-problem/1"
    assert main(["night", "--requests", "0", "--out", str(target)]) == 2
