"""Graph files: written and read back the same, every fault named by its line in both languages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from app.walking.errors import GraphFileFault
from app.walking.files import read_graph, write_graph
from tests.app.walking.towns import make_banks

HEADER = {"format": "carematch-graph/1", "source": "测试", "datum": "wgs84", "nodes": 2, "edges": 1}
NODES = ["[31.2, 121.47]", "[31.201, 121.47]"]


def write_lines(path: Path, *lines: str) -> Path:
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def head(**changes: object) -> str:
    return json.dumps(HEADER | changes)


def test_file_is_read_back_as_the_same_graph(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    write_graph(first, make_banks(bridge_at=4), "测试街道")
    graph, source = read_graph(first)
    assert graph.checksum == make_banks(bridge_at=4).checksum
    assert source == "测试街道"
    write_graph(second, graph, source)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["no json"], 1, "not JSON"),
        (["[" * 3_000], 1, "not JSON"),
        ([head(format="other/1")], 1, "carematch-graph/1"),
        ([head(datum="gcj02")], 1, "wgs84"),
        ([head(nodes=True)], 1, "nodes"),
        ([head(edges=10**9)], 1, "edges"),
        ([head(source=None)], 1, "source"),
        ([head(), NODES[0]], 3, "ends here"),
        ([head(), NODES[0], "[131.2, 121.47]", "[0, 1, 100]"], 3, "out of range"),
        ([head(), NODES[0], "[31.2]", "[0, 1, 100]"], 3, "2 numbers"),
        ([head(), *NODES, "[0, 2, 100]"], 4, "0 to 1"),
        ([head(), *NODES, "[0, 1.0, 100]"], 4, "0 to 1"),
        ([head(), *NODES, "[0, 1, NaN]"], 4, "3 numbers"),
        ([head(), *NODES, "[0, 1, true]"], 4, "3 numbers"),
        ([head(), *NODES, "[0, 1, -5]"], 4, "above 0"),
        ([head(), *NODES, "[1, 1, 5]"], 4, "same node"),
        ([head(), *NODES, "[0, 1, 5]", "[0, 1, 5]"], 5, "more rows"),
        ([head(), "x" * 5_000], 2, "too long"),
    ],
)
def test_fault_names_its_line_in_both_languages(
    tmp_path: Path, lines: list[str], line: int, words: str
) -> None:
    with pytest.raises(GraphFileFault) as caught:
        read_graph(write_lines(tmp_path / "faulty.jsonl.gz", *lines))
    assert caught.value.data["line"] == line
    assert words in caught.value.sentence("en")
    assert f"第 {line} 行" in caught.value.sentence("zh")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", bytes(range(256)) * 100])
def test_something_else_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(GraphFileFault):
        read_graph(path)


def test_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    write_graph(path, make_banks(), "测试")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(GraphFileFault):
        read_graph(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphFileFault, match="no such file"):
        read_graph(tmp_path / "missing.jsonl.gz")
