"""`dev.py` refuses what it must, in one sentence, before it changes anything; its marker tells half-made from whole."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dev
from tests.house.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def run_dev(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_missing_data_folder_is_made_and_marked(tmp_path: Path) -> None:
    taken = dev.take_data_folder(tmp_path / "deep" / "data")
    assert [path.name for path in taken.iterdir()] == [dev.DATA_MARK]
    assert dev.take_data_folder(taken) == taken


def test_data_folder_with_other_files_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = run_dev("demo", DATA=str(tmp_path), PORT="0" + str(free_port()))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "did not make" in done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"thesis.txt": "mine"}


def test_data_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(dev.DevError, match="is not a folder") as refusal:
        dev.take_data_folder(tmp_path / "file")
    assert refusal.value.code == 2


def test_folder_of_a_fresh_file_system_is_empty(tmp_path: Path) -> None:
    from app.context import take_folder

    for name, take in (("dev", dev.take_data_folder), ("app", take_folder)):
        (tmp_path / name / "lost+found").mkdir(parents=True)
        take(tmp_path / name)
        assert (tmp_path / name / dev.DATA_MARK).exists()
        assert (tmp_path / name).stat().st_mode & 0o077 == 0, "only its owner looks into it"


def test_data_mark_is_the_programs(tmp_path: Path) -> None:
    from app.context import MARK, take_folder

    assert dev.DATA_MARK == MARK
    take_folder(dev.take_data_folder(tmp_path / "data"))


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "web", "８０８０", "80 80"])
def test_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(dev.DevError, match="is not a port"):
        dev.check_port(port)


def test_port_in_use_is_refused_with_another_to_take(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = run_dev("demo", PORT=str(port), DATA=str(tmp_path / "data"))
    assert done.returncode == 2
    assert f"port {port} is in use" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [["fly"], ["setup", "--fast"], ["--version"]])
def test_unknown_command_is_bad_use(words: list[str]) -> None:
    done = run_dev(*words)
    assert done.returncode == 2
    assert "does not know" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_names_every_command() -> None:
    done = run_dev("--help")
    assert done.returncode == 0
    for command in ("setup", "demo", "lock", *dev.MODULES):
        assert f"{command} " in done.stdout, command


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("urllib3: Temporary failure in name resolution", "no network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "hashes differ"),
        ("first\nsomething new\n", "something new"),
        ("", "no reason given"),
    ],
)
def test_failed_installation_is_explained_in_one_line(said: str, cause: str) -> None:
    assert cause in dev.explain(said)
    assert "\n" not in dev.explain(said)


class TestMarker:
    """An environment counts only with a whole marker of this Python, in this place."""

    @pytest.fixture
    def environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(dev, "MARKER", tmp_path / "marker.json")
        monkeypatch.setattr(dev, "PYTHON", tmp_path / "python")
        (tmp_path / "python").touch()
        whole = {"python": dev.python_identity(), "locks": {"demo": "x"}, "project": "y"}
        (tmp_path / "marker.json").write_text(json.dumps(whole))
        return tmp_path

    def test_whole_marker_counts(self, environment: Path) -> None:
        assert environment.exists()
        assert dev.read_marker()

    def test_without_marker_it_is_half_made(self, environment: Path) -> None:
        (environment / "marker.json").unlink()
        assert dev.read_marker() is None

    def test_torn_marker_is_none(self, environment: Path) -> None:
        (environment / "marker.json").write_text('{"python": ')
        assert dev.read_marker() is None

    def test_marker_of_another_python_is_none(self, environment: Path) -> None:
        marker = json.loads((environment / "marker.json").read_text())
        (environment / "marker.json").write_text(json.dumps(marker | {"python": "3.11.0 elsewhere"}))
        assert dev.read_marker() is None

    def test_marker_without_its_interpreter_is_none(self, environment: Path) -> None:
        (environment / "python").unlink()
        assert dev.read_marker() is None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_compiled_modules_are_kept_whatever_python_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "elsewhere")  # so that it is put back as it was
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    dev.keep_bytecode()
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
    assert os.environ["PYTHONPYCACHEPREFIX"] == str(dev.WORK / "bytecode")
