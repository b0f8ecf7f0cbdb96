"""The figures of `carematch status` as a table that a person reads; no queries here."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

ROWS = (
    ("residents", "常住人口", "residents (counts by compound)"),
    ("residents_60_plus", "60 岁及以上", "aged 60 and over"),
    ("residents_under_12", "12 岁以下", "under 12"),
    ("people", "登记人员", "registered people"),
    ("elders", "登记老人", "registered elders"),
    ("children", "登记儿童", "registered children"),
    ("blocks", "街区", "blocks"),
    ("committees", "居民区", "committees"),
    ("compounds", "小区", "compounds"),
    ("sites", "服务点", "sites"),
    ("needs_open", "待匹配需求", "needs decided on"),
)
PLAN_ROWS = (
    ("effective_on", "生效日期", "takes effect on"),
    ("placed", "新安排", "newly placed"),
    ("kept", "维持不变", "kept as they were"),
    ("moved", "调整", "moved"),
    ("unplaced", "未安排", "unplaced"),
    ("revoked", "撤销已承诺名额", "offered or confirmed places revoked"),
    ("split", "拆散兄弟姐妹或夫妻", "siblings or couples split"),
    ("over_capacity", "超出容量", "over capacity"),
    ("ineligible", "不符合条件", "ineligible"),
    ("inherited", "原有问题（非本次造成）", "faults found, not caused"),
    ("gap", "与理论最优的差距", "proven gap to the best possible"),
    ("seconds", "用时（秒）", "seconds"),
)


def print_figures(figures: dict[str, Any], console: Console | None = None) -> None:
    """Print the record's figures and, if there was a night, the plan's."""
    console = console or Console()
    console.print(_make_table("登记册 The record", ROWS, figures))
    if figures["plan"] is None:
        console.print("还没有匹配过；运行 carematch nightly。No night yet; run carematch nightly.")
    else:
        console.print(_make_table("当前方案 The plan in force", PLAN_ROWS, figures["plan"]))


def _make_table(title: str, rows: tuple[tuple[str, str, str], ...], figures: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for key, zh, en in rows:
        table.add_row(zh, en, _say(key, figures[key]))
    return table


def _say(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if key == "gap":
        return f"{value:.4%}"
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
