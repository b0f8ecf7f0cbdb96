"""Reads and writes walking graph files (docs/walking-graph.md): gzip, one JSON value a line. No session here."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np

from app.walking.errors import GraphFileFault
from app.walking.rules import Graph

FORMAT: Final = "carematch-graph/1"
LONGEST_LINE: Final = 4_096
MOST_ROWS: Final = 20_000_000
LONGEST_EDGE_METRES: Final = 20_000.0


def write_graph(path: Path, graph: Graph, source: str) -> None:
    """Write the file; equal graphs give equal bytes."""
    header = {
        "format": FORMAT,
        "source": source,
        "datum": "wgs84",
        "nodes": len(graph.latitude),
        "edges": len(graph.tail),
    }
    lines = [json.dumps(header, ensure_ascii=False)]
    lines += [
        f"[{a!r}, {b!r}]" for a, b in zip(graph.latitude.tolist(), graph.longitude.tolist(), strict=True)
    ]
    edges = zip(graph.tail.tolist(), graph.head.tolist(), graph.metres.tolist(), strict=True)
    lines += [f"[{a}, {b}, {metres!r}]" for a, b, metres in edges]
    path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", mtime=0))


def read_graph(path: Path) -> tuple[Graph, str]:
    """Return a file's graph and its source; raises `GraphFileFault` with the line of the first fault."""
    reader = _Reader(path)
    header = reader.read_header()
    nodes = reader.read_rows(header["nodes"], 2, reader.check_node)
    edges = reader.read_rows(header["edges"], 3, lambda row: reader.check_edge(row, header["nodes"]))
    reader.check_end()
    ends = edges[:, :2].astype(np.int32)
    graph = Graph(
        np.ascontiguousarray(nodes[:, 0]),
        np.ascontiguousarray(nodes[:, 1]),
        np.ascontiguousarray(ends[:, 0]),
        np.ascontiguousarray(ends[:, 1]),
        edges[:, 2].astype(np.float32),
    )
    return graph, header["source"]


class _Reader:
    """Reads line by line, so that a fault has a number and a bomb is never unpacked whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = 0
        self._lines = self._read_lines()

    def _read_lines(self) -> Iterator[str]:
        try:
            with gzip.open(self._path, "rb") as file:
                while text := file.readline(LONGEST_LINE + 1):
                    if len(text) > LONGEST_LINE:
                        self._refuse("行太长", "the line is too long", ahead=1)
                    yield text.decode()
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
            if isinstance(fault, FileNotFoundError):
                self._refuse("文件不存在", "there is no such file", ahead=1)
            self._refuse("不是完整的 gzip 文本文件", "this is not a whole gzip text file", ahead=1)

    def _refuse(self, zh: str, en: str, *, ahead: int = 0) -> NoReturn:
        raise GraphFileFault(self._path.name, self._line + ahead, zh, en)

    def _next(self) -> Any:
        text = next(self._lines, None)
        self._line += 1
        if text is None:
            self._refuse(
                "文件在此中断，行数少于首行所述", "the file ends here, before the rows its header tells"
            )
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self._refuse("不是有效的 JSON", "this is not JSON")

    def read_header(self) -> dict[str, Any]:
        header = self._next()
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            self._refuse(f"首行须为 {FORMAT} 的说明", f"the first line must be a {FORMAT} header")
        if header.get("datum") != "wgs84":
            self._refuse("坐标系须为 wgs84", "the datum must be wgs84")
        for key in ("nodes", "edges"):
            if type(header.get(key)) is not int or not 1 <= header[key] <= MOST_ROWS:
                self._refuse(
                    f"{key} 须为 1 到 {MOST_ROWS} 的整数", f"{key} must be a whole number up to {MOST_ROWS}"
                )
        if not isinstance(header.get("source"), str) or len(header["source"]) > 200:
            self._refuse("source 须为不超过 200 字的文字", "source must be a text of at most 200 characters")
        return dict(header)

    def read_rows(self, count: int, width: int, check: Any) -> Any:
        rows = []
        for _ in range(count):
            row = self._next()
            is_numbers = (
                isinstance(row, list)
                and len(row) == width
                and all(type(n) in {int, float} and math.isfinite(n) for n in row)
            )
            if not is_numbers:
                self._refuse(f"须为 {width} 个数值", f"this must be {width} numbers")
            check(row)
            rows.append(row)
        return np.array(rows, dtype=np.float64)

    def check_node(self, row: list[float]) -> None:
        if not (abs(row[0]) <= 90 and abs(row[1]) <= 180):
            self._refuse("纬度、经度超出范围", "latitude or longitude is out of range")

    def check_edge(self, row: list[float], nodes: int) -> None:
        tail, head, metres = row
        if any(type(end) is not int or not 0 <= end < nodes for end in (tail, head)):
            self._refuse(
                f"节点编号须为 0 到 {nodes - 1} 的整数", f"ends must be whole numbers from 0 to {nodes - 1}"
            )
        if tail == head:
            self._refuse("路段两端是同一节点", "both ends are the same node")
        if not 0 < metres <= LONGEST_EDGE_METRES:
            self._refuse("长度（米）须大于 0 且不超过 20000", "metres must be above 0 and at most 20000")

    def check_end(self) -> None:
        if next(self._lines, None) is not None:
            self._refuse("行数多于首行所述", "there are more rows than the header tells", ahead=1)
