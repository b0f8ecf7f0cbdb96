"""What a night says of itself: figures for programs (JSON) and the same as tables for people. Counts and codes only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from app.language.reasons import GATE_TITLES, gate_title, title
from app.models.enums import ProposalOutcome, Reason
from app.planning.entries import Waiting
from app.planning.gates import Findings
from app.planning.problem import LEVEL_NAMES, Task
from app.planning.publish import Published
from app.planning.reasons import Decision
from solver import Plan

OUTCOMES = (
    ("placed", "新安排", "newly placed"),
    ("kept", "维持不变", "kept as they were"),
    ("moved", "调整", "moved"),
    ("unplaced", "未安排", "unplaced"),
    ("displaced", "被当日预约占用", "displaced by bookings meanwhile"),
    ("held_back", "暂缓发布", "held back by a gate"),
    ("offered", "已发出通知", "offered"),
    ("promised", "已承诺（不变）", "promised before, unchanged"),
    ("waiting", "本次不决定", "not decided tonight"),
)


def describe_problem(task: Task, plan: Plan) -> dict[str, Any]:
    """Return what one solved problem says: sizes, levels with value, bound and gap, seconds."""
    return {
        "name": task.share.name,
        "mode": task.share.mode.value,
        "outcome": plan.outcome,
        "cut_short": plan.cut_short,
        "requests": len(task.problem.requests),
        "options": sum(len(request.options) for request in task.problem.requests),
        "resources": len(task.problem.resources),
        "levels": [
            {"name": name, "value": level.value, "bound": level.bound, "gap": level.gap}
            for name, level in zip(LEVEL_NAMES, plan.levels, strict=True)
        ],
        "blocking": len(plan.blocking),
        "blocking_bound": plan.blocking_bound,
        "seconds": round(plan.seconds, 3),
    }


def find_gap(problems: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the largest gap over all levels of all problems; None where a level is not proven at all."""
    gaps = [level["gap"] for problem in problems for level in problem["levels"]]
    return None if any(gap is None for gap in gaps) else max(gaps, default=0.0)


def make_report(
    decisions: Sequence[Decision],
    waiting: Sequence[Waiting],
    findings: Findings,
    problems: Sequence[Mapping[str, Any]],
    *,
    promised: int,
    is_graph: bool,
) -> dict[str, Any]:
    """Return the night's figures before publishing."""
    outcomes = Counter(decision.outcome for decision in decisions)
    unplaced = [each for each in decisions if each.outcome is ProposalOutcome.unplaced]
    return {
        "decided": len(decisions),
        "placed": outcomes[ProposalOutcome.placed],
        "kept": outcomes[ProposalOutcome.kept],
        "moved": sum(
            each.outcome is ProposalOutcome.moved
            or (each.outcome is ProposalOutcome.unplaced and each.entry.held is not None)
            for each in decisions
        ),
        "unplaced": outcomes[ProposalOutcome.unplaced],
        "promised": promised,
        "waiting": len(waiting),
        "unplaced_by_reason": _count(each.reason.value for each in unplaced),
        "unplaced_by_service": _count(each.entry.need.kind.value for each in unplaced),
        "waiting_by_reason": _count(each.refusal.reason.value for each in waiting),
        "gates": findings.count(),
        "inherited": len(findings.inherited),
        "inherited_by_gate": _count(fault.gate for fault in findings.inherited),
        "walking": "graph" if is_graph else "straight_line_x_detour",
        "problems": list(problems),
        "gap": find_gap(problems),
    }


def add_published(report: Mapping[str, Any], done: Published) -> dict[str, Any]:
    """Return the report with what publishing found."""
    return {
        **report,
        "offered": done.offered,
        "displaced": done.displaced,
        "withdrawn": done.withdrawn,
        "skipped_dates": len(done.skipped),
        "joined_waitlists": done.joined_waitlists,
        "rounds_published": list(done.lists),
    }


def _count(words: Any) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda row: (-row[1], row[0])))


def print_report(report: Mapping[str, Any], console: Console) -> None:
    """Print a night as a person reads it: what was wrong before first, then what changed, why not, how sure."""
    if report["inherited"]:
        rows = [
            (gate_title(gate, "zh"), gate_title(gate, "en"), count)
            for gate, count in report["inherited_by_gate"].items()
        ]
        console.print(_make_table("匹配前已有的问题（非本次造成）Found, not caused", rows))
    shown = [(zh, en, report[key]) for key, zh, en in OUTCOMES if report.get(key)]
    console.print(_make_table(f"匹配结果 The plan for {report['effective_on']}", shown))
    if report["unplaced_by_reason"]:
        rows = [
            (title(Reason(code), "zh"), title(Reason(code), "en"), count)
            for code, count in report["unplaced_by_reason"].items()
        ]
        console.print(_make_table("未安排的原因 Why unplaced", rows))
    gates = [
        (gate_title(gate, "zh"), gate_title(gate, "en"), report["gates"].get(gate, 0)) for gate in GATE_TITLES
    ]
    console.print(_make_table("本次造成的违规（必须为 0）Caused by this plan (must be 0)", gates))
    seconds = [(step, "", f"{spent:.1f}") for step, spent in report["seconds_by_step"].items()]
    console.print(_make_table("各步用时（秒）Seconds by step", seconds))
    gap = report["gap"]
    proven = "未完全证明 not fully proven" if gap is None else f"{gap:.4%}"
    if report["walking"] != "graph":
        console.print(
            "步行距离按直线乘系数估算（无路网）。Walks are straight line x detour: there is no graph."
        )
    console.print(
        f"与理论最优的差距 Proven gap: {proven}    总用时 Seconds: {report['seconds']:.1f}", highlight=False
    )


def _make_table(name: str, rows: Sequence[tuple[str, str, Any]]) -> Table:
    table = Table(title=name, title_justify="left", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for zh, en, value in rows:
        table.add_row(zh, en, f"{value:,}" if isinstance(value, int) else str(value))
    return table
