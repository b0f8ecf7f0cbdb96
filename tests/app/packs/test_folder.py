"""The folder of packs: its owner's alone, a file whole or not at all, days that go away by themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.packs import folder as packs_folder
from app.packs.folder import PackFolder

if TYPE_CHECKING:
    from pathlib import Path

ON = date(2026, 11, 23)


@pytest.fixture
def packs(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path / "data" / "packs")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_the_owner_gets_in(packs: PackFolder) -> None:
    before = os.umask(0)  # the most careless installation
    try:
        path = packs.put(ON, "S1", b"one", "f1")
    finally:
        os.umask(before)
    assert [mode(each) for each in (packs.root, path.parent, path)] == [0o700, 0o700, 0o600]
    assert {mode(each) for each in path.parent.iterdir()} == {0o600}


def test_same_content_is_current_and_another_is_not(packs: PackFolder) -> None:
    assert not packs.is_current(ON, "S1", "f1")
    packs.put(ON, "S1", b"one", "f1")
    packs.put(ON, "S2", b"two", "f2")
    assert packs.is_current(ON, "S1", "f1")
    assert not packs.is_current(ON, "S1", "f2")
    packs.find_path(ON, "S1").unlink()  # somebody took it away: it is made again
    assert not packs.is_current(ON, "S1", "f1")


def test_failed_write_leaves_the_old_pack_and_no_rest(
    packs: PackFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packs.put(ON, "S1", b"old", "f1")

    def fail(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packs_folder.os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        packs.put(ON, "S1", b"new", "f2")
    assert path.read_bytes() == b"old"
    assert packs.is_current(ON, "S1", "f1")
    assert list(path.parent.glob("*.part")) == []


KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from app.packs import folder
folder.os.fsync = lambda file: os._exit(9)
folder.PackFolder(Path(sys.argv[1])).put(date(2026, 11, 23), "S1", b"new", "f2")
"""


def test_killed_while_writing_leaves_the_old_pack_and_the_rest_goes_away(packs: PackFolder) -> None:
    path = packs.put(ON, "S1", b"old", "f1")
    died = subprocess.run([sys.executable, "-c", KILLED, str(packs.root)], check=False)
    assert died.returncode == 9
    assert path.read_bytes() == b"old"
    assert len(list(path.parent.glob("*.part"))) == 1
    packs.expire(ON, 1)
    assert list(path.parent.glob("*.part")) == []


def test_days_that_are_over_go_away_and_nothing_else_does(packs: PackFolder) -> None:
    days = [date(2026, 11, day) for day in (20, 22, 23, 24)]
    for on in days:
        packs.put(on, "S1", b"x", "f")
    other = packs.root / "notes"
    other.mkdir()
    assert packs.expire(ON, 1) == days[:2]
    assert sorted(path.name for path in packs.root.iterdir()) == ["2026-11-23", "2026-11-24", "notes"]
    assert packs.expire(ON, 1) == []


def test_code_of_a_site_does_not_lead_out_of_the_folder(packs: PackFolder) -> None:
    path = packs.put(ON, "../../etc/pass wd", b"x", "f")
    assert path.parent == packs.root / "2026-11-23"
    assert path.name == "______etc_pass_wd.pdf"
