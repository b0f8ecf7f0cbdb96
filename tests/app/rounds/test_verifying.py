"""`carematch verify`: a sound list passes, every single change to it is found, each with a clear sentence."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from app.rounds.check import FOUND, SOUND, UNREADABLE, run
from app.rounds.commitment import canonical, digest, hash_secret, make_list_key, sign
from app.rounds.listing import FEWEST
from app.rounds.verifying import verify
from tests.app.rounds.lists import make_list, sign_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIST = make_list()


def list_paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every value that is not an object or a list."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from list_paths(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from list_paths(value, (*path, index))
    else:
        yield path


def change(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """Return a copy with one value altered, its type kept."""
    changed = copy.deepcopy(document)
    node: Any = changed
    for key in path[:-1]:
        node = node[key]
    value = node[path[-1]]
    if isinstance(value, int):
        node[path[-1]] = value + 1
    elif value is None:
        node[path[-1]] = "HC-0"
    else:
        node[path[-1]] = value[:-1] + ("0" if value[-1:] != "0" else "1")
    return changed


def codes(document: Any, announced: Any = None) -> set[str]:
    return {finding.code for finding in verify(document, announced).findings}


def test_sound_list_agrees() -> None:
    assert verify(LIST, LIST["commitment"]).findings == []
    assert verify(LIST).rows == len(LIST["rows"])


@pytest.mark.parametrize("path", list(list_paths(LIST)), ids=lambda path: ".".join(map(str, path)))
def test_every_changed_value_is_found(path: tuple[Any, ...]) -> None:
    verdict = verify(change(LIST, path))
    assert not verdict.is_sound
    assert all(finding.zh and finding.en for finding in verdict.findings)


def test_every_row_left_out_doubled_or_swapped_is_found() -> None:
    for index in range(len(LIST["rows"])):
        for alter in (_leave_out, _double, _swap):
            changed = copy.deepcopy(LIST)
            alter(changed["rows"], index)
            if changed != LIST:
                assert not verify(changed).is_sound


def _leave_out(rows: list[Any], index: int) -> None:
    del rows[index]


def _double(rows: list[Any], index: int) -> None:
    rows.insert(index, rows[index])


def _swap(rows: list[Any], index: int) -> None:
    rows[index], rows[index - 1] = rows[index - 1], rows[index]


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update({key: value})


def _commit(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["commitment"].update({key: value})


def _favour(document: dict[str, Any]) -> None:
    """Give the last who waits a low draw number and the first place in its band."""
    document["rows"][-2]["draw"] = 0


INSIDE_JOBS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another secret": (_set("secret", "another"), "secret"),
    "another public number": (_set("public_number", "9999999"), "draw"),
    "a number from before the end": (_set("public_number_on", "2026-11-09"), "number_too_early"),
    "a number from after the list": (_set("public_number_on", "2026-12-31"), "number_too_early"),
    "another policy": (lambda document: document["commitment"]["policy"].update(version="2"), "policy"),
    "another draw number": (_favour, "draw"),
    "somebody left out": (lambda document: document["rows"].pop(0), "entries"),
    "somebody listed twice": (lambda document: document["rows"].append(document["rows"][0]), "twice"),
    "two in the wrong order": (lambda document: document["rows"].reverse(), "order"),
    "a place without a class": (lambda document: document["rows"][0].update({"class": None}), "outcome"),
    "other figures": (lambda document: document["bands"][0].update(placed=0), "bands"),
    "other cutoffs": (lambda document: document["cutoffs"].pop(), "cutoffs"),
    "a longer cutoff": (lambda document: document["cutoffs"][0].update(last_draw=2**31 - 1), "cutoffs"),
}


@pytest.mark.parametrize("name", INSIDE_JOBS)
def test_change_signed_by_the_office_itself_is_found_by_what_it_breaks(name: str) -> None:
    alter, expected = INSIDE_JOBS[name]
    changed = copy.deepcopy(LIST)
    alter(changed)
    found = codes(sign_again(changed))
    assert expected in found
    assert "signature" not in found


def test_list_under_another_key_is_found_by_the_announced_commitment() -> None:
    private, public = make_list_key()
    forged = copy.deepcopy(LIST)
    forged["commitment"]["list_key"] = public
    forged["rows"][0]["class"] = "HC-9"
    del forged["signature"]
    forged["signature"] = sign(private, forged)
    assert "announced" in codes(forged, LIST["commitment"])


def test_other_secret_with_its_own_hash_is_found_by_the_announced_commitment() -> None:
    forged = copy.deepcopy(LIST)
    forged["secret"] = "chosen afterwards"
    forged["commitment"]["secret_sha256"] = hash_secret("chosen afterwards")
    assert "announced" in codes(sign_again(forged), LIST["commitment"])


@pytest.mark.parametrize(
    "document", [None, [], {}, 7, "list", {"format": "carematch-round-list/1"}, LIST | {"more": 1}]
)
def test_other_files_are_refused_as_such(document: Any) -> None:
    assert codes(document) == {"form"}


@pytest.mark.parametrize(
    "counts",
    [{4: 6, 3: 7, 2: 2, 1: 9}, {4: 1, 3: 1, 2: 1, 1: 1}, {1: 30}, {4: 5, 1: 4}, {4: 2, 3: 2, 2: 2, 1: 2}],
)
def test_no_band_of_fewer_than_five_is_shown_beside_another(counts: dict[int, int]) -> None:
    made = make_list(counts)
    assert verify(made).findings == []
    assert len(made["bands"]) == 1 or all(band["needs"] >= FEWEST for band in made["bands"])
    assert sum(band["needs"] for band in made["bands"]) == sum(counts.values())


def test_small_class_cannot_be_told_apart_in_its_band() -> None:
    rows = [row for row in make_list({4: 2, 3: 6, 1: 9})["rows"] if row["band"] == "3-4"]
    assert len(rows) == 8
    assert [row["draw"] for row in rows] == sorted(row["draw"] for row in rows)


def test_one_text_of_a_document_does_not_depend_on_its_order() -> None:
    assert canonical({"b": 1, "a": "名"}) == canonical({"a": "名", "b": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_terminal_says_sound_wrong_and_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, rubbish = (tmp_path / name for name in ("good.json", "bad.json", "rubbish.json"))
    announced = tmp_path / "commitment.json"
    good.write_text(json.dumps(LIST), encoding="utf-8")
    bad.write_text(json.dumps(LIST | {"secret": "x"}), encoding="utf-8")
    rubbish.write_text('{"a": 1, "a": 2}', encoding="utf-8")
    announced.write_text(json.dumps(LIST["commitment"]), encoding="utf-8")
    assert run(good, announced, as_json=False) == SOUND
    assert "核验无误" in capsys.readouterr().out
    assert run(bad, None, as_json=True) == FOUND
    assert not json.loads(capsys.readouterr().out)["is_sound"]
    assert run(rubbish, None, as_json=False) == UNREADABLE
    assert run(tmp_path / "none.json", None, as_json=False) == UNREADABLE
