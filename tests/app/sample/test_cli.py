"""The commands as a user runs them, in processes of their own: sample, race, graph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFUSED = 2


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CAREMATCH_FIELD_KEY"}}
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        env=environment | {"DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.slow
def test_sample_race_and_graph_on_the_command_line(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    first = run(data, "sample", "--size", "small", "--today", "2026-11-23")
    assert first.returncode == 0, first.stderr
    assert "全部为虚构" in first.stdout

    again = run(data, "sample", "--size", "small")
    assert again.returncode == REFUSED
    assert len(again.stderr.strip().splitlines()) == 2  # one sentence in each language
    assert "Traceback" not in again.stderr

    made = run(data, "sample", "race", "--json", "--slots", "2", "--needs", "5")
    if "calendar" not in made.stderr:  # on the last day of the published years there is no race
        race = json.loads(made.stdout)
        assert set(race) == {"token", "slots", "needs"}
        assert (len(race["slots"]), len(race["needs"])) == (2, 5)

    file = tmp_path / "streets.jsonl.gz"
    assert run(data, "graph", "export", str(file)).returncode == 0
    same = run(data, "graph", "import", str(file))
    assert "未作更改" in same.stdout
    assert run(other, "migrate").returncode == 0
    assert "已导入" in run(other, "graph", "import", str(file)).stdout
    refused = run(other, "graph", "import", str(data / "carematch.sqlite3"))
    assert refused.returncode == REFUSED
    assert "gzip" in refused.stderr
