"""Every fault of the format is named with its path, and what is legal is read."""

from __future__ import annotations

import json

import pytest

from solver import BadInput, parse_problem
from solver.strictjson import loads
from tests.solver.samples import document


def faults(change) -> list[str]:
    made = document()
    change(made)
    with pytest.raises(BadInput) as caught:
        parse_problem(made)
    return [str(fault) for fault in caught.value.faults]


def request(made):
    return made["requests"][0]


def option(made):
    return request(made)["options"][0]


CASES = {
    "unknown_resource": (
        lambda d: option(d)["uses"].update({"s9": 1}),
        "requests[0].options[0].uses: unknown resource 's9'",
    ),
    "unknown_key": (lambda d: option(d).update(prio=1), "requests[0].options[0]: unknown key 'prio'"),
    "true_is_no_number": (
        lambda d: option(d)["uses"].update({"s1/tue": True}),
        "requests[0].options[0].uses.s1/tue: must be a whole number, not true",
    ),
    "a_float_is_no_number": (
        lambda d: option(d)["terms"].update(metres=3.0),
        "requests[0].options[0].terms.metres: must be a whole number, not the number 3.0",
    ),
    "negative_capacity": (
        lambda d: d["resources"][0].update(capacity=-1),
        "resources[0].capacity: must not be negative (-1)",
    ),
    "negative_amount": (
        lambda d: option(d)["uses"].update({"s1/tue": -1}),
        "requests[0].options[0].uses.s1/tue: must not be negative (-1)",
    ),
    "empty_objective": (lambda d: d.update(objective=[]), "objective: must name at least one level"),
    "held_elsewhere": (
        lambda d: request(d).update(held="x1"),
        "requests[0].held: 'x1' is not among the options",
    ),
    "pinned_without_held": (
        lambda d: request(d).update(pinned=True),
        "requests[0].pinned: is set without 'held'",
    ),
    "unknown_group": (lambda d: request(d).update(group="g9"), "requests[0].group: unknown group 'g9'"),
    "empty_joint": (
        lambda d: d["groups"][0].update(joint=[{}]),
        "groups[0].joint[0]: must place at least one member",
    ),
    "joint_with_a_stranger": (
        lambda d: d["groups"][0].update(joint=[{"r2": "o1"}]),
        "groups[0].joint[0]: 'r2' is not a member of 'g1'",
    ),
    "joint_with_an_unknown_option": (
        lambda d: d["groups"][0].update(joint=[{"r1": "x1"}]),
        "groups[0].joint[0]: 'r1' has no option 'x1'",
    ),
    "same_request_twice": (
        lambda d: d["requests"][1].update(id="r1"),
        "requests[1].id: the request id 'r1' stands twice",
    ),
    "same_option_twice": (
        lambda d: request(d)["excluded"][0].update(id="o1"),
        "requests[0].excluded[0].id: the option id 'o1' stands twice",
    ),
    "no_site": (lambda d: option(d).pop("site"), "requests[0].options[0]: 'site' is missing"),
    "no_uses": (lambda d: option(d).pop("uses"), "requests[0].options[0]: 'uses' is missing"),
    "no_reason": (
        lambda d: request(d)["excluded"][0].pop("reason"),
        "requests[0].excluded[0]: 'reason' is missing",
    ),
    "empty_id": (lambda d: request(d).update(id=""), "requests[0].id: must not be empty"),
    "wrong_format": (
        lambda d: d.update(format="solver-problem/2"),
        "format: must be 'solver-problem/1', not the text 'solver-problem/2'",
    ),
    "beyond_2_53": (
        lambda d: option(d)["terms"].update(metres=2**53 + 1),
        "requests[0].options[0].terms.metres: must be within +-2^53",
    ),
    "worst_of_a_negative": (
        lambda d: (d.update(objective=[{"worst": "metres"}]), option(d)["terms"].update(metres=-1)),
        "requests[0].options[0].terms.metres: is negative (-1), but a 'worst' level reads it",
    ),
    "sum_and_worst": (
        lambda d: d.update(objective=[{"sum": {}, "worst": "x"}]),
        "objective[0]: must hold either 'sum' or 'worst'",
    ),
    "option_overflows": (
        lambda d: (d.update(objective=[{"sum": {"served": 2**53}}]), option(d)["terms"].update(served=2**9)),
        "objective[0]: the weighted terms of requests[0].options[0] reach 2^62",
    ),
    "level_overflows": (
        lambda d: (
            d.update(objective=[{"sum": {"served": 2**53}}]),
            [each["options"][0]["terms"].update(served=2**8) for each in d["requests"]],
        ),
        "objective[0]: the largest values of all requests sum to 2^62 or more",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_with_its_path(name):
    change, sentence = CASES[name]
    assert sentence in faults(change)


def test_all_faults_are_listed_at_once():
    def change(made):
        made["resources"][0]["capacity"] = -1
        made["requests"][1]["id"] = ""

    assert len(faults(change)) == 2


def test_a_combination_is_followed_beside_other_faults():
    def change(made):
        made["groups"][0]["joint"] = [{}, {"r9": "o1"}, {"r1": "o9"}, {"r1": "o1"}]
        made["resources"][0]["capacity"] = -1
        made["requests"].append({"id": "r1", "options": []})

    assert faults(change) == [
        "resources[0].capacity: must not be negative (-1)",
        "requests[2].id: the request id 'r1' stands twice",
        "groups[0].joint[0]: must place at least one member",
        "groups[0].joint[1]: 'r9' is not a member of 'g1'",
        "groups[0].joint[2]: 'r1' has no option 'o9'",
    ]


def test_nobody_is_called_a_stranger_whose_id_cannot_be_read():
    def change(made):
        made["groups"][0]["joint"] = [{"r1": "o1"}]
        request(made)["id"] = 1

    assert faults(change) == ["requests[0].id: must be a text, not the number 1"]


def test_uses_of_a_resource_that_overflow_together_are_refused():
    made = document()
    made["requests"] = [
        {"id": f"r{i}", "options": [{"id": "o", "site": "s", "uses": {"s1/tue": 2**53}}]} for i in range(600)
    ]
    with pytest.raises(BadInput, match=r"resources\[0\]: the largest uses"):
        parse_problem(made)


def test_a_key_twice_is_a_fault():
    raw = json.dumps(document()).replace('"capacity": 1', '"capacity": 1, "capacity": 2').encode()
    with pytest.raises(BadInput, match=r"resources\[0\]: the key 'capacity' stands twice"):
        parse_problem(loads(raw))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"data": {"metres": 9}',
            '"data": {"a": [{"b": 1, "b": 2}]}',
            ".data.a[0]: the key 'b' stands twice",
        ),
        ('"class": 1', '"note": {"b": 1, "b": 2}', "requests[0].note: the key 'b' stands twice"),
        ('"metres": 9', '"metres": NaN', "is not JSON: NaN is no number"),
        ('"metres": 9', '"metres": 1e999', "is not JSON: 1e999 is no number"),
    ],
)
def test_values_that_nobody_reads_are_json_all_the_same(old, new, sentence):
    raw = json.dumps(document()).replace(old, new).encode()
    with pytest.raises(BadInput) as caught:
        parse_problem(loads(raw))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1, 2", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"nul"]
)
def test_what_is_no_json_is_one_clear_sentence(raw):
    with pytest.raises(BadInput) as caught:
        loads(raw)
    assert len(caught.value.faults) == 1
    assert "\n" not in str(caught.value)


def test_notes_and_private_keys_are_passed_over():
    made = document()
    made["note"] = "seen"
    option(made)["x_source"] = {"any": [1.5, None]}
    assert len(parse_problem(made).requests) == 2


def test_empty_nights_are_legal():
    made = {"format": "solver-problem/1", "resources": [], "requests": [], "objective": [{"worst": "x"}]}
    assert parse_problem(made).requests == []
