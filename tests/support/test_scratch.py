"""The folder of a run is its own, goes with it, and what a killed run left goes with the next."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support import scratch


def test_folder_goes_with_all_that_is_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOM", 1)
    with scratch.scratch() as folder:
        assert folder.parent == tmp_path
        (folder / "database").write_text("rows")
    assert list(tmp_path.iterdir()) == []


def test_folder_of_a_killed_run_goes_and_that_of_a_living_one_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOM", 1)
    killed = tmp_path / f"{scratch.PREFIX}killed"
    killed.mkdir()
    (killed / "owner.lock").touch()
    with scratch.scratch() as living, scratch.scratch():
        assert living.exists()
        assert not killed.exists()


@pytest.mark.parametrize(("free", "flags"), [(1, 0), (100, getattr(os, "ST_NOEXEC", 8))])
def test_small_memory_and_one_that_runs_nothing_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, flags: int
) -> None:
    monkeypatch.setattr(scratch, "ROOM", 10)
    state = SimpleNamespace(f_flag=flags, f_bavail=free, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: state)
    assert not scratch.has_room(tmp_path)


def test_memory_that_is_not_there_is_not_taken(tmp_path: Path) -> None:
    assert not scratch.has_room(tmp_path / "nowhere")
