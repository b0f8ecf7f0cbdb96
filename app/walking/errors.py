"""Errors of graph files, each with the line where it stands."""

from __future__ import annotations

from typing import ClassVar

from app.errors import DomainError


class GraphFileFault(DomainError):
    """A graph file that cannot be read as one."""

    status: ClassVar[int] = 422
    code = "graph_file_fault"
    zh = "步行网络文件 {file} 第 {line} 行：{what_zh}。"
    en = "Walking graph file {file}, line {line}: {what_en}."

    def __init__(self, file: str, line: int, what_zh: str, what_en: str) -> None:
        super().__init__(file=file, line=line, what_zh=what_zh, what_en=what_en)


class NoWalkingGraph(DomainError):
    """There is no graph to export."""

    status: ClassVar[int] = 404
    code = "no_walking_graph"
    zh = "库中还没有步行网络；请先用 carematch graph import 导入。"
    en = "There is no walking graph yet; bring one with carematch graph import."


class GraphElsewhere(DomainError):
    """A well-formed graph of some other place."""

    status: ClassVar[int] = 422
    code = "graph_elsewhere"
    zh = "文件 {file} 中没有一个节点在本区范围内；请检查坐标系（须为 WGS-84）和经纬度顺序。"
    en = "No node of {file} lies in the district; check the datum (WGS-84) and the order latitude, longitude."
